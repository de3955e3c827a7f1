"""What is done with evaluations: kept when a run completes, found, compared."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.evaluation import FILE, Evaluation, Figure, Outcome, read_evaluation
from llmlora.features.evaluations import repository
from llmlora.features.evaluations.errors import (
    EvaluationNotFoundError,
    EvaluationOfItselfError,
    EvaluationRowsGoneError,
)
from llmlora.features.evaluations.repository import Listed
from llmlora.features.evaluations.schemas import (
    Difference,
    EvaluationComparison,
    EvaluationDetail,
    EvaluationOut,
    OutcomePage,
)
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database, or_refuse
from llmlora.kit.ids import new_id
from llmlora.tables.evaluation import EvaluationRow
from llmlora.tables.job import JobRow

# What a report has rounded on its way through JSON is still the same figure.
SAME = 1e-6

_log = structlog.get_logger()


async def keep_evaluation(session: AsyncSession, job: JobRow, body: Mapping[str, Any]) -> None:
    """Store what a completed run has reported. A body of another shape stays a report and no more: the run has done its work."""
    try:
        found = Evaluation.model_validate(body)
    except ValidationError as error:
        _log.warning("report is no evaluation", job=job.id, reason=str(error.errors()[0]["msg"]))
        return
    report = found.report()
    row = EvaluationRow(
        id=new_id("evl"),
        job_id=job.id,
        dataset_id=found.dataset_id if await repository.is_dataset(session, found.dataset_id) else None,
        dataset_sha256=found.dataset_sha256,
        kind=found.kind,
        rows=found.rows,
        figures=[one.model_dump(mode="json") for one in found.figures],
        body=report,
        created_at=utc_now(),
    )
    await repository.keep(session, row)


async def list_evaluations(
    session: AsyncSession,
    *,
    dataset_sha256: str | None = None,
    job_id: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[EvaluationOut]:
    """Evaluations that match everything given, newest first."""
    found = await repository.list_newest_first(
        session, dataset_sha256=dataset_sha256, job_id=job_id, after=after, limit=limit
    )
    return [EvaluationOut(**_shown(one)) for one in found]


async def get_evaluation(session: AsyncSession, evaluation_id: str) -> EvaluationDetail:
    """One evaluation.

    Raises:
        EvaluationNotFoundError: there is none with that id.
    """
    found = await _find(session, evaluation_id)
    body = Evaluation.model_validate(found.row.body)
    parts = {name: getattr(body, name) for name in EvaluationDetail.model_fields if hasattr(body, name)}
    return EvaluationDetail(**{**parts, **_shown(found)})


async def outcomes_of(
    database: Database,
    data_dir: Path,
    evaluation_id: str,
    *,
    expected: str | None,
    predicted: str | None,
    offset: int,
    limit: int,
) -> OutcomePage:
    """The rows of a cell of the confusion matrix: of one class, taken for another (or the same).

    Raises:
        EvaluationNotFoundError: there is none with that id.
        EvaluationRowsGoneError: its outcomes are gone.
    """
    whole = await _whole(database, data_dir, evaluation_id)
    found = [
        one
        for one in whole.outcomes
        if (expected is None or expected in one.expected)
        and (predicted is None or predicted in one.predicted)
    ]
    return OutcomePage(data=tuple(found[offset : offset + limit]), total=len(found))


async def compare_evaluations(
    database: Database, data_dir: Path, first_id: str, other_id: str
) -> EvaluationComparison:
    """Two evaluations, paired by the rows that both have judged.

    Raises:
        EvaluationOfItselfError: they are one.
        EvaluationNotFoundError: there is none with one of the ids.
        EvaluationRowsGoneError: the outcomes of one are gone.
    """
    if first_id == other_id:
        raise EvaluationOfItselfError
    async with database.unit_of_work() as session:
        shown = [EvaluationOut(**_shown(await _find(session, one))) for one in (first_id, other_id)]
    whole = [await _whole(database, data_dir, one) for one in (first_id, other_id)]
    return await asyncio.to_thread(_compared, shown[0], shown[1], whole[0], whole[1])


def _compared(
    first: EvaluationOut, other: EvaluationOut, a: Evaluation, b: Evaluation
) -> EvaluationComparison:
    from llmlora.features.evaluations import paired  # numpy, which nothing else of the API needs

    rows_a = {one.row: one for one in a.outcomes}
    rows_b = {one.row: one for one in b.outcomes}
    is_one_data = a.dataset_sha256 == b.dataset_sha256
    shared = sorted(rows_a.keys() & rows_b.keys()) if is_one_data else []
    ours, theirs = [rows_a[row] for row in shared], [rows_b[row] for row in shared]
    is_same = is_one_data and len(shared) == len(rows_a) == len(rows_b) > 0
    right = [(x.correct, y.correct) for x, y in zip(ours, theirs, strict=True)]
    others = {one.name: one for one in b.figures}
    labels = list(dict.fromkeys((*a.labels, *b.labels)))
    return EvaluationComparison(
        first=first,
        other=other,
        shared_rows=len(shared),
        is_same=is_same,
        confidence_level=paired.LEVEL,
        resamples=paired.RESAMPLES,
        differences=tuple(
            _difference(one, others[one.name], labels, ours if is_same else [], theirs)
            for one in a.figures
            if one.name in others
        ),
        both_right=right.count((True, True)),
        only_first=right.count((True, False)),
        only_other=right.count((False, True)),
        both_wrong=right.count((False, False)),
    )


def _difference(
    first: Figure, other: Figure, labels: Sequence[str], ours: Sequence[Outcome], theirs: Sequence[Outcome]
) -> Difference:
    """With an interval where the outcomes tell the very figures that both reports have."""
    from llmlora.features.evaluations import paired

    interval = None
    if _is_told(first, labels, ours) and _is_told(other, labels, theirs):
        interval = paired.interval_of_difference(first.name, labels, ours, theirs)
    verdict = None
    if interval is not None:
        raised, lowered = ("first", "other") if first.better == "up" else ("other", "first")
        verdict = raised if interval.low > 0 else lowered if interval.high < 0 else "open"
    return Difference.model_validate(
        {
            "name": first.name,
            "title": first.title,
            "better": first.better,
            "first": first.value,
            "other": other.value,
            "difference": first.value - other.value,
            "low": interval and interval.low,
            "high": interval and interval.high,
            "verdict": verdict,
        }
    )


def _is_told(figure: Figure, labels: Sequence[str], outcomes: Sequence[Outcome]) -> bool:
    from llmlora.features.evaluations import paired

    told = paired.figure_of(figure.name, labels, outcomes)
    return told is not None and abs(told - figure.value) <= SAME


async def _find(session: AsyncSession, evaluation_id: str) -> Listed:
    return or_refuse(await repository.find(session, evaluation_id), EvaluationNotFoundError, id=evaluation_id)


async def _whole(database: Database, data_dir: Path, evaluation_id: str) -> Evaluation:
    async with database.unit_of_work() as session:
        row = (await _find(session, evaluation_id)).row
        artifact = await repository.file_of(session, row.job_id, FILE)
    gone = EvaluationRowsGoneError(job_id=row.job_id, file=FILE)
    if artifact is None:
        raise gone
    try:
        return await asyncio.to_thread(read_evaluation, data_dir / artifact.path)
    except (OSError, ValueError) as error:
        raise gone from error


def _shown(one: Listed) -> dict[str, Any]:
    columns = ("id", "job_id", "kind", "dataset_id", "dataset_sha256", "rows", "figures", "created_at")
    return {
        **{name: getattr(one.row, name) for name in columns},
        "job_name": one.job_name,
        "recipe": one.recipe,
        "dataset_name": one.dataset_name,
    }
