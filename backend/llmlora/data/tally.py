"""What becomes of every row of a file: kept, or refused with a reason; never neither."""

from collections import Counter
from dataclasses import replace

from llmlora.contracts.dataset import Example
from llmlora.data.errors import MixedKindsError, NoRowsError, NoUsableRowError
from llmlora.data.importer_protocol import Counts, FileCounts
from llmlora.data.kinds.protocol import Detection, Family, Layout
from llmlora.data.kinds.registry import reason_name
from llmlora.data.media import MediaSource
from llmlora.data.parts import Part
from llmlora.data.raw import RawRow, SheetRows
from llmlora.data.read import Source
from llmlora.data.refusals import Refusal, storable_text

REFUSALS_LISTED = 100
EXAMPLES_SHOWN = 5


class Tally:
    """Counts what becomes of every row."""

    def __init__(self) -> None:
        self.strict = False
        self.read = self.kept = 0
        self.first_kept = 0
        self.reasons: Counter[str] = Counter()
        self.first_refused: list[Refusal] = []
        self.examples: list[Example] = []
        self.unread: dict[str, None] = {}
        """Keys inside of turns that were not read, in the order of their appearance."""
        self.files: list[FileCounts] = []
        self.sheet: SheetRows | None = None
        self._file: str | None = None
        self._before = self._last = 0
        self._rows_before = (0, 0)

    def begin(self, part: Part, *, strict: bool) -> None:
        """The rows that follow are those of this file. Their numbers go on from those of the files before it.

        `strict`: a row of another kind ends the import.
        """
        self.strict, self._file = strict, part.name
        self._before, self.first_kept, self._rows_before = self._last, 0, (self.read, self.kept)

    def _numbered(self, row: RawRow) -> RawRow:
        """The row under its number in the whole data set."""
        if not self._before:
            return row
        number = row.number + self._before
        problem = row.problem and row.problem.model_copy(update={"row": number})
        return replace(row, number=number, problem=problem)

    def end(self, source: Source, detection: Detection) -> None:
        """The file's rows have passed."""
        if self._file is None:
            self.sheet = source.sheet
        else:
            read, kept = self._rows_before
            self.files.append(
                FileCounts(
                    name=storable_text(self._file),
                    format=source.format,
                    encoding=source.encoding,
                    mapping=detection.mapping,
                    first_row=self._before + 1,
                    read=self.read - read,
                    kept=self.kept - kept,
                    sheet=source.sheet,
                )
            )

    def judge(self, row: RawRow, detection: Detection, family: Family, media: MediaSource) -> Example | None:
        """The row's example, or None after counting its refusal.

        Raises:
            MixedKindsError: the row is of another kind than the rows before it.
        """
        row = self._numbered(row)
        self._last = max(self._last, row.number)
        example = family.to_example(row, detection, self.unread, media)
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
            origin = (
                {"file": storable_text(self._file), "line": refusal.row - self._before} if self._file else {}
            )
            self.first_refused.append(refusal.model_copy(update=origin))

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
            where = f"{first.file} {first.line}: {where}" if first.file else where
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
            files=self.files,
            sheet=self.sheet,
        )

    def _refuse_other_kind(self, row: RawRow, detection: Detection, other: Layout) -> None:
        raise MixedKindsError(
            row_a=max(self.first_kept - self._before, 1),
            kind_a_ja=detection.layout.words[0],
            kind_a_en=detection.layout.words[1],
            row_b=row.number - self._before,
            kind_b_ja=other.words[0],
            kind_b_en=other.words[1],
        )
