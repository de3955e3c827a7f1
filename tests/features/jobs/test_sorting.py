"""Lists of jobs in the order of a column, page by page, and what they come to together."""

from typing import Any

import httpx
import pytest

from llmlora.contracts.events import MetricBatch
from llmlora.contracts.states import JobState
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id

from tests.features.jobs.door import JOBS, claimed, created, ended, stored

pytestmark = pytest.mark.anyio

SETTINGS = [{"rank": 16}, {"rank": 4}, {"rank": 128, "max_length": 64}, {"rank": 4, "max_length": 512}]
CURVES: list[list[float | None] | None] = [[3.0, 0.5, 2.0], [1.0, 1.5], None, [0.75, None]]
"""Evaluation losses of each; None: not a number."""

ORDERS = {
    "config.rank": [3, 1, 0, 2],  # by size, equal ones newest first
    "-config.rank": [2, 0, 3, 1],
    "config.max_length": [2, 3, 1, 0],  # those without stand last …
    "-config.max_length": [3, 2, 1, 0],  # … either way
    "last.eval/loss": [1, 0, 3, 2],  # what is no number, too
    "-last.eval/loss": [0, 1, 3, 2],
    "min.eval/loss": [0, 3, 1, 2],
    "-max.eval/loss": [0, 1, 3, 2],
    "name": [3, 1, 2, 0],
    "-name": [0, 2, 1, 3],
    "created": [0, 1, 2, 3],
    "-created": [3, 2, 1, 0],
    "state": [2, 3, 1, 0],
    "rows": [3, 2, 1, 0],
}


def point(step: int, value: float | None) -> MetricBatch:
    if value is None:
        return MetricBatch(step=step, values={}, not_finite={"eval/loss": "nan"})
    return MetricBatch(step=step, values={"eval/loss": value})


@pytest.fixture
async def group(
    client: httpx.AsyncClient, database: Database, request_body: dict[str, Any]
) -> tuple[str, list[str]]:
    """Words that only these four jobs have in their name, and their ids, oldest first."""
    mark = new_id("sort")
    ids = []
    for place, (config, curve) in enumerate(zip(SETTINGS, CURVES, strict=True)):
        body = {**request_body, "name": f"{'dbca'[place]} {mark}", "config": {**config, "epochs": 1}}
        job_id = (await created(client, body))["id"]
        ids.append(job_id)
        if curve is not None:
            epoch = await claimed(database, job_id)
            points = [point(step, value) for step, value in enumerate(curve, 1)]
            tokens = MetricBatch(step=9, values={"train/supervised_tokens": 100.0})
            await stored(database, job_id, epoch, *points, tokens)
            await ended(database, job_id, epoch, JobState.COMPLETED)
    return mark, ids


async def places(
    client: httpx.AsyncClient, mark: str, ids: list[str], sort: str, limit: int = 1
) -> list[int]:
    """Which of the jobs come, in their order, over all pages."""
    found: list[int] = []
    after: str | None = ""
    while after is not None:
        asked = {"q": mark, "sort": sort, "limit": limit, **({"after": after} if after else {})}
        page = (await client.get(JOBS, params=asked)).json()
        found += [ids.index(row["id"]) for row in page["data"]]
        after = page["next"]
    return found


class TestSort:
    async def test_all_pages_together_are_in_order_and_hold_every_job_once(
        self, client: httpx.AsyncClient, group: tuple[str, list[str]]
    ) -> None:
        found = {sort: await places(client, *group, sort) for sort in ORDERS}
        assert found == ORDERS
        assert {sort: await places(client, *group, sort, limit=3) for sort in ORDERS} == ORDERS

    async def test_every_column_of_the_list_can_be_asked_for(
        self, client: httpx.AsyncClient, group: tuple[str, list[str]]
    ) -> None:
        for sort in ("recipe", "dataset", "base_model", "progress", "duration", "-duration"):
            assert sorted(await places(client, *group, sort)) == [0, 1, 2, 3], sort

    async def test_every_setting_and_metric_of_every_recipe_can_be_asked_for(
        self, client: httpx.AsyncClient, group: tuple[str, list[str]]
    ) -> None:
        recipes = (await client.get("/api/recipes")).json()["data"]
        columns = [f"config.{name}" for recipe in recipes for name in recipe["config_schema"]["properties"]]
        columns += [f"last.{metric['name']}" for recipe in recipes for metric in recipe["metrics"]]
        for column in columns:
            response = await client.get(JOBS, params={"q": group[0], "sort": column, "limit": 2})
            assert response.status_code == 200, column

    async def test_name_that_sorts_after_all_letters_of_ascii_is_gone_on_behind(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        mark = new_id("長い")
        names = [f'{mark} {"あ" * 150}\\ " 一', f'{mark} {"あ" * 150}\\ " 二']
        ids = [(await created(client, {**request_body, "name": name}))["id"] for name in names]
        assert sorted(await places(client, mark, ids, "name")) == [0, 1]

    async def test_what_no_job_has_is_refused_with_the_columns_there_are(
        self, client: httpx.AsyncClient
    ) -> None:
        for sort in ("colour", "config.colour", "last.colour", "best.eval/loss", "config", "-"):
            response = await client.get(JOBS, params={"sort": sort})
            assert (response.status_code, response.json()["code"]) == (422, "job_sort_unknown")
            assert "config.<" in response.json()["detail"]

    async def test_cursor_of_another_order_is_refused(
        self, client: httpx.AsyncClient, group: tuple[str, list[str]]
    ) -> None:
        first = (await client.get(JOBS, params={"q": group[0], "sort": "name", "limit": 1})).json()
        for sort in ("-name", "created"):
            response = await client.get(JOBS, params={"sort": sort, "after": first["next"]})
            assert response.json()["code"] == "cursor_invalid"
        assert (await client.get(JOBS, params={"after": first["next"]})).json()["code"] == "cursor_invalid"


class TestRow:
    async def test_extremes_rows_and_base_stand_beside_the_job(
        self, client: httpx.AsyncClient, group: tuple[str, list[str]], base: Any
    ) -> None:
        mark, ids = group
        rows = {row["id"]: row for row in (await client.get(JOBS, params={"q": mark})).json()["data"]}
        assert rows[ids[0]]["extremes"]["eval/loss"] == {"min": 0.5, "max": 3.0}
        assert rows[ids[3]]["extremes"]["eval/loss"] == {"min": 0.75, "max": 0.75}
        assert rows[ids[2]]["extremes"] == {}
        assert (rows[ids[0]]["dataset_rows"], rows[ids[0]]["base_reference"]) == (6, base.reference)


class TestTotals:
    async def test_they_are_of_all_pages(
        self, client: httpx.AsyncClient, group: tuple[str, list[str]]
    ) -> None:
        found = (await client.get(f"{JOBS}/totals", params={"q": group[0]})).json()
        assert (found["count"], found["by_state"]) == (4, {"completed": 3, "queued": 1})
        assert (found["tokens"], found["size_bytes"]) == (300, 0)
        assert found["run_time_s"] >= 0

    async def test_they_are_of_what_the_filters_show(
        self, client: httpx.AsyncClient, group: tuple[str, list[str]]
    ) -> None:
        found = (await client.get(f"{JOBS}/totals", params={"q": group[0], "state": "queued"})).json()
        assert (found["count"], found["tokens"]) == (1, 0)
        nothing = (await client.get(f"{JOBS}/totals", params={"q": new_id("none")})).json()
        assert nothing == {"count": 0, "by_state": {}, "run_time_s": 0.0, "tokens": 0, "size_bytes": 0}
