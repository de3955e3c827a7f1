"""Sweeps: created, looked at, paused, extended, cancelled. Callers bring the transaction and publish after it.

Trials are begun and settled by the workers (`searching.py`).
"""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import Failure
from llmlora.contracts.recipe import RecipeSpec
from llmlora.contracts.states import JobState
from llmlora.contracts.sweep import Asked, Objective, Space, TrialOutcome
from llmlora.features.jobs.resolving import resolve
from llmlora.features.jobs.results import direction_of, usual_metric
from llmlora.features.jobs.schemas import JobCreate, ProgressOut
from llmlora.features.jobs.service import cancel_job
from llmlora.features.recipes.configs import find_recipe
from llmlora.features.sweeps import repository
from llmlora.features.sweeps.choosing import asked_of, objectives_of, random_point, run_sampler, space_of
from llmlora.features.sweeps.errors import (
    ObjectiveUnknownError,
    SamplerUnfitError,
    SweepNotFoundError,
    SweepOverError,
)
from llmlora.features.sweeps.ranking import best_first, front
from llmlora.features.sweeps.schemas import (
    MOST_TRIALS,
    Budget,
    Front,
    Importance,
    ImportanceList,
    Pruner,
    SweepCreate,
    SweepExtend,
    SweepOut,
    TrialOut,
)
from llmlora.features.sweeps.searching import request_of_trial
from llmlora.features.sweeps.settling import spent
from llmlora.features.sweeps.space import checked_space, grid_size
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database, or_refuse
from llmlora.kit.errors import AppError
from llmlora.tables.job import JobRow
from llmlora.tables.job_group import JobGroupRow
from llmlora.tables.sweep import SweepRow
from llmlora.tables.trial import TrialRow

USUAL_TRIALS = 20
"""Where nothing else says when it ends."""
_ONE_OBJECTIVE = frozenset({"cmaes"})
_STATES: dict[str, Literal["failed", "cancelled"]] = {
    "cancelled": "cancelled",
    "same_failure": "failed",
    "sampler_failed": "failed",
}
Found = tuple[SweepRow, JobGroupRow]


async def create_sweep(session: AsyncSession, data_dir: Path, asked: SweepCreate) -> str:
    """Store a sweep; its id. What its trials are made of is looked at now, with one point of the space.

    Raises:
        SpaceInvalidError: a setting is none of the recipe's, or its values are not.
        ObjectiveUnknownError: nobody says what is better.
        SamplerUnfitError: the sampler knows one objective alone.
        AppError: as `features.jobs.resolving.resolve`.
    """
    recipe = find_recipe(asked.recipe)
    space = checked_space(recipe, asked.config, asked.space)
    objectives = asked.objectives or [_usual_objective(recipe)]
    if len(objectives) > 1 and asked.sampler in _ONE_OBJECTIVE:
        raise SamplerUnfitError(method=asked.sampler)
    request = JobCreate.model_validate(asked.model_dump(include=set(JobCreate.model_fields)))
    now, name = utc_now(), asked.name or recipe.name
    sweep = SweepRow(
        id="",
        recipe=recipe.name,
        request=request.model_dump(mode="json", exclude_none=True),
        space={setting: one.model_dump(mode="json", exclude_defaults=True) for setting, one in space.items()},
        sampler=asked.sampler,
        objectives=[one.model_dump(mode="json") for one in objectives],
        pruner=asked.pruner.model_dump(mode="json"),
        trials=_trials(asked, space),
        time_s=asked.budget.time_s,
        no_progress=asked.budget.no_progress,
        parallel=asked.parallel,
        keep_best=asked.keep_best,
        seed=asked.seed,
        active_since=now,
        created_at=now,
    )
    point = random_point(space, random.Random(asked.seed))  # noqa: S311 - nothing is secret
    await resolve(session, data_dir, request_of_trial(sweep, name, Asked(number=0, point=point)))
    sweep.id = await repository.keep_group(session, name, metric=objectives[0].metric)
    session.add(sweep)
    await session.flush()
    return sweep.id


