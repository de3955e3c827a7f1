"""What has become of a sweep's trials, and whether the sweep goes on. Everything is read from rows: done twice, it changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import Failure, FailureClass
from llmlora.contracts.states import JobState
from llmlora.contracts.sweep import OPEN_OUTCOMES, Objective, TrialOutcome
from llmlora.engine.jobs.endings import FOLLOWS
from llmlora.engine.jobs.queue import PRUNE
from llmlora.features.jobs.results import last_value
from llmlora.features.needs.service import needs_of_job
from llmlora.features.sweeps import repository
from llmlora.features.sweeps.choosing import objectives_of
from llmlora.features.sweeps.pruning import Judge
from llmlora.features.sweeps.ranking import ranked, since_progress
from llmlora.tables.job import JobRow
from llmlora.tables.job_group import JobGroupRow
from llmlora.tables.sweep import SweepRow
from llmlora.tables.trial import TrialRow

FIRST = 5
"""Where so many trials have failed with one code, and none has done better, the rest would, too."""
WITHOUT_VALUE = "trial_without_value"


@dataclass
class Settled:
    """What there is to do after the commit: `pruned` jobs are to hear of it at once, `files` go."""

    changed: bool = False
    pruned: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


async def settle(session: AsyncSession, sweep: SweepRow, group: JobGroupRow, data_dir: Path) -> Settled:
    """Bring the rows of a locked sweep up to date with those of its jobs: outcomes, who is pruned, whose weights go, the end."""
    done = Settled()
    trials = await repository.trials_of(session, sweep.id, OPEN_OUTCOMES)
    jobs = await repository.jobs_of(session, trials)
    judge, now = Judge(session, sweep), await _now(session)
    for trial in trials:
        job = jobs.get(trial.job_id or "")
        before = trial.outcome
        await _bring_up_to_date(session, sweep, trial, job, now)
        done.changed |= trial.outcome != before
        if job is not None and trial.outcome == TrialOutcome.RUNNING and await judge.is_beaten(trial, job):
            done.pruned += await _prune(session, job.id)
    await session.flush()
    if done.changed and sweep.keep_best is not None:
        done.files = await _release(session, sweep, data_dir)
    if await _end(session, sweep, group, now):
        done.changed = True
    await session.flush()
    return done


async def _now(session: AsyncSession) -> datetime:
    moment = await session.scalar(select(func.clock_timestamp()))
    assert isinstance(moment, datetime)
    return moment


async def _bring_up_to_date(
    session: AsyncSession, sweep: SweepRow, trial: TrialRow, job: JobRow | None, now: datetime
) -> None:
    if job is None:  # deleted before anybody looked
        trial.outcome, trial.finished_at = TrialOutcome.CANCELLED, now
        return
    match JobState(job.state):
        case JobState.PENDING | JobState.QUEUED:
            trial.outcome = TrialOutcome.WAITING
        case JobState.RUNNING:
            trial.outcome = TrialOutcome.RUNNING
        case JobState.COMPLETED:
            await _complete(session, sweep, trial, job)
        case JobState.FAILED:
            trial.outcome, trial.failure = TrialOutcome.FAILED, job.failure
        case JobState.CANCELLED:
            await _cancelled(session, trial, job)
    if trial.outcome not in OPEN_OUTCOMES:
        trial.finished_at = job.finished_at or now


async def _complete(session: AsyncSession, sweep: SweepRow, trial: TrialRow, job: JobRow) -> None:
    values = [await _value(session, job, one) for one in objectives_of(sweep)]
    known = [one for one in values if one is not None]
    if len(known) == len(values):
        trial.outcome, trial.values = TrialOutcome.COMPLETE, known
        return
    missing = ", ".join(
        one.metric for one, value in zip(objectives_of(sweep), values, strict=True) if value is None
    )
    trial.outcome, trial.failure = TrialOutcome.FAILED, _without_value(missing).model_dump(mode="json")


async def _value(session: AsyncSession, job: JobRow, objective: Objective) -> float | None:
    if objective.value == "best":
        best = await repository.extreme_of(
            session, job.id, objective.metric, smallest=objective.direction == "minimize"
        )
        if best is not None:
            return best
    return last_value(job, objective.metric)


def _without_value(metric: str) -> Failure:
    return Failure(
        failure_class=FailureClass.RECIPE,
        code=WITHOUT_VALUE,
        ja=f"この試行のジョブは {metric} の値を残しませんでした。ジョブが残す指標を objectives に指定してください。",
        en=f"The job of this trial left no value of {metric}. Name a metric in objectives that the recipe reports.",
    )


async def _cancelled(session: AsyncSession, trial: TrialRow, job: JobRow) -> None:
    """Who stopped it: the sweep, what it had waited for, or a person."""
    if job.desired == PRUNE:
        trial.outcome = TrialOutcome.PRUNED
        return
    reason = await repository.why_ended(session, job.id)
    follows = reason is not None and reason.startswith(FOLLOWS)
    trial.outcome = TrialOutcome.FAILED if follows else TrialOutcome.CANCELLED
    if follows:
        trial.failure = Failure(
            failure_class=FailureClass.INPUT,
            code="dependency_failed",
            ja="この試行が待っていたジョブが完了しませんでした。そのジョブを確認してください。",
            en="A job that this trial had waited for did not complete. Check that job.",
        ).model_dump(mode="json")


async def _prune(session: AsyncSession, job_id: str) -> list[str]:
    job = await repository.lock_job(session, job_id)
    if job is None or job.state != JobState.RUNNING or job.desired != "run":
        return []
    job.desired, job.keep_checkpoint = PRUNE, False
    await session.flush()
    return [job.id]


async def _release(session: AsyncSession, sweep: SweepRow, data_dir: Path) -> list[Path]:
    """Forget the weights of all but the best; what somebody needs (a deployment, a job that is to read it) stays."""
    assert sweep.keep_best is not None
    complete = await repository.trials_of(session, sweep.id, [TrialOutcome.COMPLETE])
    worse = ranked(objectives_of(sweep), complete)[sweep.keep_best :]
    pruned = await repository.trials_of(session, sweep.id, [TrialOutcome.PRUNED])
    files: list[Path] = []
    for trial in [*worse, *pruned]:
        if trial.job_id is None or trial.released is not None:
            continue
        if await repository.lock_job(session, trial.job_id) is None or await needs_of_job(
            session, trial.job_id
        ):
            continue
        rows = await repository.weights_of(session, trial.job_id)
        own = [row for row in rows if row.path.startswith(f"jobs/{trial.job_id}/")]
        trial.released = [
            {"kind": row.kind, "sha256": row.sha256, "size_bytes": row.size_bytes} for row in own
        ]
        for row in own:
            files.append(data_dir / row.path)
            await session.delete(row)
    await session.flush()
    return files


async def _end(session: AsyncSession, sweep: SweepRow, group: JobGroupRow, now: datetime) -> bool:
    """Note why no further trial is begun, and with the last open one that the sweep has ended. Whether anything was noted."""
    before = (sweep.end_reason, sweep.ended_at)
    counted = (await repository.count_by_outcome(session, [sweep.id]))[sweep.id]
    if sweep.end_reason is None:
        sweep.end_reason = await _why_over(session, sweep, sum(counted.values()), now)
    if sweep.end_reason is not None and not OPEN_OUTCOMES & counted.keys():
        sweep.spent_s, sweep.active_since = spent(sweep, now), None
        sweep.ended_at, group.paused = now, False
    return before != (sweep.end_reason, sweep.ended_at)


def spent(sweep: SweepRow, now: datetime) -> float:
    """Seconds that it has been active, pauses left out."""
    running = (now - sweep.active_since).total_seconds() if sweep.active_since else 0.0
    return sweep.spent_s + max(0.0, running)


async def _why_over(session: AsyncSession, sweep: SweepRow, begun: int, now: datetime) -> str | None:
    failure = await _common_failure(session, sweep)
    if failure is not None:
        sweep.failure = failure
        return "same_failure"
    if begun >= sweep.trials:
        return "trials"
    if sweep.time_s is not None and spent(sweep, now) >= sweep.time_s:
        return "time"
    if sweep.no_progress is not None:
        complete = await repository.trials_of(session, sweep.id, [TrialOutcome.COMPLETE])
        in_turn = sorted(complete, key=lambda one: (one.finished_at or now, one.number))
        if since_progress(objectives_of(sweep), in_turn) >= sweep.no_progress:
            return "no_progress"
    return None


async def _common_failure(session: AsyncSession, sweep: SweepRow) -> dict[str, object] | None:
    """Why the first trials have failed, where all of them have, and with one code."""
    enough = min(FIRST, sweep.trials - sweep.extended_from)
    first = await repository.trials_of(session, sweep.id, since=sweep.extended_from, limit=enough)
    codes = {(one.failure or {}).get("code") for one in first}
    failed = [one for one in first if one.outcome == TrialOutcome.FAILED]
    return failed[0].failure if len(failed) == enough > 0 and len(codes) == 1 else None


def complete_of(trials: Sequence[TrialRow]) -> list[TrialRow]:
    """Those that can be compared."""
    return [one for one in trials if one.outcome == TrialOutcome.COMPLETE]
