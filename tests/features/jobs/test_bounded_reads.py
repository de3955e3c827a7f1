"""Reads of long jobs: what leaves the database grows with what is shown, and nothing that matters is lost on the way."""

import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import event, text

from llmlora.contracts.events import LogBatch, MetricBatch, Progress
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.capacity import Capacity, Slots
from llmlora.engine.jobs.queue import claim_next_job, lock_owned
from llmlora.features.jobs.curves import KEPT_OF_A_GROUP, cover_of, thinned_curves
from llmlora.features.jobs.schemas import Series
from llmlora.features.jobs.service import usable_checkpoints
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.tables.job import JobRow
from llmlora.tables.metric_bucket import SPANS

from tests.fakes.work import execute, make_job
from tests.features.jobs.door import JOBS, cancelled, checkpoint_of, claimed, created, ended, stored

pytestmark = pytest.mark.anyio

WIDTH = 200
LONG = 50_000
_long_jobs: dict[str, str] = {}
"""Of 50,000 steps, by database."""
WAVE = "2 + sin(step / 997.0) + cos(step / 31.0)"


async def recorded(database: Database, steps: int, value: str = WAVE, *, every: int = 1) -> str:
    """A job with a point of the curve `x` every so many steps."""
    job_id = await make_job(database)
    insert = f"""
        INSERT INTO metric_point (job_id, name, step, epoch, value, at)
        SELECT :job, 'x', step, 1, {value}, now() FROM generate_series(1, :steps, :every) AS step
    """
    await execute(database, insert, job=job_id, steps=steps, every=every)
    roll_up = "SELECT roll_up_points(:job, ARRAY[CAST('x' AS varchar)], 0, :steps)"
    await execute(database, roll_up, job=job_id, steps=steps)
    return job_id


async def talkative(database: Database, lines: int) -> str:
    """A job with so many log lines, and a sign of progress behind each."""
    job_id = await make_job(database)
    insert = """
        INSERT INTO event (job_id, seq, epoch, at, type, body)
        SELECT :job, 10 + 2 * line, 1, now(), 'log',
            json_build_object('type', 'log', 'level', 'info', 'message', 'line ' || line)
        FROM generate_series(1, :lines) AS line
        UNION ALL
        SELECT :job, 11 + 2 * line, 1, now(), 'progress',
            json_build_object('type', 'progress', 'stage', 'train', 'done', line, 'total', :lines, 'unit', 'steps')
        FROM generate_series(1, :lines) AS line
    """
    await execute(database, insert, job=job_id, lines=lines)
    await execute(
        database, "UPDATE job SET head_seq = :head WHERE id = :job", head=11 + 2 * lines, job=job_id
    )
    return job_id


async def shown(database: Database, job_id: str, **asked: Any) -> Series:
    async with database.unit_of_work() as session:
        curves = await thinned_curves(
            session, job_id, ["x"], **{"width": WIDTH, "first": 0, "last": None, **asked}
        )
    return curves["x"]


async def points(
    database: Database, job_id: str, first: int = 0, last: int = 2**53
) -> list[tuple[int, float]]:
    async with database.unit_of_work() as session:
        wanted = (
            "SELECT step, value FROM metric_point WHERE job_id = :j AND step BETWEEN :a AND :b ORDER BY step"
        )
        found = await session.execute(text(wanted), {"j": job_id, "a": first, "b": last})
        return [(row.step, row.value) for row in found]


async def claimed_next(database: Database) -> str:
    """The job that a worker with room for everything takes."""
    free = Slots(Capacity(cpus=64, gpus=(), memory_bytes=1 << 50, identity="-", born="-")).free()
    async with database.unit_of_work() as session:
        job = await claim_next_job(session, "wk_test", free)
        assert job is not None
        return job.id


@contextmanager
def rows_read(database: Database) -> Iterator[list[int]]:
    """How many rows each statement gave to this process."""
    counts: list[int] = []

    def after(_connection: Any, cursor: Any, *_rest: Any) -> None:
        counts.append(max(0, cursor.rowcount))

    engine = database.engine.sync_engine
    event.listen(engine, "after_cursor_execute", after)
    try:
        yield counts
    finally:
        event.remove(engine, "after_cursor_execute", after)


async def scanned(database: Database, statement: str, **values: Any) -> int:
    """Rows that PostgreSQL touches for a statement, in all nodes of its plan."""
    async with database.unit_of_work() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await session.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"), values)

    def rows(node: dict[str, Any]) -> int:
        own = int(node["Actual Rows"] * node["Actual Loops"]) + int(node.get("Rows Removed by Filter", 0))
        return own + sum(rows(child) for child in node.get("Plans", ()))

    return rows(plan[0]["Plan"])


