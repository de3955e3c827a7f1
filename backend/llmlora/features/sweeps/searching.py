"""Sweeps go on: in every worker, one round a second, or as soon as a job has news. Whichever worker is first does a round.

A round is two transactions: one that settles what has ended, one that asks for points and stores them with their jobs. A worker
that dies in between leaves nothing: the ask is repeated with the same seed.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

import structlog
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.sweep import OPEN_OUTCOMES, Asked, TrialOutcome, hash_of
from llmlora.engine.jobs.hints import publish_cancel, publish_head
from llmlora.engine.jobs.poke import send_poke
from llmlora.features.jobs.schemas import JobCreate
from llmlora.features.jobs.service import create_job
from llmlora.features.sweeps import repository
from llmlora.features.sweeps.choosing import choose
from llmlora.features.sweeps.errors import SamplerDiedError
from llmlora.features.sweeps.settling import Settled, settle
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database, is_outage
from llmlora.kit.errors import AppError
from llmlora.kit.files import remove_tree
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.job import JobRow
from llmlora.tables.job_group import JobGroupRow
from llmlora.tables.sweep import SweepRow
from llmlora.tables.trial import TrialRow

POLL_S = 1.0
PAUSE_S = 0.2
"""Between two rounds, however much happens."""
MOST_DEATHS = 5
"""A sampler that dies so often in a row ends its sweep, with its last words."""

_log = structlog.get_logger()


class Searcher:
    """Looks after all sweeps, for one worker."""

    def __init__(self, database: Database, settings: Settings, redis: Redis) -> None:
        self._database, self._data_dir, self._redis = database, settings.data_dir, redis
        self._news = asyncio.Event()
        self._deaths: dict[str, int] = {}

    def wake(self) -> None:
        """A job has news."""
        self._news.set()

    async def run(self, over: asyncio.Event) -> None:
        """Rounds until `over` is set."""
        while not over.is_set():
            try:
                await self.round()
            except Exception as error:
                if not is_outage(error):
                    _log.error("sweeps: a round failed", exc_info=error)
            await asyncio.sleep(PAUSE_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._news.wait()
            self._news.clear()

    async def round(self) -> None:
        """Settle every sweep that has not ended, then let each have its next trials; one sweep holds up no other."""
        async with self._database.unit_of_work() as session:
            open_ones = await repository.open_sweeps(session)
        await asyncio.gather(*(self._go_on(sweep_id) for sweep_id in open_ones))

    async def _go_on(self, sweep_id: str) -> None:
        await self._settle(sweep_id)
        try:
            made = await self._ask(sweep_id)
            self._deaths.pop(sweep_id, None)
        except SamplerDiedError as error:
            await self._note_death(sweep_id, error)
            return
        if made:
            for job in made:
                await publish_head(self._redis, job.id)
            await send_poke(self._redis, made[0].id)
            await publish_head(self._redis, sweep_id)

    async def _settle(self, sweep_id: str) -> None:
        async with self._database.unit_of_work() as session:
            found = await repository.lock_if_free(session, sweep_id)
            if found is None:
                return
            done: Settled = await settle(session, *found, self._data_dir)
        for job_id in done.pruned:
            await publish_cancel(self._redis, job_id)
        for path in done.files:
            await asyncio.to_thread(_remove, path)
        if done.changed:
            await publish_head(self._redis, sweep_id)

    async def _ask(self, sweep_id: str) -> list[JobRow]:
        """Choose points and store their trials with their jobs, in one transaction that one worker alone can be in."""
        async with self._database.unit_of_work() as session:
            found = await repository.find_sweep(session, sweep_id)
            if found is None or not _goes_on(*found) or not await repository.take_turn(session, sweep_id):
                return []
            tried = await repository.trials_of(session, sweep_id)
            wanted = _wanted(found[0], tried)
            if wanted <= 0:
                return []
            points = await choose(session, found[0], tried, wanted)
            locked = await repository.find_sweep(session, sweep_id, lock=True)
            if locked is None or not _goes_on(*locked):  # paused, cancelled or deleted meanwhile
                return []
            sweep, group = locked
            if not points:
                sweep.end_reason = "exhausted"
                self.wake()
            made: list[JobRow] = []
            for point in points:
                made += await self._begin(session, sweep, group, point)
            return made

    async def _begin(
        self, session: AsyncSession, sweep: SweepRow, group: JobGroupRow, asked: Asked
    ) -> list[JobRow]:
        """Store a trial and its job. A point with which there can be no job is a trial that has failed, and no more."""
        trial = TrialRow(
            id=new_id("trial"),
            sweep_id=sweep.id,
            number=asked.number,
            point=asked.point,
            point_hash=hash_of(asked.point),
            outcome=TrialOutcome.WAITING,
            sampler_attrs=asked.attrs,
            created_at=utc_now(),
        )
        made: list[JobRow] = []
        try:
            async with session.begin_nested():
                request = request_of_trial(sweep, group.name, asked)
                chain = await repository.keep_group(
                    session, request.name or sweep.recipe, metric="", parent_id=sweep.id
                )
                made = await create_job(session, self._data_dir, request, group_id=chain)
                trial.job_id = made[0].id
        except AppError as error:
            made = []
            trial.job_id, trial.outcome, trial.finished_at = None, TrialOutcome.FAILED, utc_now()
            trial.failure = {
                "failure_class": "input",
                "code": error.code,
                "ja": error.detail("ja"),
                "en": error.detail("en"),
            }
            self.wake()
        session.add(trial)
        await session.flush()
        return made

    async def _note_death(self, sweep_id: str, error: SamplerDiedError) -> None:
        deaths = self._deaths[sweep_id] = self._deaths.get(sweep_id, 0) + 1
        _log.warning("sweep: its sampler has died, it is asked again", sweep=sweep_id, reason=str(error))
        if deaths < MOST_DEATHS:
            return
        async with self._database.unit_of_work() as session:
            found = await repository.find_sweep(session, sweep_id, lock=True)
            if found is not None and found[0].end_reason is None:
                found[0].end_reason = "sampler_failed"
                found[0].failure = {
                    "failure_class": "infrastructure",
                    "code": error.code,
                    "ja": error.detail("ja"),
                    "en": error.detail("en"),
                }
        self._deaths.pop(sweep_id, None)


def request_of_trial(sweep: SweepRow, name: str, asked: Asked) -> JobCreate:
    """The request for the job that tries a point."""
    base = JobCreate.model_validate(sweep.request)
    named = f"{name[:180]} #{asked.number}"
    return base.model_copy(update={"config": {**base.config, **asked.point}, "name": named})


def _goes_on(sweep: SweepRow, group: JobGroupRow) -> bool:
    return sweep.ended_at is None and sweep.end_reason is None and not group.paused


def _wanted(sweep: SweepRow, tried: list[TrialRow]) -> int:
    open_ones = sum(1 for one in tried if one.outcome in OPEN_OUTCOMES)
    return min(sweep.parallel - open_ones, sweep.trials - len(tried))


def _remove(path: Path) -> None:
    if path.is_dir():
        remove_tree(path)
    else:
        path.unlink(missing_ok=True)
