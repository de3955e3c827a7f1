"""Datasets as the wire shows them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from llmlora.contracts.dataset import DatasetKind, Example
from llmlora.data.importer_protocol import Counts


class DatasetOut(BaseModel):
    """One dataset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: DatasetKind
    source_format: str
    encoding: str | None
    original_name: str
    original_sha256: str
    original_size_bytes: int
    rows_sha256: str
    mapping: dict[str, str]
    ignored_columns: list[str]
    counts: Counts
    created_at: datetime


class DatasetAdded(BaseModel):
    """The dataset of a file. `already_known`: the same bytes read the same way were here before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: DatasetOut
    already_known: bool


class DatasetPage(BaseModel):
    """Some rows of a dataset; `next` is the offset of the following page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: list[Example]
    next: int | None
