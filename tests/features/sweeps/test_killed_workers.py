"""Workers that are killed in the middle of a sweep change nothing of what it finds."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from llmlora.kit.processes import PARENT_VARIABLE

from tests.fakes.work import until
from tests.fakes.workers import Testbed
from tests.features.sweeps.conftest import RECIPES
from tests.features.sweeps.door import SWEEPS, posted, read

pytestmark = [pytest.mark.anyio, pytest.mark.long]

BODY = {
    "recipe": "hill",
    "config": {"pause_s": 0.1},
    "space": {"x": {"type": "float", "low": -5, "high": 5}, "layers": {"type": "int", "low": 1, "high": 8}},
    "sampler": "tpe",
    "budget": {"trials": 5},
    "threads": 1,
    "seed": 11,
}


@contextmanager
def worker(testbed: Testbed) -> Iterator["subprocess.Popen[bytes]"]:
    """The program of `up`; killed at the end, whatever it does."""
    env = {name: value for name, value in os.environ.items() if name != PARENT_VARIABLE}
    env |= {
        "LLMLORA_DATABASE_URL": testbed.urls.database_url,
        "LLMLORA_REDIS_URL": testbed.urls.redis_url,
        "LLMLORA_RECIPES": str(RECIPES),
    }
    argv = [sys.executable, "-m", "llmlora.entry.worker", "--data-dir", str(testbed.data_dir)]
    with (testbed.data_dir / "worker.log").open("ab") as log:
        process = subprocess.Popen(argv, env=env, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


async def found(client: httpx.AsyncClient, sweep_id: str) -> list[dict[str, Any]]:
    trials: list[dict[str, Any]] = (await read(client, f"{SWEEPS}/{sweep_id}/trials"))["data"]
    return trials


async def over(client: httpx.AsyncClient, sweep_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        one: dict[str, Any] = await read(client, f"{SWEEPS}/{sweep_id}")
        return one

    return await until(look, lambda one: one["state"] != "running", timeout_s=150)


async def test_sweep_finds_the_same_however_often_its_worker_is_killed(
    client: httpx.AsyncClient, testbed: Testbed
) -> None:
    undisturbed = await posted(client, SWEEPS, BODY)
    with worker(testbed):
        expected = await over(client, undisturbed["id"])
    made = await posted(client, SWEEPS, BODY)
    for reached in (1, 3):
        with worker(testbed) as process:
            await until(
                lambda: found(client, made["id"]), lambda one, n=reached: len(one) >= n, timeout_s=150
            )
            process.send_signal(signal.SIGKILL)
    with worker(testbed):
        done = await over(client, made["id"])
    assert (done["state"], done["by_outcome"]) == ("completed", {"complete": 5})
    before, after = await found(client, undisturbed["id"]), await found(client, made["id"])
    assert [(one["number"], one["point"], one["values"]) for one in after] == [
        (one["number"], one["point"], one["values"]) for one in before
    ]
    assert (done["best"]["point"], done["best"]["values"]) == (
        expected["best"]["point"],
        expected["best"]["values"],
    )
