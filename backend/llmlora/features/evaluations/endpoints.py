"""`/api/evaluations`: what runs have found on held-out rows, one by one and two beside each other."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from llmlora.features.evaluations import service
from llmlora.features.evaluations.schemas import (
    EvaluationComparison,
    EvaluationDetail,
    EvaluationList,
    OutcomePage,
)
from llmlora.kit.web.pages import After, Limit, page_of, parse_cursor
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/evaluations", tags=["evaluations"])

EvaluationId = Annotated[str, Path(max_length=64, pattern=r"^\w+$", description="Id of an evaluation.")]
DataFilter = Annotated[
    str | None,
    Query(max_length=64, pattern=r"^[0-9a-f]+$", description="Only those over the data of this SHA-256."),
]
JobFilter = Annotated[
    str | None, Query(max_length=64, pattern=r"^[\w.-]+$", description="Only that of this job.")
]
Other = Annotated[
    str, Query(alias="with", max_length=64, pattern=r"^\w+$", description="Id of the other evaluation.")
]
Label = Annotated[str | None, Query(max_length=200)]
Offset = Annotated[int, Query(ge=0, le=1_000_000_000, description="How many rows come before.")]


@router.get("")
async def list_evaluations(
    web: Web,
    dataset_sha256: DataFilter = None,
    job_id: JobFilter = None,
    limit: Limit = 50,
    after: After = None,
) -> EvaluationList:
    """Evaluations, newest first."""
    async with web.database.unit_of_work() as session:
        found = await service.list_evaluations(
            session,
            dataset_sha256=dataset_sha256,
            job_id=job_id,
            after=parse_cursor(after),
            limit=limit + 1,
        )
    page, more = page_of(found, limit, lambda one: (one.created_at, one.id))
    return EvaluationList(data=list(page), next=more)


@router.get("/{evaluation_id}")
async def get_evaluation(web: Web, evaluation_id: EvaluationId) -> EvaluationDetail:
    """One evaluation: figures with intervals, baseline, classes, confusion matrix, curves, mistakes."""
    async with web.database.unit_of_work() as session:
        return await service.get_evaluation(session, evaluation_id)


@router.get("/{evaluation_id}/outcomes")
async def list_evaluation_outcomes(
    web: Web,
    evaluation_id: EvaluationId,
    expected: Label = None,
    predicted: Label = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> OutcomePage:
    """Rows by what they are and what they were taken for: those of a cell of the confusion matrix."""
    return await service.outcomes_of(
        web.database,
        web.settings.data_dir,
        evaluation_id,
        expected=expected,
        predicted=predicted,
        offset=offset,
        limit=limit,
    )


@router.get("/{evaluation_id}/comparison")
async def compare_evaluations(web: Web, evaluation_id: EvaluationId, other: Other) -> EvaluationComparison:
    """Two evaluations: differences, with a paired bootstrap interval where both have judged the same rows."""
    return await service.compare_evaluations(web.database, web.settings.data_dir, evaluation_id, other)
