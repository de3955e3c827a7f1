"""What a family of data kinds does for those who know none by name: tell what a file is, make rows of it, keep and show them.

A family is a folder here, or in a directory that `LLMLORA_DATA_KINDS` names, whose `family.py` has a `FAMILY`. It must be cheap to
import: whoever lists kinds imports all of them; Arrow and the like are imported by the methods that need them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import JsonValue

from llmlora.contracts.dataset import Example
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal
from llmlora.data.soundness import Asked

if TYPE_CHECKING:
    import pyarrow as pa

    from llmlora.data.media import MediaSource
    from llmlora.data.token_previews import TokenLengths, TokenRow
    from llmlora.data.tokenizer import ChatTokenizer

Unread = dict[str, None]
"""Names of keys that nothing was made of, in the order in which they were met."""


class Tokens(Protocol):
    """How a text model reads the rows of a kind."""

    def estimated(self, example: Example, tokens_per_other: float) -> tuple[int, int]:
        """(all, supervised) tokens of a row, from its characters. `tokens_per_other`: of one beyond ASCII."""


class TokenPreviews(Protocol):
    """What a training would make of the rows of a kind, token by token."""

    @property
    def drop_names(self) -> Mapping[str, tuple[str, str]]:
        """Why a training leaves rows out, in a few words, by the codes of its ledger."""

    def rows(
        self, examples: Iterable[Example], tokenizer: "ChatTokenizer", *, max_length: int
    ) -> "list[list[TokenRow]]":
        """The training texts of each example, cut at `max_length` tokens as training would."""

    def lengths(
        self, examples: Iterable[Example], tokenizer: "ChatTokenizer", *, max_length: int, directory: Path
    ) -> "TokenLengths":
        """The lengths of all rows and the ledger of a training, tokenized into `directory`.

        Raises:
            InvalidInputError: nothing of the data set would be trained as it should.
        """


@dataclass(frozen=True)
class DataKind:
    """A kind as its family declares it. `words`: what a sentence calls it, Japanese and English.

    `media`: types of pictures and sounds that its rows can show. `tokens`: how a text model reads such rows, where one
    does; `previews`: how what it would be trained on is shown and counted, where that can be told before a training.
    """

    name: str
    words: tuple[str, str]
    example: type[Example]
    media: frozenset[str] = frozenset()
    tokens: "Tokens | None" = None
    previews: "TokenPreviews | None" = None


@dataclass(frozen=True)
class Layout:
    """One way in which columns make a kind. `lists`: these columns must hold lists for the layout to be meant."""

    kind: DataKind
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All canonical names."""
        return self.required + self.optional

    @property
    def words(self) -> tuple[str, str]:
        """The kind and the columns that make it: Japanese, English."""
        ja, en = self.kind.words
        columns = ", ".join(self.required)
        return f"{ja}（{columns}）", f"{en} ({columns})"


@dataclass(frozen=True)
class Detection:
    """A layout and the column of each of its fields. `by`: exact names, synonyms, names that contain a word for it (a
    guess), or the user's word. A family may keep more in a subclass."""

    layout: Layout
    mapping: dict[str, str]
    by: str
    columns: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The kind of the rows."""
        return self.layout.kind.name

    @property
    def read_columns(self) -> tuple[str, ...]:
        """Columns that are read: those of the fields, unless a family reads more."""
        return tuple(self.mapping.values())

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        """Columns that are not read."""
        return tuple(c for c in self.columns if c not in self.read_columns)


@dataclass(frozen=True, slots=True)
class ShapedRow:
    """A row without its contents, which can be 16 MiB: its number, what its family keeps of each cell, its problem."""

    number: int
    shape: dict[str, Any]
    problem: Refusal | None


class Summary(Protocol):
    """What a family tells of all rows of a data set together."""

    def note(self, example: Example) -> None:
        """Count one row."""

    def facts(self) -> dict[str, JsonValue]:
        """What was counted, bounded in size; keys and meanings are the family's."""


class Family(Protocol):
    """Kinds that are detected, read and kept by the same code."""

    @property
    def kinds(self) -> tuple[DataKind, ...]:
        """In the order in which they are listed. Their names begin with the folder's, whose first `_` may stand for a dot."""

    @property
    def layouts(self) -> "tuple[Layout, ...]":
        """Every way in which columns make one of its kinds; at least one of each."""

    @property
    def list_columns(self) -> frozenset[str]:
        """Columns (as `columns.folded` has them) whose lists are a cell of a row, not the rows of a file."""

    @property
    def refusals(self) -> Mapping[str, tuple[str, str]]:
        """Reasons of its own to refuse a row, beside `refusals.REASONS`: code → a sentence, Japanese and English."""

    @property
    def refusal_names(self) -> Mapping[str, tuple[str, str]]:
        """The same in a few words, as they are counted."""

    def shaped(self, row: RawRow) -> ShapedRow:
        """What detection needs of a row."""

    def detect(
        self,
        rows: Sequence[ShapedRow],
        columns: Sequence[str] | None,
        *,
        kind: str | None,
        overrides: Mapping[str, str],
    ) -> Detection:
        """Kind and mapping of a file from its first rows. `columns`: those of a table; None for JSON.

        Raises:
            MissingColumnError: no layout fits: perhaps it is of another family.
            BadMappingError: an override names an unknown field or column.
            FileRefusedError: it is of this family, and cannot be read.
        """

    def to_example(
        self, row: RawRow, detection: Detection, unread: Unread, media: "MediaSource"
    ) -> Example | Refusal:
        """The example that a row is, or why it is none. Keys that nothing was made of go to `unread`.

        Raises:
            ArchiveRefusedError: a picture or sound that it shows cannot be unpacked; nothing else is ever raised.
        """

    def other_layout(self, row: RawRow, detection: Detection) -> Layout | None:
        """The layout of a refused row that is plainly of another kind than the file; None where it is only faulty."""

    def shown(self, example: Example) -> Example:
        """An example short enough to be shown."""

    def asked_of(self, example: Example) -> Asked:
        """What it asks and answers, to be looked at before a training."""

    def summary(self) -> "Summary | None":
        """A count over all rows of one data set, which its manifest keeps; None where there is nothing to count."""

    def schema(self) -> "pa.Schema":
        """The canonical columns."""

    def cells_of(self, examples: Sequence[Example]) -> "list[pa.Array]":
        """Examples as canonical columns."""

    def example_of(self, kind: DataKind, cells: dict[str, Any]) -> Example:
        """An example from a row of our own file: it was validated when it entered."""

    def size_of(self, example: Example) -> int:
        """About how many bytes it takes in memory."""
