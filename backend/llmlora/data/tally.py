"""What becomes of every row of a file: kept, or refused with a reason; never neither."""

from collections import Counter

from llmlora.contracts.dataset import Example
from llmlora.data.canonical import lacks_required, to_example
from llmlora.data.detect import Detection, layout_of, settled, shape_of
from llmlora.data.errors import MixedKindsError, NoRowsError, NoUsableRowError
from llmlora.data.importer_protocol import Counts
from llmlora.data.raw import RawRow
from llmlora.data.refusals import REASON_NAMES, Refusal

REFUSALS_LISTED = 100
EXAMPLES_SHOWN = 5
SHOWN_CHARACTERS = 2000
SHOWN_TURNS = 20


class Tally:
    """Counts what becomes of every row."""

    def __init__(self, *, strict: bool) -> None:
        self.strict = strict
        self.read = self.kept = 0
        self.first_kept = 0
        self.reasons: Counter[str] = Counter()
        self.first_refused: list[Refusal] = []
        self.examples: list[Example] = []
        self.unread: dict[str, None] = {}
        """Keys inside of turns that were not read, in the order of their appearance."""

    def judge(self, row: RawRow, detection: Detection) -> Example | None:
        """The row's example, or None after counting its refusal.

        Raises:
            MixedKindsError: the row is of another kind than the rows before it.
        """
        example = to_example(row, detection, self.unread)
        if isinstance(example, Refusal):
            if self.strict and lacks_required(row, detection):
                self._refuse_other_kind(row, detection)
            self.refuse(example)
            return None
        self.read += 1
        self.kept += 1
        self.first_kept = self.first_kept or row.number
        if len(self.examples) < EXAMPLES_SHOWN:
            self.examples.append(_clipped(example))
        return example

    def refuse(self, refusal: Refusal) -> None:
        """Count a row that does not enter."""
        self.read += 1
        self.reasons[refusal.reason] += 1
        if len(self.first_refused) < REFUSALS_LISTED:
            self.first_refused.append(refusal)

    def refuse_useless(self, name: str) -> None:
        """Raises:
        NoRowsError: no row was read.
        NoUsableRowError: none was kept.
        """
        if not self.read:
            raise NoRowsError(name=name)
        if not self.kept:
            first = self.first_refused[0]
            where = f"{first.column}: " if first.column else ""
            raise NoUsableRowError(
                read=self.read,
                reasons_ja="、".join(
                    f"{REASON_NAMES[one][0]} {n} 行" for one, n in self.reasons.most_common()
                ),
                reasons_en=", ".join(f"{REASON_NAMES[one][1]} {n}" for one, n in self.reasons.most_common()),
                row=first.row,
                first_ja=where + first.ja,
                first_en=where + first.en,
            )

    def counts(self) -> Counts:
        """The sums."""
        return Counts(
            read=self.read,
            kept=self.kept,
            refused=self.read - self.kept,
            refused_by_reason=dict(self.reasons.most_common()),
            first_refused=self.first_refused,
        )

    def _refuse_other_kind(self, row: RawRow, detection: Detection) -> None:
        other = layout_of(settled(shape_of(row.cells), detection.turn_columns))
        if other is not None and other != detection.layout:
            raise MixedKindsError(
                row_a=self.first_kept or 1,
                kind_a_ja=detection.layout.words[0],
                kind_a_en=detection.layout.words[1],
                row_b=row.number,
                kind_b_ja=other.words[0],
                kind_b_en=other.words[1],
            )


def _clipped(example: Example) -> Example:
    """An example short enough to be shown."""

    def clip(text: str | None) -> str | None:
        long = text is not None and len(text) > SHOWN_CHARACTERS
        return text[:SHOWN_CHARACTERS] + "…" if long and text is not None else text

    turns = tuple(
        m.model_copy(
            update={
                "content": clip(m.content),
                "tool_calls": clip(m.tool_calls),
                "reasoning": clip(m.reasoning),
                "name": clip(m.name),
            }
        )
        for m in example.messages[:SHOWN_TURNS]
    )
    return example.model_copy(
        update={"messages": turns, **{name: clip(value) for name, value in example if isinstance(value, str)}}
    )
