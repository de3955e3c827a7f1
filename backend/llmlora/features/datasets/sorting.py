"""In which order a list of data sets can be: by what its columns show."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, func, select, type_coerce
from sqlmodel import col

from llmlora.features.datasets.errors import SortUnknownError
from llmlora.kit.db import Order
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow

NEWEST_FIRST = "-created"
"""What a list has by itself; its pages need no value to go on behind."""


def order_of(sort: str) -> Order:
    """The order that a request names: one of `_COLUMNS`, with `-` in front for the largest first.

    Raises:
        SortUnknownError: there is no such column.
    """
    column = sort.removeprefix("-")
    if column not in _COLUMNS:
        raise SortUnknownError(column=column, columns=", ".join(_COLUMNS))
    return Order(sort, _COLUMNS[column]())


def _jobs() -> ColumnElement[Any]:
    """How many jobs have it as input."""
    its_own = col(JobRow.inputs)["dataset_id"].astext == col(DatasetRow.id)
    return select(func.count()).select_from(JobRow).where(its_own).correlate(DatasetRow).scalar_subquery()


def _format() -> ColumnElement[Any]:
    return func.concat_ws(" ", col(DatasetRow.source_format), func.lower(col(DatasetRow.encoding)))


_COLUMNS: dict[str, Callable[[], ColumnElement[Any]]] = {
    "name": lambda: func.lower(col(DatasetRow.name)),
    "kind": lambda: type_coerce(col(DatasetRow.kind), Text),
    "format": _format,
    "rows": lambda: type_coerce(col(DatasetRow.rows_kept), BigInteger),
    "size": lambda: type_coerce(col(DatasetRow.original_size_bytes), BigInteger),
    "created": lambda: func.extract("epoch", col(DatasetRow.created_at)),
    "jobs": _jobs,
}
