"""Sweeps: every point once, whoever asks and whoever dies; what was found is told, and what is not needed goes."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from llmlora.features.sweeps.searching import Searcher
from llmlora.kit.settings import Settings

from tests.fakes.work import until
from tests.fakes.workers import Testbed
from tests.features.sweeps.door import SWEEPS, at_work, posted, read

pytestmark = pytest.mark.anyio


@pytest.fixture
async def searcher(testbed: Testbed, settings: Settings) -> AsyncIterator[Searcher]:
    redis: Redis = Redis.from_url(testbed.urls.redis_url)
    yield Searcher(testbed.database, settings.model_copy(update={"data_dir": testbed.data_dir}), redis)
    await redis.aclose()


def sweep(**more: Any) -> dict[str, Any]:
    body = {
        "recipe": "hill",
        "threads": 1,
        "space": {"x": [0, 1], "y": [-2, 0]},
        "sampler": "grid",
        "name": "丘",
    }
    return {**body, **more}


async def trials(client: httpx.AsyncClient, sweep_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await read(client, f"{SWEEPS}/{sweep_id}/trials"))["data"]
    return found


async def over(client: httpx.AsyncClient, searcher: Searcher, sweep_id: str) -> dict[str, Any]:
    """The sweep once it has ended, with a worker that looks after it."""

    async def look() -> dict[str, Any]:
        await searcher.round()
        found: dict[str, Any] = await read(client, f"{SWEEPS}/{sweep_id}")
        return found

    return await until(look, lambda one: one["state"] != "running")


class TestGrid:
    async def test_every_point_is_tried_once_and_the_best_is_named(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        made = await posted(client, SWEEPS, sweep(parallel=4))
        async with at_work(testbed):
            done = await over(client, searcher, made["id"])
        assert (done["state"], done["end_reason"], done["by_outcome"]) == (
            "completed",
            "trials",
            {"complete": 4},
        )
        points = [(one["point"]["x"], one["point"]["y"]) for one in await trials(client, made["id"])]
        assert points == list(itertools.product([0, 1], [-2, 0]))
        assert done["best"]["point"] == {"x": 1, "y": -2}
        assert done["best"]["values"] == [pytest.approx(0.1)]

    async def test_setting_that_hangs_on_another_is_set_only_with_it(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        curved = {"type": "int", "low": 1, "high": 3, "when": {"way": "curved"}}
        made = await posted(client, SWEEPS, sweep(space={"way": ["straight", "curved"], "layers": curved}))
        await searcher.round()
        async with at_work(testbed):
            await over(client, searcher, made["id"])
        assert [one["point"] for one in await trials(client, made["id"])] == [
            {"way": "straight"}, *({"way": "curved", "layers": layers} for layers in (1, 2, 3))
        ]  # fmt: skip

    async def test_it_is_never_more_than_all_points(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        made = await posted(client, SWEEPS, sweep(space={"x": [0, 1]}, parallel=2))
        async with at_work(testbed):
            await over(client, searcher, made["id"])
            await posted(client, f"{SWEEPS}/{made['id']}/extend", {"trials": 3}, 200)
            done = await over(client, searcher, made["id"])
        assert (done["end_reason"], done["by_outcome"]) == ("exhausted", {"complete": 2})


class TestRefusals:
    @pytest.mark.parametrize(
        ("space", "pointer"),
        [
            ({"height": [1]}, "/space/height"),
            ({"x": {"type": "float", "low": -9, "high": 1}}, "/space/x"),
            ({"x": [0, 99]}, "/space/x"),
            ({"layers": {"type": "float", "low": 1, "high": 4}}, "/space/layers"),
            ({"layers": {"type": "int", "low": 4, "high": 1}}, "/space/layers"),
            ({"rate": {"type": "float", "low": 0, "high": 1, "log": True}}, "/space/rate"),
            ({"way": ["straight", "up"]}, "/space/way"),
            ({"x": {"type": "float", "low": 0, "high": 1, "when": {"y": 1}}}, "/space/x"),
            ({"x": {"type": "float", "low": 0, "high": 1}}, "/space/x"),
        ],
    )
    async def test_setting_that_is_none_or_beyond_its_bounds_is_named(
        self, client: httpx.AsyncClient, space: dict[str, Any], pointer: str
    ) -> None:
        for language in ("ja", "en"):
            response = await client.post(
                SWEEPS, json=sweep(space=space), headers={"accept-language": language}
            )
            refused = response.json()
            assert (response.status_code, refused["code"]) == (422, "sweep_space_invalid")
            assert [one["pointer"] for one in refused["errors"]] == [pointer]
            assert pointer.removeprefix("/space/") in refused["detail"]

    async def test_deployment_is_refused(self, client: httpx.AsyncClient) -> None:
        refused = await posted(client, SWEEPS, sweep(deploy={}), 422)
        assert [one["pointer"] for one in refused["errors"]] == ["/deploy"]

    async def test_unknown_sweep_is_said(self, client: httpx.AsyncClient) -> None:
        assert (await client.get(f"{SWEEPS}/grp_none")).json()["code"] == "sweep_not_found"


class TestWorkers:
    async def test_two_that_ask_at_once_give_no_point_twice(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher, settings: Settings
    ) -> None:
        space = {"x": {"type": "float", "low": -5, "high": 5}, "layers": [1, 2, 3]}
        body = sweep(space=space, sampler="random", budget={"trials": 12}, parallel=3)
        made = await posted(client, SWEEPS, body)
        redis: Redis = Redis.from_url(testbed.urls.redis_url)
        other = Searcher(testbed.database, settings, redis)
        async with at_work(testbed), at_work(testbed):

            async def look() -> int:
                await asyncio.gather(searcher.round(), other.round(), searcher.round())
                found = await trials(client, made["id"])
                assert sum(one["outcome"] in ("waiting", "running") for one in found) <= 3
                return sum(one["outcome"] == "complete" for one in found)

            await until(look, lambda count: count == 12)
        await redis.aclose()
        found = await trials(client, made["id"])
        assert [one["number"] for one in found] == list(range(12))
        assert len({str(one["point"]) for one in found}) == 12
        assert len({one["job_id"] for one in found}) == 12


class TestEnd:
    async def test_failed_trial_ends_no_sweep(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        made = await posted(client, SWEEPS, sweep(space={"stumble": [True, False], "x": [0, 1]}))
        async with at_work(testbed):
            done = await over(client, searcher, made["id"])
        assert (done["state"], done["by_outcome"]) == ("completed", {"failed": 2, "complete": 2})

    async def test_first_trials_that_all_fail_alike_end_it_with_their_words(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        body = sweep(config={"stumble": True}, space={"layers": {"type": "int", "low": 1, "high": 8}})
        made = await posted(client, SWEEPS, body)
        async with at_work(testbed):
            done = await over(client, searcher, made["id"])
        assert (done["state"], done["end_reason"], done["by_outcome"]) == (
            "failed",
            "same_failure",
            {"failed": 5},
        )
        assert "stumbled" in done["failure"]["en"]

    async def test_point_with_which_there_is_no_job_is_a_trial_that_has_failed(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        made = await posted(client, SWEEPS, sweep(space={"x": [0, 1]}))
        async with testbed.database.unit_of_work() as session:
            spoiled = """UPDATE sweep SET space = '{"x": {"type": "categorical", "choices": [99, 1]}}'"""
            await session.execute(text(spoiled))
        async with at_work(testbed):
            done = await over(client, searcher, made["id"])
        assert done["by_outcome"] == {"failed": 1, "complete": 1}
        assert (await trials(client, made["id"]))[0]["failure"]["code"] == "config_invalid"

    async def test_time_that_is_up_ends_it(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        body = sweep(
            sampler="random", space={"x": {"type": "float", "low": 0, "high": 1}}, budget={"time_s": 0.5}
        )
        made = await posted(client, SWEEPS, body)
        async with at_work(testbed):
            done = await over(client, searcher, made["id"])
        assert (done["state"], done["end_reason"]) == ("completed", "time")

    async def test_it_ends_where_nothing_is_better_any_more_and_goes_on_where_it_is_told(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        made = await posted(client, SWEEPS, sweep(space={"x": [1, 2, 3, 4, 5, 0]}, budget={"no_progress": 2}))
        async with at_work(testbed):
            done = await over(client, searcher, made["id"])
            assert (done["end_reason"], done["by_outcome"]) == ("no_progress", {"complete": 3})
            await posted(client, f"{SWEEPS}/{made['id']}/extend", {"trials": 0}, 200)
            done = await over(client, searcher, made["id"])
        assert (done["end_reason"], done["by_outcome"]) == ("trials", {"complete": 6})

    async def test_cancelled_one_begins_nothing_more(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        made = await posted(client, SWEEPS, sweep(parallel=2))
        await searcher.round()
        await posted(client, f"{SWEEPS}/{made['id']}/cancel", {}, 200)
        done = await over(client, searcher, made["id"])
        assert (done["state"], done["by_outcome"]) == ("cancelled", {"cancelled": 2})
        refused = await posted(client, f"{SWEEPS}/{made['id']}/pause", {}, 409)
        assert refused["code"] == "sweep_over"


class TestPause:
    async def test_nothing_is_begun_until_it_goes_on(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        made = await posted(client, SWEEPS, sweep(parallel=2))
        await searcher.round()
        paused = await posted(client, f"{SWEEPS}/{made['id']}/pause", {}, 200)
        assert paused["paused"]
        async with at_work(testbed) as worker:
            worker.poke()
            await asyncio.sleep(0.5)
            await searcher.round()
            assert (await read(client, f"{SWEEPS}/{made['id']}"))["by_outcome"] == {"waiting": 2}
            await posted(client, f"{SWEEPS}/{made['id']}/resume", {}, 200)
            worker.poke()
            done = await over(client, searcher, made["id"])
        assert (done["paused"], done["by_outcome"]) == (False, {"complete": 4})


class TestWeights:
    async def test_only_the_best_keep_them(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        made = await posted(client, SWEEPS, sweep(space={"x": [5, 1, 3, 2]}, keep_best=2))
        async with at_work(testbed):
            await over(client, searcher, made["id"])
        found = await trials(client, made["id"])
        assert [one["weights"] for one in found] == ["released", "kept", "released", "kept"]
        for one in found:
            files = await read(client, f"/api/training/jobs/{one['job_id']}/artifacts")
            on_disk = list(Path(testbed.data_dir / "jobs" / one["job_id"]).rglob("hill.bin"))
            assert len(files["data"]) == len(on_disk) == (one["weights"] == "kept")
            metrics = await read(client, f"/api/training/jobs/{one['job_id']}/metrics")
            assert metrics["series"]["hill/height"]["total"] == 3


class TestSeveralObjectives:
    async def test_front_holds_what_no_other_beats(
        self, client: httpx.AsyncClient, testbed: Testbed, searcher: Searcher
    ) -> None:
        objectives = [
            {"metric": "hill/height", "direction": "minimize"},
            {"metric": "hill/cost", "direction": "maximize"},
        ]
        made = await posted(client, SWEEPS, sweep(space={"x": [-1, 0, 1, 3]}, objectives=objectives))
        async with at_work(testbed):
            await over(client, searcher, made["id"])
        found = await read(client, f"{SWEEPS}/{made['id']}/pareto")
        assert [one["point"]["x"] for one in found["data"]] == [1, 3]
        refused = await posted(client, SWEEPS, sweep(objectives=objectives, sampler="cmaes"), 422)
        assert refused["code"] == "sweep_sampler_unfit"
