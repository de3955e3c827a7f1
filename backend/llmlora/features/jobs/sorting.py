"""In which order a list of jobs can be: by what every job has, by a setting, by a curve's last or extreme value.

Nothing of it is stored for the sake of the order: a setting and a last value stand in the job's row, an extreme is read
from the few coarsest buckets of its curve.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Double, Text, case, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.states import JobState
from llmlora.features.jobs.errors import SortUnknownError
from llmlora.kit.db import Order
from llmlora.recipes import RECIPES
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow
from llmlora.tables.metric_bucket import SPANS, MetricBucketRow

Value = ColumnElement[Any]
EXTREMES = ("min", "max")


@dataclass(frozen=True)
class Extremes:
    """The smallest and the largest finite value of a curve."""

    min: float
    max: float


def order_of(sort: str) -> Order:
    """The order that a request names: a column, with `-` in front for the largest first.

    Columns are those of `_COLUMNS`, `config.<setting>`, `last.<metric>`, `min.<metric>` and `max.<metric>`, of every recipe.

    Raises:
        SortUnknownError: there is no such column.
    """
    column = sort.removeprefix("-")
    plain = _COLUMNS.get(column)
    value = plain() if plain else _declared(column)
    if value is None:
        raise SortUnknownError(column=column, columns=", ".join(_COLUMNS))
    return Order(sort, value)


async def extremes_of(session: AsyncSession, jobs: Sequence[JobRow]) -> dict[str, dict[str, Extremes]]:
    """Of these jobs' curves that have a better direction, or a peak that matters: their extremes, by job and metric."""
    names = {
        metric.name
        for recipe in {job.recipe for job in jobs} & RECIPES.keys()
        for metric in RECIPES[recipe].metrics
        if metric.better != "neither"
    }
    if not names:
        return {}
    bucket = MetricBucketRow
    curve = (col(bucket.job_id), col(bucket.name))
    wanted = (
        select(*curve, func.min(col(bucket.min_value)), func.max(col(bucket.max_value)))
        .where(curve[0].in_([job.id for job in jobs]), curve[1].in_(names), col(bucket.span) == SPANS[-1])
        .group_by(*curve)
    )
    found: dict[str, dict[str, Extremes]] = {}
    for job_id, name, least, most in await session.execute(wanted):
        if least is not None and most is not None:
            found.setdefault(job_id, {})[name] = Extremes(least, most)
    return found


def _declared(column: str) -> Value | None:
    """The value of a setting or a metric that a recipe declares."""
    kind, _, name = column.partition(".")
    if kind == "config":
        known = any(name in spec.config.model_fields for spec in RECIPES.values())
        return col(JobRow.config)[name] if known else None
    if not any(name == metric.name for spec in RECIPES.values() for metric in spec.metrics):
        return None
    if kind == "last":
        return col(JobRow.latest_metrics)[name]["value"]
    return _extreme(kind, name) if kind in EXTREMES else None


def _extreme(kind: str, name: str) -> Value:
    bucket = MetricBucketRow
    summed = func.min(col(bucket.min_value)) if kind == "min" else func.max(col(bucket.max_value))
    return (
        select(summed)
        .where(col(bucket.job_id) == col(JobRow.id), col(bucket.name) == name, col(bucket.span) == SPANS[-1])
        .scalar_subquery()
    )


def of_dataset(column: Any) -> Value:
    """A column of a job's data set; null where it is gone."""
    wanted = col(JobRow.inputs)["dataset_id"].astext
    return select(column).where(col(DatasetRow.id) == wanted).correlate(JobRow).scalar_subquery()


def of_base(column: Any) -> Value:
    """A column of a job's base model; null where it is gone, or not there yet."""
    wanted = col(JobRow.inputs)["base_model"].astext
    return select(column).where(col(BaseModelRow.id) == wanted).correlate(JobRow).scalar_subquery()


def _duration() -> Value:
    """Of one that runs: until now."""
    ended = func.coalesce(col(JobRow.finished_at), func.now())
    lasted: Value = func.extract("epoch", ended - col(JobRow.started_at))
    return lasted


def _share() -> Value:
    done, total = (col(JobRow.progress)[name].astext.cast(Double) for name in ("done", "total"))
    share: Value = done / func.nullif(total, 0)
    return share


_COLUMNS: dict[str, Callable[[], Value]] = {
    "name": lambda: func.lower(col(JobRow.name)),
    "state": lambda: case(
        {state.value: place for place, state in enumerate(JobState)}, value=col(JobRow.state)
    ),
    "recipe": lambda: type_coerce(col(JobRow.recipe), Text),
    "dataset": lambda: func.lower(of_dataset(col(DatasetRow.name))),
    "rows": lambda: of_dataset(col(DatasetRow.rows_kept)),
    "base_model": lambda: func.lower(of_base(col(BaseModelRow.reference))),
    "progress": _share,
    "duration": _duration,
    "created": lambda: func.extract("epoch", col(JobRow.created_at)),
}
