"""Many jobs of one request: made together, the best named, only what failed run again."""

from typing import Any

import httpx
import pytest

from tests.fakes.work import until
from tests.fakes.workers import Testbed
from tests.features.sweeps.door import BATCHES, at_work, posted, read

pytestmark = pytest.mark.anyio


def item(**config: Any) -> dict[str, Any]:
    return {"recipe": "hill", "config": config, "threads": 1}


async def over(client: httpx.AsyncClient, batch_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        found: dict[str, Any] = await read(client, f"{BATCHES}/{batch_id}")
        return found

    return await until(look, lambda one: one["state"] != "running")


class TestBatch:
    async def test_best_is_named_by_the_recipes_own_direction_or_another(
        self, client: httpx.AsyncClient, testbed: Testbed
    ) -> None:
        made = await posted(client, BATCHES, {"items": [item(x=x) for x in (-3, 1, 4)], "name": "丘"})
        assert (made["by_state"], made["metric"], made["direction"]) == (
            {"queued": 3},
            "hill/height",
            "minimize",
        )
        async with at_work(testbed):
            done = await over(client, made["id"])
        assert (done["state"], done["by_state"]) == ("completed", {"completed": 3})
        assert [one["config"]["x"] for one in done["items"]] == [-3, 1, 4]
        assert done["best"]["config"]["x"] == 1
        other = await read(client, f"{BATCHES}/{made['id']}", metric="hill/cost", direction="minimize")
        assert other["best"]["config"]["x"] == -3
        listed = await read(client, BATCHES)
        assert [(one["id"], one["best"]["config"]["x"]) for one in listed["data"]] == [(made["id"], 1)]

    async def test_only_what_failed_is_run_again(self, client: httpx.AsyncClient, testbed: Testbed) -> None:
        made = await posted(client, BATCHES, {"items": [item(x=1), item(stumble=True), item(x=2)]})
        async with at_work(testbed):
            done = await over(client, made["id"])
            assert (done["state"], done["by_state"]) == ("failed", {"completed": 2, "failed": 1})
            again = await posted(client, f"{BATCHES}/{made['id']}/retry", {}, 200)
            assert [one["tries"] for one in again["items"]] == [1, 2, 1]
            assert [one["job_id"] for one in again["items"]][::2] == [one["job_id"] for one in done["items"]][
                ::2
            ]
            done = await over(client, made["id"])
        assert [one["tries"] for one in done["items"]] == [1, 2, 1]

    async def test_first_failure_cancels_what_has_not_begun_where_it_is_to(
        self, client: httpx.AsyncClient, testbed: Testbed
    ) -> None:
        body = {"items": [item(stumble=True), item(x=1), item(x=2)], "continue_on_error": False}
        made = await posted(client, BATCHES, body)
        async with at_work(testbed, cpus=1):
            done = await over(client, made["id"])
            assert done["by_state"] == {"failed": 1, "cancelled": 2}
        again = await posted(client, f"{BATCHES}/{made['id']}/retry", {}, 200)
        assert again["by_state"] == {"queued": 3}

    async def test_nothing_to_run_again_is_said(self, client: httpx.AsyncClient) -> None:
        made = await posted(client, BATCHES, {"items": [item()]})
        refused = await posted(client, f"{BATCHES}/{made['id']}/retry", {}, 409)
        assert refused["code"] == "nothing_to_retry"

    async def test_cancel_ends_all_of_it(self, client: httpx.AsyncClient) -> None:
        made = await posted(client, BATCHES, {"items": [item(), item()]})
        ended = await posted(client, f"{BATCHES}/{made['id']}/cancel", {}, 200)
        assert (ended["state"], ended["by_state"]) == ("cancelled", {"cancelled": 2})

    async def test_item_that_cannot_be_is_named_and_nothing_is_made(self, client: httpx.AsyncClient) -> None:
        refused = await posted(client, BATCHES, {"items": [item(), item(x=9)]}, 422)
        assert [one["pointer"] for one in refused["errors"]] == ["/items/1/config/x"]
        assert (await read(client, BATCHES))["data"] == []
        assert (await read(client, "/api/training/jobs"))["data"] == []

    async def test_unknown_batch_is_said(self, client: httpx.AsyncClient) -> None:
        assert (await client.get(f"{BATCHES}/grp_none")).json()["code"] == "batch_not_found"
