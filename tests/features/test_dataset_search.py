"""Rows of a data set over HTTP: looked for, looked over, and where they stand in the file they came from."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings

from tests.features.chat_door import client_of, running_app

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with running_app(settings, services, None) as app, client_of(app) as opened:
        yield opened


async def added(client: httpx.AsyncClient, text: str, name: str) -> dict[str, Any]:
    files = {"file": (name, text.encode())}
    response = await client.post("/api/datasets/upload", files=files)
    assert response.status_code == 201, response.text
    dataset: dict[str, Any] = response.json()["dataset"]
    return dataset


def table(*pairs: tuple[str, str]) -> str:
    lines = [f"{question},{answer}" for question, answer in pairs]
    return "\n".join(["instruction,output", *lines, f"{new_id('q')},はい"])


class TestSearch:
    async def test_rows_come_with_their_place_and_how_far_one_has_looked(
        self, client: httpx.AsyncClient
    ) -> None:
        dataset = await added(
            client, table(("空は何色？", "青"), ("海は？", "青い"), ("山は？", "緑")), "色.csv"
        )
        found = (await client.get(f"/api/datasets/{dataset['id']}/search", params={"q": "青"})).json()
        assert [(one["at"], one["example"]["row"]) for one in found["data"]] == [(0, 1), (1, 2)]
        assert (found["looked_at"], found["next"]) == (4, None)
        first = (
            await client.get(f"/api/datasets/{dataset['id']}/search", params={"q": "青", "limit": 1})
        ).json()
        assert (first["looked_at"], first["next"]) == (1, 1)

    async def test_data_set_that_is_not_there_is_refused(self, client: httpx.AsyncClient) -> None:
        response = await client.get("/api/datasets/ds_none/search", params={"q": "x"})
        assert (response.status_code, response.json()["code"]) == (404, "dataset_not_found")


class TestFindings:
    async def test_contradiction_is_told_with_its_rows_and_its_rows_are_found(
        self, client: httpx.AsyncClient
    ) -> None:
        rows = (
            ("返品できますか？", "できます"),
            ("送料は？", "550円"),
            ("返品できますか", "できません"),
            ("支払いは？", " "),
        )
        dataset = await added(client, table(*rows), "矛盾.csv")
        url = f"/api/datasets/{dataset['id']}"
        found = (await client.get(f"{url}/findings")).json()
        told = {one["code"]: (one["state"], one["count"], one["rows"]) for one in found["data"]}
        assert told["contradiction"] == ("fail", 1, [[1, 3]])
        assert (found["looked_at"], found["total"]) == (dataset["counts"]["kept"],) * 2
        assert "違う応答" in next(
            one["title"]["ja"] for one in found["data"] if one["code"] == "contradiction"
        )
        sought = (await client.get(f"{url}/search", params={"problem": "contradiction"})).json()
        assert [one["example"]["row"] for one in sought["data"]] == [1, 3]
        nothing = (await client.get(f"{url}/search", params={"problem": "overlong"})).json()
        assert nothing["data"] == []

    async def test_they_are_kept_until_the_data_set_goes(
        self, client: httpx.AsyncClient, settings: Settings
    ) -> None:
        dataset = await added(client, table(("一", "壱"), ("一", "弐")), "残る.csv")
        first = (await client.get(f"/api/datasets/{dataset['id']}/findings")).json()
        kept = settings.data_dir / "cache" / "findings" / f"{dataset['rows_sha256']}.json"
        written = kept.stat().st_mtime_ns
        assert (await client.get(f"/api/datasets/{dataset['id']}/findings")).json() == first
        assert kept.stat().st_mtime_ns == written
        await client.delete(f"/api/datasets/{dataset['id']}")
        assert not kept.exists()


class TestSheet:
    async def test_lines_of_the_spreadsheet_are_told_with_blank_ones_and_breaks_in_cells(
        self, client: httpx.AsyncClient
    ) -> None:
        text = '\ninstruction,output\n一,壱\n\n,\n"二\nつ",弐\n三,参\n' + f"{new_id('q')},四\n"
        dataset = await added(client, text, "表.csv")
        assert dataset["counts"]["sheet"] == {"header_row": 2, "blanks": [2, 2]}

    async def test_rows_of_json_stand_in_no_spreadsheet(self, client: httpx.AsyncClient) -> None:
        line = f'{{"instruction": "{new_id("q")}", "output": "b"}}\n'
        assert (await added(client, line, "行.jsonl"))["counts"]["sheet"] is None


class TestTotals:
    async def test_list_tells_what_all_pages_come_to(self, client: httpx.AsyncClient) -> None:
        mark = new_id("sum")
        for name in ("一", "二"):
            files = {"file": (f"{name}.csv", table(("空は？", "青")).encode())}
            await client.post("/api/datasets/upload", files=files, data={"name": f"{mark} {name}"})
        found = (await client.get("/api/datasets", params={"q": mark, "limit": 1})).json()
        assert (len(found["data"]), found["total"], found["rows"]) == (1, 2, 4)
        assert found["size_bytes"] == 2 * found["data"][0]["original_size_bytes"]
