"""Whoever deletes is told who needs it: deployments that serve from it, jobs that will read it, models that lie in it."""

import asyncio
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from llmlora.contracts.events import Artifact, ArtifactKind
from llmlora.contracts.states import JobState
from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import DeployedFiles
from llmlora.kit.db import Database
from llmlora.kit.files import sha256_of_file
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow

from tests.features.chat_door import files_of, job_over, registered_base
from tests.features.jobs.door import JOBS, cancelled, checkpoint_of, claimed, created, ended, stored

pytestmark = pytest.mark.anyio
SIZE = 1000


async def made(database: Database, settings: Settings, job_id: str, kind: ArtifactKind, name: str) -> str:
    """Complete a job that leaves one file; its path below the data directory."""
    path = f"jobs/{job_id}/1/{name}"
    target = settings.data_dir / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(job_id.encode().ljust(SIZE, b"."))
    facts = {"path": path, "sha256": sha256_of_file(target), "size_bytes": SIZE, "name": name, "facts": {}}
    epoch = await claimed(database, job_id)
    await stored(database, job_id, epoch, Artifact.model_validate({"kind": kind, **facts}))
    await ended(database, job_id, epoch, JobState.COMPLETED)
    return path


async def deployed(
    database: Database, base: BaseModelRow, files: DeployedFiles, *, is_green: bool = True
) -> str:
    """A deployment that its gates accepted, or rejected; its id."""
    async with database.unit_of_work() as session:
        job_id = await job_over(session)
        row = await registry.propose_deployment(
            session,
            job_id=job_id,
            training_job_id=None,
            name=f"ft:{job_id}",
            base_model_id=base.id,
            served=files,
        )
        verdict = registry.accept_deployment if is_green else registry.reject_deployment
        await verdict(session, job_id, {"passed": is_green})
        return row.id


async def refused(client: httpx.AsyncClient, kind: str, id_: str) -> list[str]:
    """Ids of those for whom a deletion is refused: in words, by their names, and told to whoever asks beforehand."""
    told = (await client.get(f"/api/needs/{kind}", params={"id": id_})).json()["data"][0]
    path = {"job": JOBS, "base_model": "/api/base-models", "dataset": "/api/datasets"}[kind]
    japanese = await client.delete(f"{path}/{id_}", headers={"accept-language": "ja"})
    english = await client.delete(f"{path}/{id_}")
    assert (english.status_code, english.json()["code"]) == (409, f"{kind}_in_use"), english.text
    for detail in (japanese.json()["detail"], english.json()["detail"]):
        assert told["name"] in detail
        assert all(one["name"] in detail and f"({one['id']}" not in detail for one in told["needs"])
    assert "削除できません" in japanese.json()["detail"]
    return [one["id"] for one in told["needs"]]


class TestDeployment:
    @pytest.mark.parametrize("field", ["base_gguf", "adapter_gguf", "chat_template", "adapter_dir"])
    async def test_keeps_every_file_that_it_serves_from(
        self,
        client: httpx.AsyncClient,
        request_body: dict[str, Any],
        database: Database,
        settings: Settings,
        base: BaseModelRow,
        field: str,
    ) -> None:
        job = await created(client, request_body)
        path = await made(database, settings, job["id"], ArtifactKind.GGUF, "served.gguf")
        id_ = await deployed(
            database,
            base,
            files_of(**{"gguf": "base.gguf", field: path} if field != "base_gguf" else {"gguf": path}),
        )
        assert id_ in await refused(client, "job", job["id"])
        assert (settings.data_dir / path).is_file()
        told = (await client.get(f"{JOBS}/{job['id']}/files")).json()
        assert [one["id"] for one in told["needs"]] == [id_]
        assert (await client.delete(f"/api/deployments/{id_}")).status_code == 204
        answer = await client.delete(f"{JOBS}/{job['id']}")
        assert (answer.status_code, answer.json()["freed_bytes"]) == (200, told["size_bytes"])
        assert not (settings.data_dir / path).exists()

    async def test_that_was_rejected_keeps_nothing(
        self,
        client: httpx.AsyncClient,
        request_body: dict[str, Any],
        database: Database,
        settings: Settings,
        base: BaseModelRow,
    ) -> None:
        job = await created(client, request_body)
        path = await made(database, settings, job["id"], ArtifactKind.GGUF, "red.gguf")
        id_ = await deployed(database, base, files_of(path), is_green=False)
        assert (await client.delete(f"{JOBS}/{job['id']}")).status_code == 200
        # A person's word does not bring the file back.
        anyway = await client.post(f"/api/deployments/{id_}/use-anyway")
        assert (anyway.status_code, anyway.json()["code"]) == (409, "deployment_file_gone")

    async def test_of_another_job_with_a_longer_id_does_not_count(
        self,
        client: httpx.AsyncClient,
        request_body: dict[str, Any],
        database: Database,
        settings: Settings,
        base: BaseModelRow,
    ) -> None:
        job = await created(client, request_body)
        await made(database, settings, job["id"], ArtifactKind.GGUF, "a.gguf")
        await deployed(database, base, files_of(f"jobs/{job['id']}0/1/b.gguf"))
        await deployed(database, base, files_of(f"jobs/{job['id'].replace('_', 'x')}/1/b.gguf"))
        assert (await client.delete(f"{JOBS}/{job['id']}")).status_code == 200


