"""What the importer child is asked and what it answers: JSON lines."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pydantic import (
    BaseModel,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
)

from llmlora.contracts.dataset import DatasetKind, Example
from llmlora.data.kinds.registry import find_kind
from llmlora.data.raw import SheetRows, SourceFormat
from llmlora.data.refusals import Refusal
from llmlora.kit.sent_errors import SentError


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _path_from_wire(value: Any) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str):
        raise ValueError("a path is needed")
    return Path(os.fsdecode(unquote_to_bytes(value)))


def _path_to_wire(path: Path) -> str:
    return quote_from_bytes(os.fsencode(path))


WirePath = Annotated[Path, PlainValidator(_path_from_wire), PlainSerializer(_path_to_wire, when_used="json")]
"""A path whose name may be no UTF-8 (Japanese archives unpack to such names); percent-encoded in JSON."""


class Request(_Shape):
    """What to read. `directory` None: look only, write nothing."""

    source: WirePath
    directory: WirePath | None
    kind: DatasetKind | None
    mapping: dict[str, str]
    encoding: str | None = None
    """Of a text file, as its user names it; None: told by the text."""


class FileCounts(_Shape):
    """One file of an archive, and its rows. `first_row`: the number that its row 1 has in the data set's count."""

    name: str
    format: SourceFormat
    encoding: str | None
    mapping: dict[str, str]
    first_row: int
    read: int
    kept: int
    sheet: SheetRows | None = None


class Counts(_Shape):
    """Rows read = kept + refused. `files`: of an archive, those that the rows came from, in order."""

    read: int
    kept: int
    refused: int
    refused_by_reason: dict[str, int]
    first_refused: list[Refusal]
    files: list[FileCounts] = []
    sheet: SheetRows | None = None
    """Where the rows of a single CSV or TSV stand in a spreadsheet; not known of older data sets."""


class Found(_Shape):
    """What the file is."""

    format: SourceFormat
    encoding: str | None
    size_bytes: int
    kind: DatasetKind
    mapping: dict[str, str]
    mapping_by: Literal["exact", "synonym", "guess", "given"]
    columns: list[str]
    ignored_columns: list[str]
    """Columns that are not read, and keys inside of turns that are not (`messages[].key`)."""


class Identified(_Shape):
    """Enough to know whether this dataset is there already."""

    type: Literal["identified"] = "identified"
    sha256: str
    kind: DatasetKind
    mapping: dict[str, str]
    encoding: str | None


class Progress(_Shape):
    """How far it is, in bytes."""

    type: Literal["progress"] = "progress"
    stage: Literal["copy", "read"]
    done_bytes: int
    total_bytes: int


class Result(_Shape):
    """The end of a good import. Without a directory: of the first rows, and without files."""

    type: Literal["result"] = "result"
    found: Found
    counts: Counts
    examples: list[SerializeAsAny[Example]]
    original: str | None
    original_sha256: str | None
    rows_sha256: str | None

    @field_validator("examples", mode="before")
    @classmethod
    def _of_its_kind(cls, examples: list[Any], info: ValidationInfo) -> list[Any]:
        """On the other side of the pipe they are examples of their kind again."""
        found = info.data.get("found")
        if found is None:
            return []
        shape = find_kind(found.kind).example
        return [one if isinstance(one, Example) else shape.model_validate(one) for one in examples]


class Refused(SentError):  # noqa: N818 - a message, which nobody raises
    """The end of a bad one: an error by its code and facts."""

    type: Literal["error"] = "error"
