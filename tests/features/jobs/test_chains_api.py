"""Chains over HTTP: what follows a training, what goes on after one, and what is asked for again."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from llmlora.contracts.events import Failure, FailureClass, MetricBatch
from llmlora.contracts.run import BaseModelInput
from llmlora.contracts.states import JobState
from llmlora.features.jobs.errors import DeployNameAwaitedError
from llmlora.features.jobs.schemas import DeployRequest, JobCreate
from llmlora.features.jobs.service import create_job
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.features.chat_door import registered_base
from tests.features.jobs.door import JOBS, cancelled, checkpoint_of, claimed, created, ended, stored

pytestmark = pytest.mark.anyio


class TestExportsThatFollow:
    """What is known of the exports when a chain is asked for."""

    @pytest.fixture
    async def without_gguf(self, database: Database) -> AsyncIterator[BaseModelRow]:
        async with registered_base(database, None) as row:
            yield row

    async def test_all_exports_wait_for_the_training_that_rehearses_them(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], without_gguf: BaseModelRow
    ) -> None:
        body = {**request_body, "base_model": without_gguf.id, "deploy": {}}
        job = await created(client, body)
        exports = [stage for stage in job["stages"] if stage["recipe"] == "export_gguf"]
        assert [stage["state"] for stage in exports] == ["pending", "pending"]
        for stage in exports:
            assert (await client.get(f"{JOBS}/{stage['id']}")).json()["depends_on"] == [job["id"]]

    async def test_steps_that_load_the_model_are_given_its_memory(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database,
        bundled_model: BaseModelInput,
    ) -> None:  # fmt: skip
        """Beside a training they fit or wait; the adapter's export loads no model."""
        parameters = 1_000_000
        base = registered_base(database, None, path=str(bundled_model.path), parameters=parameters)
        async with base as row:
            body = {**request_body, "base_model": row.id, "device": "cpu", "deploy": {}}
            job = await created(client, body)
            async with database.unit_of_work() as session:
                stages = [await session.get_one(JobRow, stage["id"]) for stage in job["stages"][1:]]
        recipes = [stage.recipe for stage in stages]
        assert recipes == ["export_gguf", "export_gguf", "deploy_llama_cpp"]
        adapter, base_export, gates = (stage.memory_bytes for stage in stages)
        assert adapter == 0
        assert gates > base_export > 4 * parameters
        assert {(stage.device, stage.wants_gpu) for stage in stages} == {("cpu", False)}

    async def test_resumed_chain_waits_alike(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], without_gguf: BaseModelRow,
        database: Database, settings: Settings,
    ) -> None:  # fmt: skip
        job = await created(client, {**request_body, "base_model": without_gguf.id, "deploy": {}})
        epoch = await claimed(database, job["id"])
        await stored(database, job["id"], epoch, checkpoint_of(settings.data_dir, job["id"], 2))
        await ended(database, job["id"], epoch, JobState.FAILED)
        resumed = (await client.post(f"{JOBS}/{job['id']}/resume")).json()
        assert len(resumed["stages"]) == 4
        for stage in resumed["stages"][1:3]:
            waits = (await client.get(f"{JOBS}/{stage['id']}")).json()["depends_on"]
            assert waits == [resumed["id"]]

    async def test_name_that_an_unfinished_chain_wants_is_taken(
        self, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        deploy = {"target": "ollama", "tag": f"llmlora/{new_id('t')}:f16"}
        request = JobCreate.model_validate({**request_body, "deploy": deploy})
        replacing = request.model_copy(
            update={"deploy": DeployRequest.model_validate({**deploy, "replace": True})}
        )
        async with database.unit_of_work() as session:
            await create_job(session, settings.data_dir, request)
            with pytest.raises(DeployNameAwaitedError, match=str(deploy["tag"])):
                await create_job(session, settings.data_dir, request)
            await session.rollback()
        async with database.unit_of_work() as session:
            await create_job(session, settings.data_dir, request)
            assert await create_job(session, settings.data_dir, replacing)
            await session.rollback()

    async def test_disk_that_cannot_hold_them_is_told_at_once(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], without_gguf: BaseModelRow,
        database: Database,
    ) -> None:  # fmt: skip
        async with database.unit_of_work() as session:
            row = await session.get_one(BaseModelRow, without_gguf.id)
            row.parameters = 10**15
        body = {**request_body, "base_model": without_gguf.id}
        response = await client.post(JOBS, json={**body, "deploy": {}})
        assert (response.status_code, response.json()["code"]) == (422, "export_disk_short")
        assert "2000000.00 GB" in response.json()["detail"]
        await created(client, body)  # without a deployment nothing of that size is written