def _trials(asked: SweepCreate, space: Space) -> int:
    if asked.sampler == "grid":
        return min(grid_size(space), asked.budget.trials or MOST_TRIALS)
    is_bounded = asked.budget.time_s is not None or asked.budget.no_progress is not None
    return asked.budget.trials or (MOST_TRIALS if is_bounded else USUAL_TRIALS)


def _usual_objective(recipe: RecipeSpec) -> Objective:
    metric = usual_metric(recipe)
    direction = direction_of(recipe, metric) if metric else None
    if metric is None or direction is None:
        known = ", ".join(one.name for one in recipe.metrics) or "-"
        raise ObjectiveUnknownError(recipe=recipe.name, known=known)
    return Objective(metric=metric, direction=direction)


async def find_sweep(session: AsyncSession, sweep_id: str, *, lock: bool = False) -> Found:
    """A sweep by its id, with its group.

    Raises:
        SweepNotFoundError: there is none.
    """
    return or_refuse(
        await repository.find_sweep(session, sweep_id, lock=lock), SweepNotFoundError, id=sweep_id
    )


async def shown(session: AsyncSession, found: Sequence[Found]) -> list[SweepOut]:
    """Sweeps as the wire shows them."""
    counted = await repository.count_by_outcome(session, [sweep.id for sweep, _ in found])
    return [await _shown(session, sweep, group, counted[sweep.id]) for sweep, group in found]


async def _shown(
    session: AsyncSession, sweep: SweepRow, group: JobGroupRow, counted: dict[TrialOutcome, int]
) -> SweepOut:
    objectives = objectives_of(sweep)
    complete = await repository.trials_of(session, sweep.id, [TrialOutcome.COMPLETE])
    best = await trials_shown(session, best_first(objectives, complete)[:1])
    request = JobCreate.model_validate(sweep.request)
    named = request.model_dump(
        include={"dataset_id", "base_model", "training_job_id", "export_job_id", "base_export_job_id"},
        exclude_none=True,
    )
    return SweepOut(
        id=sweep.id,
        name=group.name,
        recipe=sweep.recipe,
        state="running" if sweep.ended_at is None else _STATES.get(sweep.end_reason or "", "completed"),
        paused=group.paused,
        sampler=sweep.sampler,
        objectives=objectives,
        budget=Budget(trials=sweep.trials, time_s=sweep.time_s, no_progress=sweep.no_progress),
        parallel=sweep.parallel,
        pruner=Pruner.model_validate(sweep.pruner),
        keep_best=sweep.keep_best,
        seed=sweep.seed,
        space=space_of(sweep),
        config=request.config,
        inputs={**named, **request.inputs},
        by_outcome=counted,
        best=next(iter(best), None),
        spent_s=spent(sweep, utc_now()),
        end_reason=sweep.end_reason,
        failure=Failure.model_validate(sweep.failure) if sweep.failure else None,
        created_at=sweep.created_at,
        ended_at=sweep.ended_at,
    )


async def trials_shown(session: AsyncSession, trials: Sequence[TrialRow]) -> list[TrialOut]:
    """Trials with how far their jobs are."""
    jobs = await repository.jobs_of(session, trials)
    return [_trial_shown(one, jobs) for one in trials]


def _trial_shown(trial: TrialRow, jobs: Mapping[str, JobRow]) -> TrialOut:
    job = jobs.get(trial.job_id or "")
    return TrialOut(
        number=trial.number,
        outcome=TrialOutcome(trial.outcome),
        point=trial.point,
        values=trial.values,
        job_id=trial.job_id,
        job_state=JobState(job.state) if job else None,
        progress=ProgressOut.model_validate(job.progress) if job and job.progress else None,
        failure=Failure.model_validate(trial.failure) if trial.failure else None,
        weights="kept" if trial.released is None else "released",
        created_at=trial.created_at,
        finished_at=trial.finished_at,
    )


async def pause_sweep(session: AsyncSession, sweep_id: str) -> Found:
    """Begin no further trial, nor one that waits; those that run go on.

    Raises:
        SweepNotFoundError: there is none.
        SweepOverError: it has ended.
    """
    sweep, group = await _open(session, sweep_id)
    if not group.paused:
        sweep.spent_s, sweep.active_since, group.paused = spent(sweep, utc_now()), None, True
    await session.flush()
    return sweep, group


