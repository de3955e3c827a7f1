"""Looks for rows of a data set, and looks it over: what a person wants to find among a million rows, within bounds."""

import asyncio
import sys
import tempfile
from pathlib import Path

from pydantic import ValidationError

from llmlora.data.examine import Examined
from llmlora.data.row_search import Wanted, search_rows
from llmlora.engine.hosts.process import child_environment
from llmlora.features.datasets.errors import (
    FindingsBusyError,
    FindingsDiedError,
    FindingsTooSlowError,
)
from llmlora.features.datasets.schemas import Finding, FindingsOut, FoundRow, FoundRowsOut, Words
from llmlora.features.datasets.service import findings_file, rows_path
from llmlora.features.datasets.tokens import turn
from llmlora.features.datasets.validation import ROWS_SHOWN, remark
from llmlora.kit.files import write_atomically
from llmlora.kit.processes import how_ended, reporting_child
from llmlora.tables.dataset import DatasetRow

SEARCH_S = 1.5
"""How long one answer looks: whoever waits for it sees how far it has come, and asks for the rest."""
AT_ONCE = 2
EXAMINE_S = 120.0
ROWS_TOLD = 100
"""Of a finding; the others are found by looking for it."""
_GRACE_S = 2.0
_MAX_REPORT_BYTES = 16 << 20
_searches = asyncio.Semaphore(AT_ONCE)


async def find_rows(
    row: DatasetRow, data_dir: Path, wanted: Wanted, *, offset: int, limit: int, problem: str | None
) -> FoundRowsOut:
    """Rows from the `offset`-th on that are as wanted; with `problem`, those that a finding of this code names.

    Raises:
        DatasetFilesGoneError: its rows are no longer there.
        AppError: as `examine_dataset`, with `problem`.
    """
    path = rows_path(row, data_dir)
    if problem is not None:
        remarked = (await _examined(row, data_dir)).found.get(problem)
        numbers = {number for group in (remarked.rows if remarked else []) for number in group}
        wanted = Wanted(wanted.words, wanted.part, wanted.shortest, wanted.longest, numbers, wanted.from_row)
    async with _searches:
        found = await asyncio.to_thread(search_rows, path, wanted, offset=offset, limit=limit, for_s=SEARCH_S)
    data = [FoundRow(at=at, example=one) for at, one in zip(found.places, found.examples, strict=True)]
    return FoundRowsOut(data=data, looked_at=found.looked_at, next=found.next)


async def examine_dataset(row: DatasetRow, data_dir: Path) -> FindingsOut:
    """What is to be known of a data set before one trains on it; looked for once, then kept.

    Raises:
        DatasetFilesGoneError: its rows are no longer there.
        FindingsBusyError: others are looked over, for long.
        FindingsTooSlowError: it does not end in time.
    """
    examined = await _examined(row, data_dir)
    return FindingsOut(
        looked_at=examined.looked_at,
        compared=examined.compared,
        total=row.rows_kept,
        data=[_finding(code, one.count, one.rows) for code, one in examined.found.items()],
    )


def _finding(code: str, count: int, rows: list[list[int]]) -> Finding:
    words = remark(code, rows[: ROWS_SHOWN + 1], {"n": count})
    return Finding(
        code=code,
        state=words.state,
        title=Words(ja=words.ja, en=words.en),
        cure=Words(ja=words.cure_ja, en=words.cure_en),
        count=count,
        rows=rows[:ROWS_TOLD],
    )


async def _examined(row: DatasetRow, data_dir: Path) -> Examined:
    file = findings_file(data_dir, row.rows_sha256)
    if (known := await asyncio.to_thread(_kept, file)) is not None:
        return known
    file.parent.mkdir(parents=True, exist_ok=True)
    async with turn(file.parent, "examine", FindingsBusyError):
        if (known := await asyncio.to_thread(_kept, file)) is not None:
            return known
        examined = await _run_child(rows_path(row, data_dir))
        await asyncio.to_thread(write_atomically, file, examined.model_dump_json().encode())
        return examined


def _kept(file: Path) -> Examined | None:
    """What was found before; None where nothing is kept, or in another form."""
    try:
        return Examined.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None


async def _run_child(rows: Path) -> Examined:
    argv = [sys.executable, "-m", "llmlora.data.examine", str(rows)]
    with tempfile.TemporaryDirectory(prefix="llmlora-examine-") as scratch:
        output = Path(scratch) / "output.log"
        try:
            async with reporting_child(
                argv,
                env=child_environment(),
                output=output,
                longest_bytes=_MAX_REPORT_BYTES,
                grace_s=_GRACE_S,
            ) as child:
                async with asyncio.timeout(EXAMINE_S):
                    line = await child.lines.readline()
                try:
                    return Examined.model_validate_json(line)
                except ValidationError as error:  # killed before, or in the middle of, its answer
                    raise FindingsDiedError(how=how_ended(await child.ended())) from error
        except TimeoutError as error:
            raise FindingsTooSlowError(limit_s=int(EXAMINE_S)) from error
