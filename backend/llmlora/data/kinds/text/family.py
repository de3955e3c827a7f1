"""The family of texts, as generic code meets it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmlora.contracts.dataset import Example
from llmlora.data.kinds.protocol import DataKind, Detection, Layout, ShapedRow, Unread
from llmlora.data.kinds.text import canonical, looks
from llmlora.data.kinds.text.columns import LISTS
from llmlora.data.kinds.text.detect import (
    KINDS,
    LAYOUTS,
    TextDetection,
    detect,
    layout_of,
    shaped_row,
    typed_row,
)
from llmlora.data.kinds.text.examples import as_text
from llmlora.data.kinds.text.refusals import REFUSAL_NAMES, REFUSALS
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal
from llmlora.data.soundness import Asked

if TYPE_CHECKING:
    import pyarrow as pa

    from llmlora.data.media import MediaSource


class TextFamily:
    """A `Family`."""

    kinds = KINDS
    layouts = LAYOUTS
    list_columns = LISTS
    refusals: Mapping[str, tuple[str, str]] = REFUSALS
    refusal_names: Mapping[str, tuple[str, str]] = REFUSAL_NAMES

    def shaped(self, row: RawRow) -> ShapedRow:
        """The types of its cells."""
        return shaped_row(row)

    def detect(
        self,
        rows: Sequence[ShapedRow],
        columns: Sequence[str] | None,
        *,
        kind: str | None,
        overrides: Mapping[str, str],
    ) -> Detection:
        """By column names and the types of cells."""
        return detect(rows, columns, kind=kind, overrides=overrides)

    def to_example(
        self, row: RawRow, detection: Detection, unread: Unread, _media: "MediaSource"
    ) -> Example | Refusal:
        """The row as messages or texts."""
        return canonical.to_example(row, detection, unread)

    def other_layout(self, row: RawRow, detection: Detection) -> Layout | None:
        """Of a row that lacks what the file's rows need, the layout that its own columns make."""
        if not isinstance(detection, TextDetection) or not canonical.lacks_required(row, detection):
            return None
        other = layout_of(typed_row(row, detection))
        return None if other == detection.layout else other

    def shown(self, example: Example) -> Example:
        """The first turns, each cut."""
        return looks.shown(as_text(example))

    def asked_of(self, example: Example) -> Asked:
        """Question and answer."""
        return looks.asked_of(as_text(example))

    def summary(self) -> None:
        """Nothing."""

    def schema(self) -> "pa.Schema":
        """One for all texts."""
        from llmlora.data.kinds.text.rows import SCHEMA

        return SCHEMA

    def cells_of(self, examples: Sequence[Example]) -> "list[pa.Array]":
        """In the order of the schema."""
        from llmlora.data.kinds.text.rows import cells_of

        return cells_of([as_text(one) for one in examples])

    def example_of(self, kind: DataKind, cells: dict[str, Any]) -> Example:
        """Of the kind's own class."""
        from llmlora.data.kinds.text.rows import example_of

        return example_of(kind, cells)

    def size_of(self, example: Example) -> int:
        """Its characters."""
        return looks.size_of(as_text(example))


FAMILY = TextFamily()
