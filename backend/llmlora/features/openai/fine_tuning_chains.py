"""One fine-tuning as OpenAI sees it is a chain of our jobs, gone through as often as it was resumed.

What was asked for lies in the first training's `facts["openai"]`; only such trainings are fine-tuning jobs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.engine.jobs.queue import CANCEL
from llmlora.features.deployments.schemas import READY
from llmlora.features.jobs.references import read_references
from llmlora.features.openai.fine_tuning_schemas import Status
from llmlora.kit.db import one_page
from llmlora.recipes import RECIPES
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow
from llmlora.tables.job_dependency import JobDependencyRow

ASKED = "openai"


class Stage(StrEnum):
    """A part of a fine-tuning, in the order of the work."""

    IMPORT = "import"
    TRAINING = "training"
    EXPORT = "export"
    BASE_EXPORT = "base_export"
    DEPLOYMENT = "deployment"


_TRAINING = [name for name, spec in RECIPES.items() if spec.trains]
_IMPORTING = [name for name, spec in RECIPES.items() if ArtifactKind.BASE_MODEL in spec.artifacts]


@dataclass
class Chain:
    """All jobs of one fine-tuning. `model_name`: under which its result answers, once it does."""

    root: JobRow
    jobs: dict[str, JobRow] = field(default_factory=dict)
    model_name: str | None = None

    @property
    def stages(self) -> dict[Stage, JobRow]:
        """The newest job of every kind, in the order of the work."""
        newest = {stage_of(job): job for job in sorted(self.jobs.values(), key=_age)}
        return {stage: newest[stage] for stage in Stage if stage in newest}

    @property
    def trainings(self) -> list[JobRow]:
        """The first training and those that went on from it, oldest first."""
        return sorted((job for job in self.jobs.values() if stage_of(job) is Stage.TRAINING), key=_age)

    @property
    def failed(self) -> JobRow | None:
        """The stage that failed; those behind it were cancelled for that."""
        return next((job for job in self.stages.values() if job.state == JobState.FAILED), None)

    @property
    def status(self) -> Status:
        """Where the whole stands. A stage that was asked to stop counts as cancelled at once: nothing follows it."""
        stages = self.stages
        if self.failed is not None:
            return "failed"
        if Stage.DEPLOYMENT in stages and stages[Stage.DEPLOYMENT].state == JobState.COMPLETED:
            return "succeeded"
        if any(job.state == JobState.CANCELLED or job.desired == CANCEL for job in stages.values()):
            return "cancelled"
        match stages[Stage.TRAINING].state:
            case JobState.PENDING:
                return "validating_files"
            case JobState.QUEUED:
                return "queued"
            case _:
                return "running"

    @property
    def deciding(self) -> JobRow | None:
        """The job whose end is the end of the whole; None while it goes on."""
        match self.status:
            case "succeeded":
                return self.stages[Stage.DEPLOYMENT]
            case "failed":
                return self.failed
            case "cancelled":
                over = [job for job in self.stages.values() if job.state == JobState.CANCELLED]
                stopping = any(job.state not in FINAL_STATES for job in self._stoppable())
                return (
                    None
                    if stopping or not over
                    else max(over, key=lambda job: job.finished_at or _age(job)[0])
                )
            case _:
                return None

    def _stoppable(self) -> Iterable[JobRow]:
        return (job for name, job in self.stages.items() if name not in (Stage.IMPORT, Stage.BASE_EXPORT))


def stage_of(job: JobRow) -> Stage | None:
    """Which part of the work a job is, by what its recipe declares; None: of none."""
    recipe = RECIPES.get(job.recipe)  # None: one of somebody else's, which is no longer there
    if recipe is None:
        return None
    if recipe.trains:
        return Stage.TRAINING
    if recipe.deploys is not None:
        return Stage.DEPLOYMENT
    if ArtifactKind.BASE_MODEL in recipe.artifacts:
        return Stage.IMPORT
    if ArtifactKind.GGUF in recipe.artifacts:
        return Stage.EXPORT if "adapter" in read_references(recipe, job.inputs) else Stage.BASE_EXPORT
    return None


async def find_chain(session: AsyncSession, job_id: str | None) -> Chain | None:
    """The fine-tuning that began with this training."""
    root = await session.get(JobRow, job_id) if job_id else None
    if root is None or ASKED not in root.facts:
        return None
    return (await load_chains(session, [root]))[0]


async def page_roots(
    session: AsyncSession, *, after: JobRow | None, metadata: dict[str, str], limit: int, bare_only: bool
) -> Sequence[JobRow]:
    """First trainings, newest first. `bare_only`: those without metadata."""
    facts, keys = col(JobRow.facts), (col(JobRow.created_at), col(JobRow.id))
    wanted = select(JobRow).where(facts.op("?")(ASKED), col(JobRow.recipe).in_(_TRAINING))
    for name, value in metadata.items():
        wanted = wanted.where(facts["metadata"][name].astext == value)
    if bare_only:
        wanted = wanted.where(facts["metadata"].astext == "{}")
    behind = None if after is None else (after.created_at, after.id)
    return (await session.scalars(one_page(wanted, *keys, behind=behind, limit=limit))).all()


async def load_chains(session: AsyncSession, roots: Sequence[JobRow]) -> list[Chain]:
    """The chains of some first trainings, with all that was resumed."""
    chains = [Chain(root, {root.id: root}) for root in roots]
    groups = {root.group_id: chain for root, chain in zip(roots, chains, strict=True)}
    of_groups = select(JobRow).where(col(JobRow.group_id).in_(list(groups)))
    jobs = sorted((await session.scalars(of_groups)).all(), key=_age)
    waited_for = await _waited_for(session, [job.id for job in jobs])
    for job in jobs:
        known = groups[job.group_id].jobs
        if job.resumes_job_id in known or any(
            _is_open_at(known[other], job.created_at) for other in waited_for[job.id] if other in known
        ):
            known[job.id] = job
    await _add_imports(session, chains)
    await _add_names(session, chains)
    return chains


async def _waited_for(session: AsyncSession, job_ids: Sequence[str]) -> dict[str, list[str]]:
    """Which jobs each of these waits, or waited, for."""
    waited_for: dict[str, list[str]] = {job_id: [] for job_id in job_ids}
    wanted = select(JobDependencyRow).where(col(JobDependencyRow.job_id).in_(job_ids))
    for row in await session.scalars(wanted):
        waited_for[row.job_id].append(row.depends_on)
    return waited_for


async def _add_imports(session: AsyncSession, chains: Sequence[Chain]) -> None:
    """Imports of base models stand outside the groups: several fine-tunings may wait for one."""
    owners = {job.id: chain for chain in chains for job in chain.trainings}
    wanted = (
        select(JobRow, col(JobDependencyRow.job_id))
        .join(JobDependencyRow, col(JobDependencyRow.depends_on) == col(JobRow.id))
        .where(col(JobDependencyRow.job_id).in_(list(owners)), col(JobRow.recipe).in_(_IMPORTING))
    )
    for job, waiting in (await session.execute(wanted)).all():
        owners[waiting].jobs[job.id] = job


async def _add_names(session: AsyncSession, chains: Sequence[Chain]) -> None:
    owners = {
        chain.stages[Stage.DEPLOYMENT].id: chain for chain in chains if Stage.DEPLOYMENT in chain.stages
    }
    wanted = select(col(DeploymentRow.job_id), col(DeploymentRow.name)).where(
        col(DeploymentRow.job_id).in_(list(owners)), col(DeploymentRow.state) == READY
    )
    for job_id, name in (await session.execute(wanted)).all():
        owners[str(job_id)].model_name = name


def _is_open_at(job: JobRow, moment: datetime) -> bool:
    """Whether a job had not ended then: what was asked for later is no part of the fine-tuning, whose end it does not change."""
    return job.finished_at is None or job.finished_at >= moment


def _age(job: JobRow) -> tuple[datetime, str]:
    return job.created_at, job.id
