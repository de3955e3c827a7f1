"""Datasets as the wire shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, Json, JsonValue, StringConstraints

from llmlora.contracts.dataset import Example
from llmlora.data.importer_protocol import Counts, Found
from llmlora.data.kinds.registry import KnownKind, kinds
from llmlora.data.token_ledger import Ledger
from llmlora.data.token_previews import LengthBin, TokenRow
from llmlora.kit.web.pages import Page

MAX_ROWS = 10_000
_NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no NUL

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_NO_NUL)]
Mapping = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=64, pattern=_NO_NUL)],
        Annotated[str, StringConstraints(max_length=1024, pattern=_NO_NUL)],
    ],
    Field(max_length=64, description="Canonical name → column of the file; wins over what is detected."),
]
Encoding = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=_NO_NUL),
    Field(
        description="Encoding of a text file, e.g. `utf-8`, `cp932` or `cp1252`; wins over what is detected."
    ),
]
Row = Annotated[dict[str, JsonValue], Field(min_length=1, max_length=1024)]


if TYPE_CHECKING:
    AnyExample = Example
else:
    # The document names what an example of each kind holds.
    AnyExample = Union[tuple(dict.fromkeys(kind.example for kind in kinds().values()))]  # noqa: UP007


class Words(BaseModel):
    """The same words in both languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ja: str
    en: str


class DatasetOut(BaseModel):
    """One dataset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: str
    source_format: str
    encoding: str | None
    original_name: str
    original_sha256: str
    original_size_bytes: int
    rows_sha256: str
    mapping: dict[str, str]
    ignored_columns: list[str]
    counts: Counts
    tags: list[str]
    note: str
    created_at: datetime


class DatasetAdded(BaseModel):
    """The dataset of a file. `already_known`: the same bytes read the same way were here before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: DatasetOut
    already_known: bool


class DatasetPage(BaseModel):
    """Some rows of a dataset; `next` is the offset of the following page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: list[AnyExample]
    next: int | None


class FoundRow(BaseModel):
    """A row that was looked for. `at`: its place in the data set, from 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: int
    example: AnyExample


class FoundRowsOut(BaseModel):
    """Rows that were looked for, in order. `looked_at`: how many rows this answer has looked at, from its `offset` on; `next`:
    the offset where the search goes on, null where it has reached the end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: list[FoundRow]
    looked_at: int
    next: int | None


class Finding(BaseModel):
    """What is to be known before one trains on some rows. `fail`: it would go wrong; `warn`: look at them. `rows`: the first,
    by number, those together that belong together; `count`: how many there are in all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    state: Literal["warn", "fail"]
    title: Words
    cure: Words
    count: int
    rows: list[list[int]]


class FindingsOut(BaseModel):
    """What was found among the rows. `looked_at`: the first so many of them; `compared`: among how many of those one looked
    for rows that are nearly the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    looked_at: int
    compared: int
    total: int
    data: list[Finding]


class UsedDataset(DatasetOut):
    """One dataset and how many jobs have it as input; `open_jobs`: those of them that have not ended."""

    jobs: int
    open_jobs: int


class DatasetList(Page[UsedDataset]):
    """One page of the datasets. Of all that match, on all pages: `total` says how many, `rows` and `size_bytes` how many rows
    they have and how large their files are."""

    total: int
    rows: int
    size_bytes: int


class DatasetDetail(UsedDataset):
    """One dataset and the jobs that have it as input, newest first, at most 100. `facts`: what its kind tells of all rows,
    e.g. how many each class has; empty where it tells nothing."""

    used_by: list[str]
    facts: dict[str, JsonValue]


class DatasetPreview(BaseModel):
    """What a file would become, judged by its first rows. Nothing was saved."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    found: Found
    counts: Counts
    examples: list[AnyExample]


class NewDataset(BaseModel):
    """A dataset written in place: each row an object with the columns of one example."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    kind: KnownKind | None = None
    mapping: Mapping | None = None
    rows: Annotated[list[Row], Field(min_length=1, max_length=MAX_ROWS)]


class UploadFields(BaseModel):
    """What may stand beside the file in a form. `mapping` is JSON text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = None
    kind: KnownKind | None = None
    mapping: Json[Mapping] | None = None
    encoding: Encoding | None = None


class PreviewFields(BaseModel):
    """What may stand beside the file in a form for a preview. `mapping` is JSON text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: KnownKind | None = None
    mapping: Json[Mapping] | None = None
    encoding: Encoding | None = None


class PreviewRequest(BaseModel):
    """A preview of an upload whose bytes have all arrived."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    upload_id: Annotated[str, StringConstraints(pattern=r"^\w{1,64}$")]
    kind: KnownKind | None = None
    mapping: Mapping | None = None
    encoding: Encoding | None = None


class UploadOut(BaseModel):
    """One upload in pieces and how far it has come."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    file_name: str
    size_bytes: int
    offset_bytes: int
    sha256: str | None
    created_at: datetime


class FinishUpload(BaseModel):
    """How to read the uploaded file; everything may be left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = None
    kind: KnownKind | None = None
    mapping: Mapping | None = None
    encoding: Encoding | None = None


class TokenPage(BaseModel):
    """The training texts of some rows; `next` is the row offset of the following page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_model: str
    max_length: int
    data: list[TokenRow]
    next: int | None


class TokenLengthsOut(BaseModel):
    """Lengths of all training rows in tokens, after truncation at `max_length`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_model: str
    max_length: int
    bins: list[LengthBin]
    ledger: Ledger