class TestCurves:
    @pytest.fixture
    async def job_id(self, database: Database) -> str:
        """A job of 50,000 steps, recorded once for all of these tests."""
        where = str(database.engine.url)
        if where not in _long_jobs:
            _long_jobs[where] = await recorded(database, LONG)
        return _long_jobs[where]

    async def test_fifty_thousand_steps_are_read_as_few_rows(self, database: Database, job_id: str) -> None:
        with rows_read(database) as counts:
            series = await shown(database, job_id)
        assert series.total == LONG
        assert WIDTH / 2.5 <= len(series.steps) <= WIDTH + KEPT_OF_A_GROUP
        assert sum(counts) <= WIDTH + 2 * len(counts)

    async def test_ends_and_extremes_of_every_stretch_stay(self, database: Database, job_id: str) -> None:
        series, all_points = await shown(database, job_id), await points(database, job_id)
        kept = dict(zip(series.steps, series.values, strict=True))
        assert series.steps == sorted(kept)
        assert (all_points[0], all_points[-1]) == (
            (series.steps[0], series.values[0]),
            (series.steps[-1], series.values[-1]),
        )
        values = [value for _, value in all_points]
        assert (min(values), max(values)) == (min(kept.values()), max(kept.values()))
        # Between neighbours that are shown, the curve does not leave the band that its group shows by more than a stretch.
        stretch = LONG * KEPT_OF_A_GROUP // WIDTH
        for begin in range(0, LONG - 2 * stretch, 7 * stretch):
            inside = [value for step, value in all_points if begin < step <= begin + stretch]
            near = [value for step, value in kept.items() if begin - stretch < step <= begin + 2 * stretch]
            assert min(near) <= min(inside)
            assert max(near) >= max(inside)

    @pytest.mark.parametrize(
        ("first", "last"), [(0, 49_999), (12_345, 31_011), (777, 1_100), (40_000, 2**53), (3, 3)]
    )
    async def test_range_shows_what_lies_in_it_and_nothing_else(
        self, database: Database, job_id: str, first: int, last: int
    ) -> None:
        series = await shown(database, job_id, first=first, last=last)
        inside = await points(database, job_id, first, last)
        assert series.total == len(inside)
        assert (series.steps[0], series.steps[-1]) == (inside[0][0], inside[-1][0])
        assert max(series.values) == max(value for _, value in inside)
        assert min(series.values) == min(value for _, value in inside)
        if len(inside) <= WIDTH:
            assert list(zip(series.steps, series.values, strict=True)) == inside

    async def test_range_beside_the_curve_is_empty(self, client: httpx.AsyncClient, job_id: str) -> None:
        asked = {"first_step": LONG + 1, "last_step": 2 * LONG}
        assert (await client.get(f"{JOBS}/{job_id}/metrics", params=asked)).json()["series"] == {}

    @pytest.mark.parametrize("every", [3, 1000, 20_000])
    async def test_sparse_curve_that_fits_is_given_whole(self, database: Database, every: int) -> None:
        job_id = await recorded(database, 150 * every, every=every)
        for asked in ({}, {"first": 10 * every, "last": 90 * every}):
            series = await shown(database, job_id, **asked)
            inside = await points(database, job_id, asked.get("first", 0), asked.get("last", 2**53))
            assert list(zip(series.steps, series.values, strict=True)) == inside

    async def test_value_that_is_not_finite_hides_no_extreme_and_is_shown(self, database: Database) -> None:
        value = "CASE WHEN step = 4321 THEN 'NaN' WHEN step = 9000 THEN 'Infinity' ELSE sin(step / 100.0) END"
        job_id = await recorded(database, 20_000, value)
        series = await shown(database, job_id)
        kept = dict(zip(series.steps, series.values, strict=True))
        assert math.isnan(kept[4321])
        assert math.isinf(kept[9000])
        finite = [value for value in kept.values() if math.isfinite(value)]
        assert max(finite) == pytest.approx(1.0, abs=1e-4)

    async def test_steps_that_a_resumed_run_repeats_show_their_new_values(self, database: Database) -> None:
        job_id = await make_job(database)
        epoch = await claimed(database, job_id)
        await stored(
            database, job_id, epoch, *(MetricBatch(step=n, values={"x": 9.0}) for n in range(1, 400))
        )
        again = [MetricBatch(step=n, values={"x": 1.0}) for n in range(200, 1200)]
        facts_so_far = [MetricBatch(step=0, values={"x": 9.0})] * 399
        await stored(database, job_id, epoch, *facts_so_far, *again)
        series = await shown(database, job_id, width=40)
        assert series.total == 1199
        assert {value for step, value in zip(series.steps, series.values, strict=True) if step >= 200} == {
            1.0
        }

    async def test_resumed_job_begins_with_the_curves_it_was_given(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await cancelled(client, database, settings, request_body, steps=range(1, 900), saved=600)
        resumed = (await client.post(f"{JOBS}/{job['id']}/resume")).json()
        path = f"{JOBS}/{resumed['id']}/metrics"
        series = (await client.get(path, params={"width": 40})).json()["series"]["train/loss"]
        assert (series["total"], series["steps"][0], series["steps"][-1]) == (600, 1, 600)

    async def test_every_span_of_the_code_is_filled(self, database: Database, job_id: str) -> None:
        async with database.unit_of_work() as session:
            found = await session.scalars(
                text("SELECT DISTINCT span FROM metric_bucket WHERE job_id = :j ORDER BY span"), {"j": job_id}
            )
            assert tuple(found) == SPANS


class TestCover:
    @pytest.mark.parametrize("seed", range(40))
    def test_buckets_and_single_steps_fill_a_range_once(self, seed: int) -> None:
        chance = random.Random(seed)
        low = chance.choice([0, 1, 7, 8, chance.randrange(10**6)])
        end = low + chance.choice([1, 7, 8, 9, 100, chance.randrange(1, 10**6)])
        span = chance.choice(SPANS)
        cover = cover_of(low, end, span)
        stretches = [(first * width, (last + 1) * width) for width, first, last in cover.parts]
        stretches += [(low, cover.begin), (cover.stop, end)]
        at = low
        for begin, stop in sorted(one for one in stretches if one[0] < one[1]):
            assert begin == at
            at = stop
        assert at == end
        assert max(width for width, _, _ in cover.parts or [(0, 0, 0)]) <= span
        assert len(cover.parts) <= 2 * len(SPANS)
        assert (cover.begin - low) + (end - cover.stop) < 2 * SPANS[0]


class TestTail:
    @pytest.mark.parametrize("kind", ["log", "progress"])
    async def test_last_events_of_a_type_come_in_order_with_the_head(
        self, client: httpx.AsyncClient, database: Database, kind: str
    ) -> None:
        job_id = await talkative(database, 500)
        page = (await client.get(f"{JOBS}/{job_id}/events", params={"types": kind, "tail": 3})).json()
        numbers = [event["seq"] for event in page["data"]]
        assert {event["body"]["type"] for event in page["data"]} == {kind}
        assert numbers == sorted(numbers)
        assert (len(numbers), page["head_seq"], page["next"], page["earlier"]) == (3, 1011, None, numbers[0])

    async def test_pages_lead_back_to_the_first(self, client: httpx.AsyncClient, database: Database) -> None:
        job_id = await talkative(database, 25)
        seen: list[str] = []
        asked: dict[str, Any] = {"tail": 10}
        while asked.get("before", 1) is not None:
            page = (await client.get(f"{JOBS}/{job_id}/logs", params=asked)).json()
            seen = [line["message"] for line in page["data"]] + seen
            asked = {"tail": 10, "before": page["earlier"]}
        assert seen == [f"line {n}" for n in range(1, 26)]

    async def test_tail_of_a_long_job_reads_no_more_than_itself(self, database: Database) -> None:
        long = await talkative(database, 10_000)
        wanted = "SELECT * FROM event WHERE job_id = :job AND type = :type ORDER BY seq DESC LIMIT 50"
        await execute(database, "ANALYZE event")
        assert await scanned(database, wanted, job=long, type="log") <= 3 * 50

    async def test_page_of_openais_events_reads_no_more_than_itself(self, database: Database) -> None:
        long = await talkative(database, 10_000)
        await execute(
            database, "UPDATE event SET at = at + seq * interval '1 ms' WHERE job_id = :job", job=long
        )
        wanted = """
            SELECT * FROM event WHERE job_id = :job AND type IN ('state', 'metrics', 'log', 'checkpoint')
            ORDER BY at DESC, seq DESC LIMIT 50
        """
        await execute(database, "ANALYZE event")
        assert await scanned(database, wanted, job=long) <= 3 * 50

    async def test_followers_of_some_types_pass_over_the_rest(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        job_id = await make_job(database)
        epoch = await claimed(database, job_id)
        logs = [LogBatch(level="info", message=str(n)) for n in range(3)]
        busy = [Progress(stage="train", done=n, total=9, unit="steps") for n in range(9)]
        await stored(database, job_id, epoch, *busy[:4], logs[0], *busy[4:], *logs[1:])
        await ended(database, job_id, epoch, JobState.COMPLETED)
        stream = {"accept": "text/event-stream"}
        told = (await client.get(f"{JOBS}/{job_id}/events", params={"types": ["log"]}, headers=stream)).text
        assert [line for line in told.splitlines() if line.startswith("event")] == ["event: log"] * 3 + [
            "event: over"
        ]

    @pytest.mark.parametrize("asked", [{"tail": 5, "after": 3}, {"before": 7}, {"after": 2, "before": 7}])
    @pytest.mark.parametrize("what", ["events", "logs"])
    async def test_two_directions_at_once_are_refused(
        self, client: httpx.AsyncClient, database: Database, what: str, asked: dict[str, int]
    ) -> None:
        job_id = await make_job(database)
        response = await client.get(f"{JOBS}/{job_id}/{what}", params=asked)
        assert (response.status_code, response.json()["code"]) == (422, "two_directions")

    async def test_type_that_there_is_not_is_named(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        response = await client.get(f"{JOBS}/{await make_job(database)}/events", params={"types": "logs"})
        assert (response.status_code, response.json()["code"]) == (422, "request_invalid")


class TestLists:
    async def test_list_reads_neither_reports_nor_requests(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
    ) -> None:
        job = await created(client, {**request_body, "metadata": {"team": "豆"}})
        epoch = await claimed(database, job["id"])
        async with database.unit_of_work() as session:
            row = await lock_owned(session, job["id"], epoch)
            row.reports = {"gates": {"rows": ["x" * 1000] * 100}}
        asked: list[str] = []

        def before(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        # The application has a pool of its own, so its statements are those of the class.
        from sqlalchemy.engine import Engine

        event.listen(Engine, "before_cursor_execute", before)
        try:
            listed = (await client.get(JOBS, params={"limit": 1, "q": request_body["name"]})).json()["data"][
                0
            ]
            progress = await client.get(f"{JOBS}/{job['id']}/progress")
            metrics = await client.get(f"{JOBS}/{job['id']}/metrics")
        finally:
            event.remove(Engine, "before_cursor_execute", before)
        assert (listed["id"], listed["metadata"]) == (job["id"], {"team": "豆"})
        assert (progress.status_code, metrics.status_code) == (200, 200)
        assert not [one for one in asked if "job.reports" in one or "job.facts," in one]

    async def test_filters_have_indexes(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            await session.execute(text("SET LOCAL enable_seqscan = off"))
            for condition in (
                "state IN ('queued')",
                "recipe IN ('text_lora')",
                "inputs ->> 'dataset_id' = 'ds_x'",
                "inputs ->> 'base_model' IN ('a', 'b')",
                "resumes_job_id IN ('a', 'b')",
                "facts ? 'openai'",
            ):
                plan = str(
                    (await session.execute(text(f"EXPLAIN SELECT * FROM job WHERE {condition}"))).all()
                )
                assert "Index" in plan, (condition, plan)
                assert "Seq Scan" not in plan, (condition, plan)


class TestLine:
    async def test_waiting_jobs_are_named_in_the_order_in_which_they_are_taken(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        before = (await client.get(f"{JOBS}/waiting")).json()["data"]
        made = [await make_job(database) for _ in range(5)]
        await execute(database, "UPDATE job SET priority = 99 WHERE id = :job", job=made[3])
        await execute(database, "UPDATE job SET state = 'cancelled' WHERE id = :job", job=made[0])
        line = (await client.get(f"{JOBS}/waiting")).json()
        in_turn = [made[3], made[1], made[2], made[4]]
        assert [one for one in line["data"] if one in made] == in_turn
        assert line["length"] == len(before) + 4
        assert await claimed_next(database) == made[3]

    async def test_line_beyond_what_is_named_is_counted(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        for _ in range(3):
            await make_job(database)
        line = (await client.get(f"{JOBS}/waiting", params={"limit": 2})).json()
        assert len(line["data"]) == 2
        assert line["length"] >= 3


class TestResume:
    async def test_asking_for_a_resume_reads_no_checkpoint(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await created(client, request_body)
        epoch = await claimed(database, job["id"])
        saved = checkpoint_of(settings.data_dir, job["id"], 2, weights_bytes=64 << 20)
        await stored(database, job["id"], epoch, saved)
        await ended(database, job["id"], epoch, JobState.CANCELLED)
        begin = psutil.Process().io_counters().read_chars
        response = await client.post(f"{JOBS}/{job['id']}/resume")
        async with database.unit_of_work() as session:
            row = await session.get_one(JobRow, response.json()["id"])
            [found] = await usable_checkpoints(session, settings.data_dir, row)
        assert found.path == saved.path
        assert psutil.Process().io_counters().read_chars - begin < 32 << 20