async def resume_sweep(session: AsyncSession, sweep_id: str) -> Found:
    """Go on after a pause.

    Raises:
        SweepNotFoundError: there is none.
        SweepOverError: it has ended.
    """
    sweep, group = await _open(session, sweep_id)
    if group.paused:
        sweep.active_since, group.paused = utc_now(), False
    await session.flush()
    return sweep, group


async def extend_sweep(session: AsyncSession, sweep_id: str, asked: SweepExtend) -> Found:
    """More of its budget; one that has ended goes on, from all that is known.

    Raises:
        SweepNotFoundError: there is none.
    """
    sweep, group = await find_sweep(session, sweep_id, lock=True)
    begun = sum((await repository.count_by_outcome(session, [sweep.id]))[sweep.id].values())
    sweep.trials = min(max(sweep.trials, begun) + asked.trials, MOST_TRIALS)
    if sweep.time_s is not None:
        sweep.time_s = max(sweep.time_s, spent(sweep, utc_now())) + asked.time_s
    sweep.no_progress = asked.no_progress or sweep.no_progress
    if sweep.end_reason is not None:
        if sweep.end_reason == "no_progress" and asked.no_progress is None:
            sweep.no_progress = None  # it has said that it is to go on
        sweep.end_reason, sweep.ended_at, sweep.failure = None, None, None
        sweep.extended_from = begun
        if sweep.active_since is None and not group.paused:
            sweep.active_since = utc_now()
    await session.flush()
    return sweep, group


async def cancel_sweep(session: AsyncSession, sweep_id: str) -> tuple[Found, list[JobRow]]:
    """Begin no further trial, and cancel those that have not ended; the jobs that were.

    Raises:
        SweepNotFoundError: there is none.
        SweepOverError: it has ended.
    """
    sweep, group = await _open(session, sweep_id)
    sweep.end_reason = "cancelled"
    await session.flush()
    cancelled: list[JobRow] = []
    for job_id in await repository.open_jobs(session, sweep.id):
        try:
            cancelled.append(await cancel_job(session, job_id, keep_checkpoint=False))
        except AppError:  # it has ended meanwhile
            continue
    return (sweep, group), cancelled


async def importance_of(database: Database, sweep_id: str) -> ImportanceList:
    """How much each setting matters, by objective. Reckoned in a process of its own, once for as many complete trials.

    Raises:
        SweepNotFoundError: there is none.
        SamplerDiedError: that process has ended without an answer.
    """
    async with database.unit_of_work() as session:
        sweep, _ = await find_sweep(session, sweep_id)
        complete = await repository.trials_of(session, sweep_id, [TrialOutcome.COMPLETE])
        wanted = await asked_of(session, sweep, complete, [])
    known = sweep.importance
    if known is None or known["trials"] != len(complete):
        shares = (await run_sampler(wanted, "importance")).importance
        known = {"trials": len(complete), "shares": shares}
        async with database.unit_of_work() as session:
            row, _ = await find_sweep(session, sweep_id, lock=True)
            row.importance = known
    return ImportanceList(
        data=[
            Importance(metric=one.metric, trials=known["trials"], settings=share)
            for one, share in zip(objectives_of(sweep), known["shares"], strict=True)
        ]
    )


async def front_of(session: AsyncSession, sweep_id: str) -> Front:
    """The trials that no other is better than in every objective.

    Raises:
        SweepNotFoundError: there is none.
    """
    sweep, _ = await find_sweep(session, sweep_id)
    objectives = objectives_of(sweep)
    complete = await repository.trials_of(session, sweep_id, [TrialOutcome.COMPLETE])
    return Front(objectives=objectives, data=await trials_shown(session, front(objectives, complete)))


async def _open(session: AsyncSession, sweep_id: str) -> Found:
    sweep, group = await find_sweep(session, sweep_id, lock=True)
    if sweep.ended_at is not None or sweep.end_reason == "cancelled":
        raise SweepOverError(name=group.name)
    return sweep, group
