"""Trials that do worse than others are stopped by a row of the database, and are no failures."""

import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from llmlora.contracts.events import MetricBatch, StateChange
from llmlora.contracts.states import JobState
from llmlora.features.sweeps.pruning import chance_of_ranks
from llmlora.features.sweeps.searching import Searcher
from llmlora.kit.settings import Settings

from tests.fakes.work import events_of, job_of, until
from tests.fakes.workers import Testbed, child_of
from tests.features.jobs.door import claimed, ended, stored
from tests.features.sweeps.door import SWEEPS, at_work_in_children, posted, read

pytestmark = pytest.mark.anyio

GOOD, BAD = [3.0, 2.0, 1.0, 1.0], [9.0, 8.0, 7.0, 7.0]


@pytest.fixture
async def searcher(testbed: Testbed, settings: Settings) -> AsyncIterator[Searcher]:
    redis: Redis = Redis.from_url(testbed.urls.redis_url)
    yield Searcher(testbed.database, settings, redis)
    await redis.aclose()


async def begun(client: httpx.AsyncClient, searcher: Searcher, **pruner: Any) -> tuple[str, list[str]]:
    """A sweep of four trials at once, and their jobs."""
    body = {
        "recipe": "hill",
        "space": {"x": [0, 1, 2, 3]},
        "sampler": "grid",
        "parallel": 4,
        "pruner": pruner,
    }
    made = await posted(client, SWEEPS, body)
    await searcher.round()
    found = await read(client, f"{SWEEPS}/{made['id']}/trials")
    return made["id"], [one["job_id"] for one in found["data"]]


async def reported(testbed: Testbed, job_id: str, heights: list[float]) -> int:
    """A job that runs, and has reported a height at each step; its epoch."""
    epoch = await claimed(testbed.database, job_id)
    points = [MetricBatch(step=at, values={"hill/height": one}) for at, one in enumerate(heights, 1)]
    await stored(testbed.database, job_id, epoch, *points)
    return epoch


async def completed(testbed: Testbed, job_id: str, heights: list[float]) -> None:
    await ended(testbed.database, job_id, await reported(testbed, job_id, heights), JobState.COMPLETED)


async def wishes(testbed: Testbed, *job_ids: str) -> list[str]:
    return [(await job_of(testbed.database, job_id)).desired for job_id in job_ids]


class TestDecision:
    @pytest.mark.parametrize(
        "pruner",
        [
            {"name": "median", "startup_trials": 2},
            {"name": "asha", "min_steps": 2, "reduction": 2},
            {"name": "hyperband", "min_steps": 1, "reduction": 2, "brackets": 1},
            {"name": "wilcoxon", "startup_trials": 2},
        ],
    )
    async def test_worse_is_stopped_and_better_goes_on(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher, pruner: dict[str, Any]
    ) -> None:
        _, (first, second, good, bad) = await begun(client, searcher, **pruner)
        await completed(testbed, first, [4.0, 3.0, 2.0, 2.0])
        await completed(testbed, second, [4.0, 3.5, 2.5, 2.5])
        await searcher.round()
        await reported(testbed, good, GOOD)
        await reported(testbed, bad, BAD)
        await searcher.round()
        assert await wishes(testbed, good, bad) == ["run", "prune"]

    async def test_none_stops_nobody_and_warmup_waits(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        pruner = {"name": "median", "startup_trials": 1, "warmup_steps": 4}
        _, (first, bad, *_) = await begun(client, searcher, **pruner)
        await completed(testbed, first, GOOD)
        await reported(testbed, bad, BAD)
        await searcher.round()
        assert await wishes(testbed, bad) == ["run"]

    async def test_patience_stops_what_gets_no_better(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        _, (stuck, going, *_) = await begun(client, searcher, name="patience", patience=2)
        await reported(testbed, stuck, [1.0, 2.0, 3.0])
        await reported(testbed, going, [9.0, 8.0, 7.0])
        await searcher.round()
        assert await wishes(testbed, stuck, going) == ["prune", "run"]

    async def test_stopped_one_is_pruned_whoever_loses_its_worker(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        sweep_id, (stuck, *_) = await begun(client, searcher, name="patience", patience=2)
        epoch = await reported(testbed, stuck, [1.0, 2.0, 3.0])
        await searcher.round()
        await ended(testbed.database, stuck, epoch, JobState.CANCELLED)
        await searcher.round()
        found = await read(client, f"{SWEEPS}/{sweep_id}/trials", outcome="pruned")
        assert [(one["job_id"], one["failure"]) for one in found["data"]] == [(stuck, None)]


class TestRanks:
    @pytest.mark.parametrize(
        ("differences", "chance"),
        [
            ([1, 2, 3, 4, 5], 1 / 32),
            ([-1, -2, -3, -4, -5], 1.0),
            ([1, -2, 3], 3 / 8),
            ([1, 1, -1], 0.5),
            ([0, 0], 1.0),
            ([], 1.0),
        ],
    )
    def test_chance_is_that_of_all_signs(self, differences: list[float], chance: float) -> None:
        assert chance_of_ranks(differences) == pytest.approx(chance)

    def test_many_are_as_the_normal_distribution_has_it(self) -> None:
        few, many = ([n if n % 4 in (0, 1) else -n for n in range(1, most + 1)] for most in (60, 64))
        assert chance_of_ranks(many) == pytest.approx(chance_of_ranks(few), abs=0.02)


@pytest.mark.slow
class TestRun:
    async def test_pruned_trial_ends_as_no_failure_and_a_killed_one_is_tried_again(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        pruner = {"name": "asha", "min_steps": 1, "reduction": 2}
        space = {"steps": [3, 900]}
        body = {"recipe": "hill", "threads": 1, "space": space, "sampler": "grid", "pruner": pruner}
        made = await posted(client, SWEEPS, {**body, "config": {"pause_s": 0.3}})
        killed = False

        async with at_work_in_children(testbed):

            async def look() -> dict[str, Any]:
                nonlocal killed
                await searcher.round()
                if not killed:
                    (first, *_) = (await read(client, f"{SWEEPS}/{made['id']}/trials"))["data"]
                    os.kill(await child_of(testbed, first["job_id"]), signal.SIGKILL)
                    killed = True
                found: dict[str, Any] = await read(client, f"{SWEEPS}/{made['id']}")
                return found

            done = await until(look, lambda one: one["state"] != "running", timeout_s=120)
        assert (done["state"], done["by_outcome"]) == ("completed", {"complete": 1, "pruned": 1})
        first, beaten = (await read(client, f"{SWEEPS}/{made['id']}/trials"))["data"]
        assert (await job_of(testbed.database, first["job_id"])).epoch == 2
        job = await job_of(testbed.database, beaten["job_id"])
        assert (job.state, job.desired, job.failure) == ("cancelled", "prune", None)
        (*_, last) = [
            one.body for one in await events_of(testbed.database, job.id) if isinstance(one.body, StateChange)
        ]
        assert (last.state, last.reason, last.failure) == ("cancelled", "pruned", None)