class TestResume:
    async def test_new_job_goes_on_with_curves_and_chain(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await created(client, {**request_body, "deploy": {"name": "faq"}})
        epoch = await claimed(database, job["id"])
        points = [MetricBatch(step=step, values={"train/loss": 1 / step}) for step in (1, 2, 3)]
        await stored(database, job["id"], epoch, *points, checkpoint_of(settings.data_dir, job["id"], 2))
        failure = Failure(failure_class=FailureClass.INFRASTRUCTURE, code="child_died", ja="…", en="…")
        await ended(database, job["id"], epoch, JobState.FAILED, failure)

        resumed = (await client.post(f"{JOBS}/{job['id']}/resume")).json()
        assert resumed["resumes_job_id"] == job["id"]
        assert [s["recipe"] for s in resumed["stages"]] == ["text_lora", "export_gguf", "deploy_llama_cpp"]
        assert [s["state"] for s in resumed["stages"]] == ["queued", "pending", "pending"]
        assert resumed["stages"][0]["id"] == resumed["id"]
        assert resumed["group_id"] == job["group_id"]
        halted = (await client.get(f"{JOBS}/{job['id']}")).json()
        assert [s["id"] for s in halted["stages"]] == [s["id"] for s in job["stages"]]
        found = (await client.get(JOBS, params={"group_id": job["group_id"]})).json()["data"]
        assert [s["id"] for s in found] == [s["id"] for s in (*job["stages"], *resumed["stages"])][::-1]
        deploy = (await client.get(f"{JOBS}/{resumed['stages'][2]['id']}")).json()
        assert deploy["inputs"]["training_job_id"] == resumed["id"]
        assert deploy["inputs"]["export_job_id"] == resumed["stages"][1]["id"]
        curves = (await client.get(f"{JOBS}/{resumed['id']}/metrics")).json()["series"]
        assert curves["train/loss"]["steps"] == [1, 2]

    async def test_training_without_a_whole_checkpoint_cannot_be_resumed(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await created(client, request_body)
        epoch = await claimed(database, job["id"])
        checkpoint = checkpoint_of(settings.data_dir, job["id"], 2)
        await stored(database, job["id"], epoch, checkpoint)
        (settings.data_dir / checkpoint.path / "state.json").write_text("broken")
        await ended(database, job["id"], epoch, JobState.CANCELLED)
        response = await client.post(f"{JOBS}/{job['id']}/resume")
        assert (response.status_code, response.json()["code"]) == (422, "nothing_to_resume")

    async def test_job_that_still_runs_cannot_be_resumed(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        job = await created(client, request_body)
        response = await client.post(f"{JOBS}/{job['id']}/resume")
        assert (response.status_code, response.json()["code"]) == (409, "job_not_over")

    @pytest.mark.parametrize("given", [{"config": {"rank": 8}, "rank": 8}, {"config": {}}, [1], 0])
    async def test_nothing_can_be_set(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings, given: Any
    ) -> None:  # fmt: skip
        job = await cancelled(client, database, settings, request_body)
        response = await client.post(f"{JOBS}/{job['id']}/resume", json=given)
        problem = response.json()
        assert (response.status_code, problem["code"]) == (422, "body_not_taken")
        assert "duplicate" in problem["detail"]
        names = list(given) if isinstance(given, dict) else []
        assert [e["pointer"] for e in problem["errors"]] == [f"/{name}" for name in names]

    @pytest.mark.parametrize("given", [b"", b"{}", b"null", b" \n"])
    async def test_empty_body_is_none(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings, given: bytes
    ) -> None:  # fmt: skip
        job = await cancelled(client, database, settings, request_body)
        response = await client.post(f"{JOBS}/{job['id']}/resume", content=given)
        assert response.status_code == 201

    async def test_second_resume_counts_on_from_the_first(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        first = await cancelled(client, database, settings, request_body, steps=range(1, 12), saved=10)
        second = (await client.post(f"{JOBS}/{first['id']}/resume")).json()
        epoch = await claimed(database, second["id"])
        points = [MetricBatch(step=step, values={"train/loss": 1 / step}) for step in range(11, 27)]
        await stored(
            database, second["id"], epoch, *points, checkpoint_of(settings.data_dir, second["id"], 25)
        )
        await ended(database, second["id"], epoch, JobState.CANCELLED)
        third = (await client.post(f"{JOBS}/{second['id']}/resume")).json()
        assert third["config"] == first["config"]
        curves = (await client.get(f"{JOBS}/{third['id']}/metrics")).json()["series"]
        assert curves["train/loss"]["steps"] == list(range(1, 26))

    async def test_without_its_data_set_it_is_refused_by_name_and_leaves_nothing(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await cancelled(client, database, settings, request_body)
        old = request_body["dataset_id"]
        file = await client.get(f"/api/datasets/{old}/file")
        assert (await client.delete(f"/api/datasets/{old}")).status_code == 204
        for added_again in (False, True):
            if added_again:
                files = {"file": ("rows.json", file.content)}
                again = (await client.post("/api/datasets/upload", files=files)).json()["dataset"]["id"]
                assert again != old
            response = await client.post(f"{JOBS}/{job['id']}/resume")
            assert (response.status_code, response.json()["code"]) == (404, "dataset_not_found")
            assert old in response.json()["detail"]
        listed = (await client.get(JOBS, params={"q": request_body["name"]})).json()["data"]
        assert [one["id"] for one in listed] == [job["id"]]


class TestDuplicate:
    async def test_copy_with_other_settings_begins_at_the_first_step(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        job = await cancelled(client, database, settings, request_body)
        copy = (await client.post(f"{JOBS}/{job['id']}/duplicate", json={"config": {"rank": 8}})).json()
        assert (copy["config"]["rank"], copy["resumes_job_id"]) == (8, None)
        assert (await client.get(f"{JOBS}/{copy['id']}/metrics")).json()["series"] == {}

    @pytest.mark.parametrize(
        ("given", "code", "pointer"),
        [
            ({"rank": 8}, "request_invalid", "/rank"),
            ({"dataset_id": "ds_x"}, "request_invalid", "/dataset_id"),
            ({"config": {"rnak": 8}}, "config_invalid", "/config/rnak"),
            ({"config": {"rank": True}}, "config_invalid", "/config/rank"),
        ],
    )
    async def test_what_would_be_ignored_is_refused(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], given: Any, code: str, pointer: str
    ) -> None:
        job = await created(client, request_body)
        problem = (await client.post(f"{JOBS}/{job['id']}/duplicate", json=given)).json()
        assert (problem["code"], problem["errors"][0]["pointer"]) == (code, pointer)

    async def test_copy_has_the_same_chain_and_other_settings(
        self, client: httpx.AsyncClient, request_body: dict[str, Any]
    ) -> None:
        job = await created(client, {**request_body, "deploy": {}})
        copy = (await client.post(f"{JOBS}/{job['id']}/duplicate", json={"config": {"rank": 16}})).json()
        assert (copy["config"]["rank"], copy["name"]) == (16, job["name"])
        assert len(copy["stages"]) == 3
        assert copy["id"] != job["id"]
