"""What becomes of every row of a file: kept, or refused with a reason; never neither."""

from collections import Counter

from llmlora.contracts.dataset import Example
from llmlora.data.errors import MixedKindsError, NoRowsError, NoUsableRowError
from llmlora.data.importer_protocol import Counts
from llmlora.data.kinds.protocol import Detection, Family, Layout
from llmlora.data.kinds.registry import reason_name
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal

REFUSALS_LISTED = 100
EXAMPLES_SHOWN = 5


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

    def judge(self, row: RawRow, detection: Detection, family: Family) -> Example | None:
        """The row's example, or None after counting its refusal.

        Raises:
            MixedKindsError: the row is of another kind than the rows before it.
        """
        example = family.to_example(row, detection, self.unread)
        if isinstance(example, Refusal):
            if self.strict and (other := family.other_layout(row, detection)) is not None:
                self._refuse_other_kind(row, detection, other)
            self.refuse(example)
            return None
        self.read += 1
        self.kept += 1
        self.first_kept = self.first_kept or row.number
        if len(self.examples) < EXAMPLES_SHOWN:
            self.examples.append(family.shown(example))
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
                    f"{reason_name(one)[0]} {n} 行" for one, n in self.reasons.most_common()
                ),
                reasons_en=", ".join(f"{reason_name(one)[1]} {n}" for one, n in self.reasons.most_common()),
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

    def _refuse_other_kind(self, row: RawRow, detection: Detection, other: Layout) -> None:
        raise MixedKindsError(
            row_a=self.first_kept or 1,
            kind_a_ja=detection.layout.words[0],
            kind_a_en=detection.layout.words[1],
            row_b=row.number,
            kind_b_ja=other.words[0],
            kind_b_en=other.words[1],
        )
