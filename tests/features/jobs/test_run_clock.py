"""The time axis of curves: how long a job had run by each step, whatever lay between."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from llmlora.features.jobs.clock import MOST_STEPS, Measured, rising, run_clock
from llmlora.features.jobs.schemas import RunClock
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database

from tests.fakes.work import execute, make_job
from tests.features.jobs.door import JOBS

pytestmark = pytest.mark.anyio
BEGIN = datetime(2026, 11, 30, 9, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


async def clock_of(database: Database, job_id: str) -> RunClock:
    async with database.unit_of_work() as session:
        return await run_clock(session, job_id)


async def with_states(database: Database, states: Sequence[tuple[str, datetime]], **columns: Any) -> str:
    """A job with these changes of state behind the first that every job has."""
    job_id = await make_job(database, **columns)
    await execute(database, "DELETE FROM event WHERE job_id = :job", job=job_id)
    for seq, (state, at) in enumerate(states, 1):
        body = f'{{"type": "state", "state": "{state}"}}'
        await execute(
            database,
            "INSERT INTO event (job_id, seq, epoch, at, type, body) VALUES (:job, :seq, 1, :at, 'state', CAST(:body AS jsonb))",
            job=job_id, seq=seq, at=at, body=body,
        )  # fmt: skip
    return job_id


async def with_points(
    database: Database, job_id: str, points: dict[int, datetime], name: str = "train/loss"
) -> None:
    for step, at in points.items():
        insert = "INSERT INTO metric_point (job_id, name, step, epoch, value, at) VALUES (:job, :name, :step, 1, 1, :at)"
        await execute(database, insert, job=job_id, name=name, step=step, at=at)
    roll_up = "SELECT roll_up_points(:job, ARRAY[CAST(:name AS varchar)], :low, :high)"
    await execute(database, roll_up, job=job_id, name=name, low=min(points), high=max(points))


class TestClock:
    async def test_job_that_has_not_run_has_none(self, client: httpx.AsyncClient, database: Database) -> None:
        answer = await client.get(f"{JOBS}/{await make_job(database)}/metrics")
        assert answer.json()["clock"] == {
            "steps": [],
            "seconds": [],
            "at": None,
            "at_s": 0.0,
            "waited_s": 0.0,
        }

    async def test_time_counts_from_the_start_not_from_the_request(self, database: Database) -> None:
        states = [("queued", after(-600)), ("running", BEGIN), ("completed", after(40))]
        job_id = await with_states(database, states)
        await with_points(database, job_id, {1: after(8), 2: after(9), 3: after(30)})
        clock = await clock_of(database, job_id)
        assert (clock.steps, clock.seconds) == ([1, 2, 3], [8, 9, 30])
        assert (clock.at, clock.at_s, clock.waited_s) == (None, 40, 0)

    async def test_wait_for_another_worker_is_left_out_and_told(self, database: Database) -> None:
        states = [
            ("running", BEGIN),
            ("queued", after(10)),
            ("running", after(110)),
            ("completed", after(120)),
        ]
        job_id = await with_states(database, states)
        await with_points(database, job_id, {1: after(4), 2: after(8), 3: after(112)})
        clock = await clock_of(database, job_id)
        assert (clock.seconds, clock.at_s, clock.waited_s) == ([4, 8, 12], 20, 100)

    async def test_steps_of_an_earlier_try_that_are_not_reached_again_do_not_turn_time_back(self) -> None:
        tries = [Measured(1, after(1)), Measured(2, after(50)), Measured(3, after(3)), Measured(4, after(4))]
        assert [one.step for one in rising(tries)] == [1, 2]

    async def test_resumed_job_goes_on_with_the_time_of_the_one_before(self, database: Database) -> None:
        first = await with_states(database, [("running", BEGIN), ("cancelled", after(30))])
        states = [("queued", after(3600)), ("running", after(3700)), ("completed", after(3720))]
        job_id = await with_states(database, states, resumes_job_id=first)
        await with_points(database, job_id, {10: after(20), 11: after(3705)})
        clock = await clock_of(database, job_id)
        assert (clock.seconds, clock.at_s, clock.waited_s) == ([20, 35], 50, 3670)

    async def test_where_the_one_before_was_deleted_its_points_tell_how_long_it_took(
        self, database: Database
    ) -> None:
        job_id = await with_states(
            database, [("running", after(1000)), ("completed", after(1010))], resumes_job_id="gone"
        )
        await with_points(database, job_id, {1: after(2), 5: after(10), 6: after(1004)})
        assert (await clock_of(database, job_id)).seconds == [0, 8, 12]

    async def test_running_job_says_by_when_it_had_run_how_long(self, database: Database) -> None:
        job_id = await with_states(database, [("running", utc_now() - timedelta(seconds=100))])
        clock = await clock_of(database, job_id)
        assert clock.at is not None
        assert 100 <= clock.at_s < 160
        assert clock.steps == []

    async def test_long_curve_is_told_in_few_steps_from_its_first_to_its_last(
        self, database: Database
    ) -> None:
        job_id = await with_states(database, [("running", BEGIN), ("completed", after(20_000))])
        insert = """
            INSERT INTO metric_point (job_id, name, step, epoch, value, at)
            SELECT :job, 'x', step, 1, 0, CAST(:begin AS timestamptz) + step * interval '1 second'
            FROM generate_series(1, 20000) AS step
        """
        await execute(database, insert, job=job_id, begin=BEGIN)
        await execute(
            database, "SELECT roll_up_points(:job, ARRAY[CAST('x' AS varchar)], 0, 20000)", job=job_id
        )
        await with_points(database, job_id, {20_001: after(20_005)}, name="eval/x")
        clock = await clock_of(database, job_id)
        assert len(clock.steps) <= MOST_STEPS + 2
        assert (clock.steps[0], clock.steps[-2:]) == (1, [20_000, 20_001])
        assert all(math.isclose(s, at) for s, at in zip(clock.steps[:-1], clock.seconds, strict=False))
