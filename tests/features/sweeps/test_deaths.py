"""A sampler's process that is killed leaves nothing: it is asked again, and answers the same."""

import asyncio
import os
import signal
from typing import Any

import httpx
import psutil
import pytest
from redis.asyncio import Redis

from llmlora.features.sweeps.searching import Searcher
from llmlora.kit.settings import Settings

from tests.fakes.work import until
from tests.fakes.workers import Testbed
from tests.features.sweeps.door import SWEEPS, posted, read

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def points(client: httpx.AsyncClient, sweep_id: str) -> list[dict[str, Any]]:
    return [one["point"] for one in (await read(client, f"{SWEEPS}/{sweep_id}/trials"))["data"]]


async def asker() -> list[psutil.Process]:
    children = psutil.Process().children(recursive=True)
    return [one for one in children if "llmlora.recipes.blocks.search.ask" in one.cmdline()]


async def test_killed_sampler_is_asked_again_and_gives_the_same_points(
    client: httpx.AsyncClient, testbed: Testbed, settings: Settings
) -> None:
    redis: Redis = Redis.from_url(testbed.urls.redis_url)
    searcher = Searcher(testbed.database, settings, redis)
    space = {"x": {"type": "float", "low": -5, "high": 5}, "way": ["straight", "curved"]}
    body = {"recipe": "hill", "space": space, "sampler": "bayesian", "parallel": 2, "seed": 3}
    undisturbed = await posted(client, SWEEPS, body)
    await searcher.round()
    expected = await points(client, undisturbed["id"])
    await posted(client, f"{SWEEPS}/{undisturbed['id']}/cancel", {}, 200)
    await searcher.round()
    assert len(expected) == 2
    made = await posted(client, SWEEPS, body)
    asking = asyncio.create_task(searcher.round())
    (process,) = await until(asker)
    os.kill(process.pid, signal.SIGKILL)
    await asking
    assert await points(client, made["id"]) == []
    await searcher.round()
    assert await points(client, made["id"]) == expected
    assert (await read(client, f"{SWEEPS}/{made['id']}"))["by_outcome"] == {"waiting": 2}
    shares = await read(client, f"{SWEEPS}/{made['id']}/importance")
    assert shares["data"] == [{"metric": "hill/height", "trials": 0, "settings": {}}]
    await redis.aclose()