class TestWaitingJobs:
    async def test_queued_resume_keeps_the_checkpoint(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        first = await cancelled(client, database, settings, request_body)
        second = (await client.post(f"{JOBS}/{first['id']}/resume")).json()
        assert second["id"] in await refused(client, "job", first["id"])
        await client.post(f"{JOBS}/{second['id']}/cancel")
        third = (await client.post(f"{JOBS}/{second['id']}/resume")).json()
        # The second kept none of its own: the third begins at the first's, and finds it through the second.
        assert third["id"] in await refused(client, "job", first["id"])
        assert third["id"] in await refused(client, "job", second["id"])
        await client.post(f"{JOBS}/{third['id']}/cancel")
        assert (await client.delete(f"{JOBS}/{first['id']}")).status_code == 200

    async def test_resume_of_a_resume_needs_only_what_it_begins_with(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        first = await cancelled(client, database, settings, request_body)
        second = (await client.post(f"{JOBS}/{first['id']}/resume")).json()
        epoch = await claimed(database, second["id"])
        await stored(database, second["id"], epoch, checkpoint_of(settings.data_dir, second["id"], 4))
        await ended(database, second["id"], epoch, JobState.CANCELLED)
        third = (await client.post(f"{JOBS}/{second['id']}/resume")).json()
        assert (await client.delete(f"{JOBS}/{first['id']}")).status_code == 200
        assert third["id"] in await refused(client, "job", second["id"])

    async def test_export_and_deployment_that_wait_keep_the_adapter(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await created(client, {**request_body, "deploy": {"target": "llama_cpp"}})
        _, export, deploy = (stage["id"] for stage in job["stages"])
        await made(database, settings, job["id"], ArtifactKind.ADAPTER, "final_model")
        assert {export, deploy} <= set(await refused(client, "job", job["id"]))
        await made(database, settings, export, ArtifactKind.GGUF, "adapter.gguf")
        assert deploy in await refused(client, "job", export)

    async def test_queued_import_keeps_the_directory_that_it_will_read(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await created(client, request_body)
        path = settings.data_dir / await made(database, settings, job["id"], ArtifactKind.GGUF, "merged.gguf")
        asked = {"recipe": "import_base_model", "config": {"reference": f"path:{path}"}}
        importing = await created(client, asked)
        assert importing["id"] in await refused(client, "job", job["id"])

    async def test_data_set_is_kept_for_a_queued_training(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        job = await created(client, request_body)
        assert await refused(client, "dataset", request_body["dataset_id"]) == [job["id"]]


class TestBaseModels:
    async def test_that_lie_in_a_job_keep_it(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await created(client, request_body)
        await made(database, settings, job["id"], ArtifactKind.ADAPTER, "merged")
        for path in (
            f"jobs/{job['id']}/1/merged",
            str(settings.data_dir / "jobs" / job["id"] / "1" / "merged"),
        ):
            async with registered_base(database, None, path=path) as lying:
                assert lying.id in await refused(client, "job", job["id"])
        assert (await client.delete(f"{JOBS}/{job['id']}")).status_code == 200

    async def test_that_a_deployment_serves_the_gguf_of_are_kept(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        id_ = new_id("model")
        async with registered_base(database, None, id=id_, path=f"models/{id_}") as row:
            serving = await deployed(database, base, files_of(f"models/{row.id}/model.gguf"))
            assert await refused(client, "base_model", row.id) == [serving]

    async def test_that_a_job_names_as_they_were_asked_for_are_kept(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
    ) -> None:
        job = await created(client, request_body)
        asked = f"hf:owner/{new_id('n')}"
        async with database.unit_of_work() as session:
            change = "UPDATE job SET inputs = jsonb_set(inputs, '{base_model}', to_jsonb(:name ::text)) WHERE id = :id"
            await session.execute(text(change), {"name": asked, "id": job["id"]})
        async with registered_base(database, None, facts={"files": {}, "requested": [asked]}) as row:
            assert await refused(client, "base_model", row.id) == [job["id"]]


class TestFreedBytes:
    async def test_are_those_that_were_freed(
        self,
        client: httpx.AsyncClient,
        request_body: dict[str, Any],
        database: Database,
        settings: Settings,
        tmp_path: Path,
    ) -> None:
        job = await created(client, request_body)
        path = settings.data_dir / await made(database, settings, job["id"], ArtifactKind.GGUF, "a.gguf")
        os.link(path, tmp_path / "kept elsewhere")  # frees nothing
        path.with_name("own").write_bytes(b"." * 300)
        os.link(path.with_name("own"), path.with_name("own again"))  # frees once
        (tmp_path / "others").write_bytes(b"." * 500)
        path.with_name("link").symlink_to(tmp_path / "others")  # is not followed
        told = (await client.get(f"{JOBS}/{job['id']}/files")).json()
        answer = (await client.delete(f"{JOBS}/{job['id']}")).json()
        link = len(str(tmp_path / "others"))
        assert answer["freed_bytes"] == told["size_bytes"] == 300 + link
        assert (tmp_path / "kept elsewhere").stat().st_size == SIZE
        assert (tmp_path / "others").stat().st_size == 500

    async def test_are_none_where_the_files_had_gone_already(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await created(client, request_body)
        path = settings.data_dir / await made(database, settings, job["id"], ArtifactKind.GGUF, "a.gguf")
        path.unlink()
        assert (await client.get(f"{JOBS}/{job['id']}/files")).json()["size_bytes"] == 0
        assert (await client.delete(f"{JOBS}/{job['id']}")).json()["freed_bytes"] == 0


class TestAtTheSameTime:
    async def test_a_resume_and_a_deletion_never_both_happen(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        for _ in range(4):
            job = await cancelled(client, database, settings, request_body)
            resumed, deleted = await asyncio.gather(
                client.post(f"{JOBS}/{job['id']}/resume"), client.delete(f"{JOBS}/{job['id']}")
            )
            assert (resumed.status_code, deleted.status_code) in {(201, 409), (404, 200)}

    async def test_a_training_and_the_deletion_of_its_base_never_both_happen(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database
    ) -> None:
        for _ in range(4):
            async with registered_base(database, None) as row:
                begun, deleted = await asyncio.gather(
                    client.post(JOBS, json={**request_body, "base_model": row.id}),
                    client.delete(f"/api/base-models/{row.id}"),
                )
            assert (begun.status_code, deleted.status_code) in {(201, 409), (404, 204)}, begun.text


class TestWhoAsksBeforehand:
    async def test_is_told_of_chats_and_trainings_that_stay_without_it(
        self,
        client: httpx.AsyncClient,
        request_body: dict[str, Any],
        database: Database,
        settings: Settings,
        base: BaseModelRow,
    ) -> None:
        job = await created(client, request_body)
        await made(database, settings, job["id"], ArtifactKind.ADAPTER, "final_model")
        id_ = await deployed(database, base, files_of())
        name = (await client.get(f"/api/deployments/{id_}")).json()["name"]
        chat = (await client.post("/api/chat/sessions", json={"title": "返品", "models": [name]})).json()
        served = (await client.get("/api/needs/deployment", params={"id": id_})).json()["data"][0]
        assert (served["needs"], served["mentions"]) == (
            [],
            [{"kind": "chat", "id": chat["id"], "name": "返品"}],
        )
        data = {"id": request_body["dataset_id"]}
        read = (await client.get("/api/needs/dataset", params=data)).json()["data"][0]
        assert (read["needs"], [one["id"] for one in read["mentions"]]) == ([], [job["id"]])

    async def test_is_told_that_a_job_has_not_ended_and_nothing_of_what_is_not_there(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        job = await created(client, request_body)
        told = await client.get("/api/needs/job", params={"id": ["job_gone", job["id"]]})
        itself = {"kind": "job", "id": job["id"], "name": job["name"], "state": "queued"}
        assert told.json()["data"] == [
            {"id": job["id"], "name": job["name"], "needs": [itself], "mentions": []}
        ]
