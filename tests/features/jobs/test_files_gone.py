"""Files that somebody deleted from the disk: whoever needs them says so, in both languages, and what to do."""

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.contracts.events import ArtifactKind
from llmlora.engine.jobs.capacity import Capacity, Slots
from llmlora.features.datasets.service import add_dataset
from llmlora.features.runs.errors import ArtifactGoneError
from llmlora.features.runs.work import RecipeWork
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow

from tests.features.chat_door import registered_base
from tests.features.jobs.door import JOBS, created
from tests.features.jobs.test_deploy_api import completed, trained

pytestmark = pytest.mark.anyio

Body = dict[str, Any]
FORECAST = "/api/training/forecast"


async def refusal(client: httpx.AsyncClient, method: str, address: str, body: Body | None = None) -> Body:
    """What is answered, the Japanese sentence beside it under `ja`."""
    english = await client.request(method, address, json=body)
    japanese = await client.request(method, address, json=body, headers={"accept-language": "ja"})
    assert english.status_code == japanese.status_code == 409, english.text
    document: Body = english.json()
    return {**document, "ja": japanese.json().get("detail", "")}


async def prepared(database: Database, settings: Settings, job_id: str) -> None:
    """What a worker does before it begins with a job."""
    grant = Slots(Capacity(cpus=4, gpus=(), memory_bytes=1 << 40, identity="-", born="-"))
    async with database.unit_of_work() as session:
        job = await session.get_one(JobRow, job_id)
        session.expunge(job)
    work = RecipeWork(database, settings, None)  # type: ignore[arg-type]  # nothing is served here
    async with work.prepared(job, grant.take(job)):
        pass


class TestDataSet:
    @pytest.fixture
    async def gone(self, settings: Settings, dataset_id: str) -> Path:
        """The directory of a data set, without its files."""
        directory = settings.data_dir / "datasets" / dataset_id
        kept = directory.with_name("kept")
        shutil.copytree(directory, kept, dirs_exist_ok=True)
        shutil.rmtree(directory)
        return kept

    @pytest.mark.parametrize(
        "path", ["rows", "file", "tokens?base_model={base}", "token-lengths?base_model={base}"]
    )
    async def test_is_told_by_what_shows_it(
        self, client: httpx.AsyncClient, dataset_id: str, gone: Path, base: BaseModelRow, path: str
    ) -> None:
        address = f"/api/datasets/{dataset_id}/{path.format(base=base.id)}"
        told = await refusal(client, "GET", address)
        assert told["code"] == "dataset_files_gone"
        assert "add the original file again" in told["detail"]
        assert "もう一度追加" in told["ja"]

    async def test_is_told_by_the_forecast_and_before_a_job_is_made(
        self, client: httpx.AsyncClient, request_body: Body, dataset_id: str, gone: Path
    ) -> None:
        wish = {
            "recipe": "text_lora",
            "config": {},
            "dataset_id": dataset_id,
            "base_model": request_body["base_model"],
        }
        assert (await refusal(client, "POST", FORECAST, wish))["code"] == "dataset_files_gone"
        assert (await refusal(client, "POST", JOBS, request_body))["code"] == "dataset_files_gone"

    async def test_is_told_by_a_job_that_waited(
        self,
        client: httpx.AsyncClient,
        request_body: Body,
        settings: Settings,
        database: Database,
        dataset_id: str,
    ) -> None:
        job = await created(client, request_body)
        shutil.rmtree(settings.data_dir / "datasets" / dataset_id)
        with pytest.raises(AppError) as told:
            await prepared(database, settings, job["id"])
        assert told.value.code == "dataset_files_gone"

    async def test_gets_its_files_again_with_the_file_that_it_was_made_of(
        self, client: httpx.AsyncClient, database: Database, settings: Settings, dataset_id: str, gone: Path
    ) -> None:
        async with database.unit_of_work() as session:
            name = (await session.get_one(DatasetRow, dataset_id)).source_format
        added = await add_dataset(database, settings.data_dir, gone / f"original.{name}")
        assert (added.dataset.id, added.already_known) == (dataset_id, True)
        rows = await client.get(f"/api/datasets/{dataset_id}/rows")
        assert rows.status_code == 200
        assert rows.json()["data"]
        assert (await client.get(f"/api/datasets/{dataset_id}/file")).content == (
            gone / f"original.{name}"
        ).read_bytes()
        again = await add_dataset(database, settings.data_dir, gone / f"original.{name}")
        assert again.dataset.id == dataset_id


class TestBaseModel:
    async def test_is_told_by_the_forecast_and_before_a_job_is_made(
        self,
        client: httpx.AsyncClient,
        request_body: Body,
        dataset_id: str,
        database: Database,
        tmp_path: Path,
    ) -> None:
        facts = {"files": {"config.json": {"size_bytes": 1, "mtime_ns": 0, "sha256": "0"}}, "requested": []}
        async with registered_base(database, None, path=str(tmp_path / "gone"), facts=facts) as row:
            wish = {"recipe": "text_lora", "config": {}, "dataset_id": dataset_id, "base_model": row.id}
            asked = [(FORECAST, wish), (JOBS, {**request_body, "base_model": row.id})]
            for address, body in asked:
                told = await refusal(client, "POST", address, body)
                assert told["code"] == "base_model_files_gone"
                assert "models add" in told["detail"]
                assert "ディスクにありません" in told["ja"]
            told = await refusal(client, "GET", f"/api/datasets/{dataset_id}/tokens?base_model={row.id}")
            assert told["code"] == "base_model_files_gone"


class TestWhatAJobMade:
    async def test_adapter_is_told_before_it_is_exported_or_deployed(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        shutil.rmtree(settings.data_dir / "jobs" / training)
        export = {"recipe": "export_gguf", "training_job_id": training}
        for address, body in ((JOBS, export), (f"{JOBS}/{training}/deploy", {})):
            assert (await refusal(client, "POST", address, body))["code"] == "job_without_adapter"
        artifact = (await client.get(f"{JOBS}/{training}/artifacts")).json()["data"][0]
        download = await client.get(f"/api/artifacts/{artifact['id']}/download")
        assert (download.status_code, download.json()["code"]) == (404, "artifact_not_found")

    async def test_file_is_told_by_the_job_that_waited(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        deploying = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
        export = deploying["inputs"]["export_job_id"]
        await completed(database, settings, export, ArtifactKind.GGUF)
        shutil.rmtree(settings.data_dir / "jobs" / export)
        with pytest.raises(ArtifactGoneError, match=export):
            await prepared(database, settings, deploying["id"])
