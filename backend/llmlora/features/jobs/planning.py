"""From one request to stored jobs, in one transaction: what is missing is imported first, a deployment may follow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import StateChange
from llmlora.contracts.forecast import Forecast
from llmlora.contracts.states import FINAL_STATES, STATE_WORDS, JobState
from llmlora.engine.jobs.event_store import append_state
from llmlora.features.forecast.bases import Base
from llmlora.features.jobs import repository
from llmlora.features.jobs.errors import DependencyFailedError, DependencyUnknownError
from llmlora.features.jobs.references import stored_references
from llmlora.features.jobs.resolving import ResolvedJob, resolve
from llmlora.features.jobs.schemas import JobCreate
from llmlora.kit.clock import utc_now
from llmlora.kit.ids import new_id
from llmlora.recipes import importing
from llmlora.recipes.blocks.forecast.memory import booked
from llmlora.tables.job import JobRow


class Planner:
    """Stores the jobs of one request; `made` in the order in which they were made."""

    def __init__(self, session: AsyncSession, data_dir: Path) -> None:
        self.session, self.data_dir = session, data_dir
        self.made: list[JobRow] = []

    async def plan(
        self,
        asked: ResolvedJob,
        *,
        group_id: str | None = None,
        forecast: Forecast | None = None,
        memory_bytes: int = 0,
    ) -> JobRow:
        """Store a job behind those that it needs. `memory_bytes`: what it is given where there is no forecast.

        Raises:
            AppError: a dependency is not as it has to be.
        """
        needed = [*asked.request.depends_on]
        needed += [one.id for one in asked.references.values() if one.kind == "job"]
        if asked.base is not None and asked.base.row is None:
            needed.append(await self.importing(asked.base))
        memory = forecast.memory if forecast else None
        host_bytes, device_bytes = booked(memory) if memory else (memory_bytes, 0)
        depends_on = sorted(set(needed))
        request, job_id, now = asked.request, new_id("job"), utc_now()
        job = JobRow(
            id=job_id,
            name=request.name or asked.usual_name,
            recipe=asked.recipe.name,
            state=JobState.PENDING if await self._is_waiting(depends_on) else JobState.QUEUED,
            config=asked.config,
            inputs=stored_references(asked.references),
            device=request.device,
            cpus=request.threads or 0,
            wants_gpu=asked.recipe.gpu != "no" and request.device in ("auto", "cuda"),
            priority=request.priority,
            group_id=group_id or "",
            facts={
                "request": request.model_dump(mode="json", exclude_none=True),
                "metadata": request.metadata,
            },
            forecast=forecast.model_dump(mode="json") if forecast else None,
            memory_bytes=host_bytes,
            device_memory_bytes=device_bytes,
            next_run_at=now,
            created_at=now,
        )
        await repository.keep_job(self.session, job, depends_on)
        await append_state(self.session, job, StateChange(state=JobState(job.state)))
        await self.session.flush()
        self.made.append(job)
        return job

    async def importing(self, base: Base) -> str:
        """The job that brings a base model in: one that has not ended, else a new one."""
        recipe, how = importing()
        open_ = await repository.open_job_with(self.session, recipe.name, how.setting, base.reference)
        if open_ is not None:
            return open_.id
        config: Mapping[str, Any] = {how.setting: base.reference}
        request = JobCreate(recipe=recipe.name, config=dict(config), name=base.reference[:200])
        return (await self.plan(await resolve(self.session, self.data_dir, request))).id

    async def _is_waiting(self, depends_on: Sequence[str]) -> bool:
        """Whether a dependency has not completed yet.

        Raises:
            DependencyUnknownError: one does not exist.
            DependencyFailedError: one has failed or was cancelled.
        """
        known = await repository.lock_dependencies(self.session, depends_on)
        for job_id in depends_on:
            if job_id not in known:
                raise DependencyUnknownError(job_id=job_id)
            state = known[job_id].state
            if state in FINAL_STATES and state != JobState.COMPLETED:
                raise DependencyFailedError(name=known[job_id].name, state=STATE_WORDS[JobState(state)])
        return any(job.state != JobState.COMPLETED for job in known.values())
