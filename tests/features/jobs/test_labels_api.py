"""Names, tags and notes: what people keep order by among hundreds of things."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from llmlora.contracts.states import JobState
from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import RegisteredTag
from llmlora.features.models import repository as base_models
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow

from tests.features.chat_door import accepted, job_over, registered_base
from tests.features.jobs.door import JOBS, cancelled, claimed, created, ended

pytestmark = pytest.mark.anyio


async def changed(client: httpx.AsyncClient, kind: str, id_: str, **patch: Any) -> dict[str, Any]:
    answer = await client.patch(f"/api/labels/{kind}/{id_}", json=patch)
    assert answer.status_code == 200, answer.text
    label: dict[str, Any] = answer.json()
    return label


async def refused(client: httpx.AsyncClient, kind: str, id_: str, **patch: Any) -> tuple[int, str]:
    answer = await client.patch(f"/api/labels/{kind}/{id_}", json=patch)
    return answer.status_code, answer.json()["code"]


class TestLabels:
    async def test_are_shown_wherever_the_thing_is(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, base: BaseModelRow
    ) -> None:
        job = await created(client, request_body)
        served = await accepted(database, base)
        chat = (await client.post("/api/chat/sessions", json={"models": [served.name]})).json()
        tag = new_id("tag")
        for kind, id_, path in (
            ("dataset", request_body["dataset_id"], "/api/datasets"),
            ("job", job["id"], JOBS),
            ("base_model", base.id, "/api/base-models"),
            ("deployment", served.id, "/api/deployments"),
            ("chat", chat["id"], "/api/chat/sessions"),
        ):
            told = await changed(client, kind, id_, note="  二行\nの メモ ", add_tags=[tag])
            assert (told["tags"], told["note"]) == ([tag], "二行\nの メモ")
            alone = (await client.get(f"{path}/{id_}")).json()
            assert (alone["tags"], alone["note"]) == ([tag], "二行\nの メモ")
            listed = (await client.get(path, params={"tag": tag})).json()["data"]
            assert [(one["id"], one["tags"]) for one in listed] == [(id_, [tag])]
        uses = (await client.get("/api/tags", params={"kind": ["job", "chat"]})).json()["data"]
        assert {"tag": tag, "uses": {"job": 1, "chat": 1}} in uses

    async def test_change_one_by_one_and_nobody_undoes_anothers(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        id_ = request_body["dataset_id"]
        await asyncio.gather(
            changed(client, "dataset", id_, name="よくある質問"),
            changed(client, "dataset", id_, note="秋の分"),
            *(changed(client, "dataset", id_, add_tags=[f"t{n}"]) for n in range(5)),
        )
        told = (await client.get(f"/api/datasets/{id_}")).json()
        assert (told["name"], told["note"]) == ("よくある質問", "秋の分")
        assert sorted(told["tags"]) == ["t0", "t1", "t2", "t3", "t4"]
        left = await changed(client, "dataset", id_, add_tags=["Ｔ１"], remove_tags=["T0"])
        assert sorted(left["tags"]) == ["t1", "t2", "t3", "t4"]

    async def test_are_refused_with_words_when_they_cannot_be_kept(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        id_ = request_body["dataset_id"]
        for patch in (
            {"name": "  "},
            {"name": "二\n行"},
            {"name": "x" * 201},
            {"note": "x" * 4001},
            {"add_tags": ["a,b"]},
            {"add_tags": ["x" * 41]},
            {"add_tags": ["a"], "remove_tags": ["a"]},
            {"title": "x"},
        ):
            assert await refused(client, "dataset", id_, **patch) == (422, "request_invalid"), patch
        many = [f"t{n}" for n in range(20)]
        assert len((await changed(client, "dataset", id_, add_tags=many))["tags"]) == 20
        assert await refused(client, "dataset", id_, add_tags=["t20"]) == (422, "too_many_tags")
        assert await refused(client, "dataset", "ds_gone", note="x") == (404, "thing_not_found")


class TestNames:
    async def test_of_a_job_that_has_ended_may_change_and_nothing_else(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await cancelled(client, database, settings, request_body)
        await changed(client, "job", job["id"], name="秋の学習", add_tags=["秋"], note="覚え書き")
        again = (await client.post(f"{JOBS}/{job['id']}/resume")).json()
        assert (again["name"], again["tags"], again["note"]) == ("秋の学習", ["秋"], "覚え書き")
        for column, value in (("recipe", "'x'"), ("latest_metrics", "'{}'"), ("finished_at", "now()")):
            change = text(f"UPDATE job SET name = 'x', {column} = {value} WHERE id = :id")
            with pytest.raises(DBAPIError, match="is final"):
                async with database.unit_of_work() as session:
                    await session.execute(change, {"id": job["id"]})

    async def test_of_a_running_job_may_change_and_it_ends_by_its_new_one(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
    ) -> None:
        job = await created(client, request_body)
        epoch = await claimed(database, job["id"])
        await changed(client, "job", job["id"], name="改名")
        await ended(database, job["id"], epoch, JobState.COMPLETED)
        told = (await client.get(f"{JOBS}/{job['id']}")).json()
        assert (told["name"], told["state"]) == ("改名", "completed")

    async def test_by_which_others_find_a_thing_stay(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, base: BaseModelRow
    ) -> None:
        served = await accepted(database, base)
        chain = await created(client, {**request_body, "deploy": {"target": "llama_cpp"}})
        deploying = chain["stages"][-1]["id"]
        for kind, id_ in (("base_model", base.id), ("deployment", served.id), ("job", deploying)):
            assert await refused(client, kind, id_, name="x") == (409, "name_fixed")
            assert (await changed(client, kind, id_, note="ok"))["note"] == "ok"


class TestNobodyLoses:
    async def test_what_stands_on_a_base_model_that_is_imported_again(self, database: Database) -> None:
        async with (
            registered_base(database, None, tags=["よく使う"], note="速い") as row,
            database.unit_of_work() as session,
        ):
            fresh = BaseModelRow.model_validate({**row.model_dump(), "tags": [], "note": ""})
            kept = await base_models.keep(session, fresh)
            assert (kept.tags, kept.note) == (["よく使う"], "速い")

    async def test_what_stands_beside_a_name_that_a_newer_model_takes(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        tag = RegisteredTag(tag=f"faq-{new_id('n').lower()}:latest", route="auto", quantize="", num_ctx=2048)
        ids = []
        for _ in range(2):
            async with database.unit_of_work() as session:
                job_id = await job_over(session)
                row = await registry.propose_deployment(
                    session, job_id=job_id, training_job_id=None, name=tag.tag, base_model_id=base.id, served=tag, replace=True
                )  # fmt: skip
                await registry.accept_deployment(session, job_id, {"passed": True})
                ids.append(row.id)
            if len(ids) == 1:
                await changed(client, "deployment", row.id, add_tags=["本番"], note="公開中")
        async with database.unit_of_work() as session:
            newer = await registry.get_deployment(session, ids[1])
            assert (newer.tags, newer.note) == (["本番"], "公開中")
            assert await registry.find_deployment(session, ids[0]) is None
