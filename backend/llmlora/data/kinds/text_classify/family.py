"""The family of texts with labels, as generic code meets it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmlora.contracts.dataset import Example
from llmlora.data.cells import CellRefusedError, required_text
from llmlora.data.kinds.protocol import DataKind, Detection, Layout, ShapedRow, Unread
from llmlora.data.kinds.text_classify.detect import (
    KIND,
    LISTS,
    ONE,
    SEVERAL,
    LabelDetection,
    detect,
    shaped_row,
)
from llmlora.data.kinds.text_classify.examples import LabelledExample, as_labelled
from llmlora.data.kinds.text_classify.labels import one_label, several_labels
from llmlora.data.kinds.text_classify.refusals import REFUSAL_NAMES, REFUSALS
from llmlora.data.kinds.text_classify.summary import LabelSummary
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal, refuse
from llmlora.data.soundness import Asked

if TYPE_CHECKING:
    import pyarrow as pa

    from llmlora.data.media import MediaSource

SHOWN_CHARACTERS = 2000
_OVERHEAD_BYTES = 64


class LabelledTexts:
    """A `Family`."""

    kinds = (KIND,)
    layouts = (ONE, SEVERAL)
    list_columns = LISTS
    refusals: Mapping[str, tuple[str, str]] = REFUSALS
    refusal_names: Mapping[str, tuple[str, str]] = REFUSAL_NAMES

    def shaped(self, row: RawRow) -> ShapedRow:
        """Types, lengths and beginnings of its cells."""
        return shaped_row(row)

    def detect(
        self,
        rows: Sequence[ShapedRow],
        columns: Sequence[str] | None,
        *,
        kind: str | None,
        overrides: Mapping[str, str],
    ) -> Detection:
        """By column names, and by how often values come again."""
        return detect(rows, columns, kind=kind, overrides=overrides)

    def to_example(
        self, row: RawRow, detection: Detection, _unread: Unread, _media: "MediaSource"
    ) -> Example | Refusal:
        """The row as a text and its labels."""
        if row.problem is not None:
            return row.problem
        assert isinstance(detection, LabelDetection)
        text_column, label_column = detection.mapping.values()
        try:
            text = required_text(row.cells, text_column)
            if detection.layout is SEVERAL:
                labels = several_labels(row.cells, label_column, detection.separator)
            else:
                labels = one_label(row.cells, label_column)
        except CellRefusedError as refused:
            return refuse(row.number, refused.reason, refused.column, REFUSALS, **refused.facts)
        return LabelledExample(row=row.number, text=text, labels=labels)

    def other_layout(self, _row: RawRow, _detection: Detection) -> Layout | None:
        """A row without a label is only faulty."""
        return None

    def shown(self, example: Example) -> Example:
        """The text, cut."""
        one = as_labelled(example)
        if len(one.text) <= SHOWN_CHARACTERS:
            return one
        return one.model_copy(update={"text": one.text[:SHOWN_CHARACTERS] + "…"})

    def asked_of(self, example: Example) -> Asked:
        """The text, and its labels as an answer."""
        one = as_labelled(example)
        return Asked(one.row, one.text, ", ".join(sorted(one.labels)))

    def summary(self) -> LabelSummary:
        """Classes, repeats, contradictions."""
        return LabelSummary()

    def schema(self) -> "pa.Schema":
        """Row, text, labels."""
        import pyarrow as pa

        labels = pa.list_(pa.field("item", pa.string(), nullable=False))
        return pa.schema(
            [
                pa.field("row", pa.int64(), nullable=False),
                pa.field("text", pa.string(), nullable=False),
                pa.field("labels", labels, nullable=False),
            ]
        )

    def cells_of(self, examples: Sequence[Example]) -> "list[pa.Array]":
        """In the order of the schema."""
        import pyarrow as pa

        ours = [as_labelled(one) for one in examples]
        rows, texts, labels = (field.type for field in self.schema())
        return [
            pa.array([one.row for one in ours], rows),
            pa.array([one.text for one in ours], texts),
            pa.array([list(one.labels) for one in ours], labels),
        ]

    def example_of(self, _kind: DataKind, cells: dict[str, Any]) -> Example:
        """From our own file: it was validated when it entered."""
        return LabelledExample.model_construct(
            row=cells["row"], text=cells["text"], labels=tuple(cells["labels"])
        )

    def size_of(self, example: Example) -> int:
        """Its characters."""
        one = as_labelled(example)
        return len(one.text) + sum(map(len, one.labels)) + _OVERHEAD_BYTES


FAMILY = LabelledTexts()
