"""A wish to cancel meets the end of a job: one of them wins, and everybody is told the same."""

import asyncio

import pytest
from sqlalchemy import text

from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.engine.jobs.capacity import Slots
from llmlora.engine.jobs.queue import FencedError, claim_next_job, finish_job, lock_owned
from llmlora.features.jobs.errors import JobOverError
from llmlora.features.jobs.service import cancel_job
from llmlora.kit.db import Database

from tests.fakes.work import ROOMY, make_job

pytestmark = pytest.mark.anyio

RACES = text(
    "SELECT j.state, j.desired, j.head_seq, count(*) AS count, max(e.seq) AS head,"
    " array_agg(e.body->>'state' ORDER BY e.seq) AS states"
    " FROM job j JOIN event e ON e.job_id = j.id GROUP BY j.id"
)


class TestCancelRacingFinish:
    @pytest.mark.slow
    @pytest.mark.parametrize("count", [120, pytest.param(500, marks=pytest.mark.long)])
    async def test_every_race_has_one_winner(self, jobs: Database, count: int) -> None:
        lost: list[BaseException] = []
        for turn in range(0, count, 10):
            races = [self.race(jobs, turn + lane) for lane in range(10)]
            lost += [error for errors in await asyncio.gather(*races) for error in errors]
        assert all(isinstance(error, JobOverError | FencedError) for error in lost), lost
        async with jobs.unit_of_work() as session:
            rows = (await session.execute(RACES)).all()
        assert len(rows) == count
        for row in rows:
            assert row.state in FINAL_STATES
            assert [state for state in row.states if state in FINAL_STATES] == [row.state]
            assert row.states[-1] == row.state
            assert (row.count, row.head) == (row.head_seq, row.head_seq)
        ways = {(row.state, row.desired, len(row.states)) for row in rows}
        assert {way[0] for way in ways} == {"completed", "cancelled"}, ways

    async def race(self, jobs: Database, turn: int) -> list[BaseException]:
        """The canceller starts with the worker, after its claim, or just as it completes; then a little later."""
        job_id = await make_job(jobs)
        starts = [asyncio.Event() for _ in range(3)]
        both = self.run(jobs, job_id, starts), self.cancel(jobs, job_id, starts[turn % 3], turn % 4)
        results = await asyncio.gather(*both, return_exceptions=True)
        return [result for result in results if isinstance(result, BaseException)]

    async def run(self, jobs: Database, job_id: str, starts: list[asyncio.Event]) -> None:
        """Claim and complete; a wish to cancel that is seen in between is granted."""
        starts[0].set()
        try:
            async with jobs.unit_of_work() as session:
                job = await claim_next_job(session, "wk_a", Slots(ROOMY).free(), only=frozenset({job_id}))
            if job is None:  # the canceller holds the row, and will have ended the job
                return
            starts[1].set()
            await asyncio.sleep(0.002)
            async with jobs.unit_of_work() as session:
                starts[2].set()
                owned = await lock_owned(session, job_id, job.epoch)
                wished = owned.desired == "cancel"
                await finish_job(session, owned, JobState.CANCELLED if wished else JobState.COMPLETED)
        finally:
            for start in starts:
                start.set()

    async def cancel(self, jobs: Database, job_id: str, start: asyncio.Event, pause_ms: int) -> None:
        await start.wait()
        await asyncio.sleep(pause_ms / 1000)
        async with jobs.unit_of_work() as session:
            await cancel_job(session, job_id, keep_checkpoint=True)
