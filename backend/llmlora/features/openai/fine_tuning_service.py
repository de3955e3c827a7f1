"""Fine-tuning jobs: created, stopped and resumed as chains. Callers bring the transaction and publish after it."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.features.jobs import service as jobs
from llmlora.features.jobs.errors import JobOverError, NothingToResumeError
from llmlora.features.openai.fine_tuning_chains import (
    ASKED,
    Chain,
    Stage,
    find_chain,
)
from llmlora.features.openai.fine_tuning_errors import (
    VERBS,
    FineTuningJobOverError,
    FineTuningJobUnknownError,
)
from llmlora.features.openai.fine_tuning_requests import hyperparameters_of, training_request
from llmlora.features.openai.fine_tuning_schemas import FineTuningJobCreate, fine_tuning_id_of, job_id_of
from llmlora.kit.db import or_refuse
from llmlora.tables.job import JobRow

# Not part of what is stopped: other fine-tunings may wait for an import, and a resumed one uses the base's export.
_LEFT_ALONE = (Stage.IMPORT, Stage.BASE_EXPORT)


async def create_chain(
    session: AsyncSession, data_dir: Path, given: FineTuningJobCreate
) -> tuple[Chain, list[JobRow]]:
    """A new fine-tuning, and the jobs that were made for it.

    Raises:
        AppError: as `fine_tuning_requests.training_request` and `jobs.service.create_job`.
    """
    made = await jobs.create_job(session, data_dir, await training_request(session, given))
    asked = {"model": given.model, "hyperparameters": hyperparameters_of(given), "suffix": given.suffix}
    made[0].facts = {**made[0].facts, ASKED: asked}
    await session.flush()
    return await get_chain(session, fine_tuning_id_of(made[0].id)), made


async def get_chain(session: AsyncSession, fine_tuning_id: str) -> Chain:
    """A fine-tuning by its id.

    Raises:
        FineTuningJobUnknownError: there is none.
    """
    return or_refuse(
        await find_chain(session, job_id_of(fine_tuning_id)), FineTuningJobUnknownError, id=fine_tuning_id
    )


async def stop_chain(session: AsyncSession, fine_tuning_id: str, *, verb: str) -> tuple[Chain, list[str]]:
    """Cancel what has not begun, let what runs save its checkpoint and end; ids of the jobs that were stopped.

    Stopping what is cancelled changes nothing.

    Raises:
        FineTuningJobUnknownError: there is none.
        FineTuningJobOverError: it has succeeded or failed.
    """
    chain = await get_chain(session, fine_tuning_id)
    if chain.status in ("succeeded", "failed"):
        raise FineTuningJobOverError(id=fine_tuning_id, status=chain.status, verb=VERBS[verb])
    stopped = []
    for name, job in chain.stages.items():
        if name not in _LEFT_ALONE and job.state not in FINAL_STATES:
            with suppress(JobOverError):  # it ended a moment ago
                stopped.append((await jobs.cancel_job(session, job.id, keep_checkpoint=True)).id)
    return await get_chain(session, fine_tuning_id), stopped


async def resume_chain(
    session: AsyncSession, data_dir: Path, fine_tuning_id: str
) -> tuple[Chain, list[JobRow]]:
    """Go on from the last checkpoint, or with the stage that failed; a training that saved nothing begins again.

    Raises:
        FineTuningJobUnknownError: there is none.
        FineTuningJobOverError: it was neither cancelled nor has it failed.
        JobNotOverError: it is still saving its checkpoint.
    """
    chain = await get_chain(session, fine_tuning_id)
    if chain.status not in ("cancelled", "failed"):
        raise FineTuningJobOverError(id=fine_tuning_id, status=chain.status, verb=VERBS["resume"])
    stages = {name: job for name, job in chain.stages.items() if name is not Stage.IMPORT}
    halted = next(job for job in stages.values() if job.state != JobState.COMPLETED)
    try:
        made = await jobs.resume_job(session, data_dir, halted.id)
    except NothingToResumeError:
        assert halted is stages[Stage.TRAINING]
        # The first training's request still names the whole chain; those of resumed ones do not.
        made = await jobs.duplicate_job(
            session, data_dir, chain.root.id, name=None, config={}, group_id=chain.root.group_id
        )
        made[0].resumes_job_id = halted.id
        await session.flush()
    return await get_chain(session, fine_tuning_id), made
