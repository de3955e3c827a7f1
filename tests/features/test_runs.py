"""What a run is given, what it needs beside its files, and what its end brings about: told by the recipe, and by what is left."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import col

from llmlora.contracts.events import Artifact, ArtifactKind
from llmlora.contracts.recipe import RunNeeds
from llmlora.contracts.run import ENDPOINT_KEY_VARIABLE, EndpointInput, RunInputs
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import Outcome
from llmlora.engine.jobs.capacity import Capacity, Slots
from llmlora.engine.jobs.job_run import Prepared
from llmlora.engine.serving.spec import EndpointSource, LlamaCppSpec
from llmlora.features.deployments import registry
from llmlora.features.deployments.errors import NoStandingEngineError
from llmlora.features.deployments.schemas import READY, REJECTED
from llmlora.features.deployments.targets.target import DeployTools
from llmlora.features.models.service import get_base_model
from llmlora.features.runs.completing import discard_leftovers, keep_results, reject_proposed
from llmlora.features.runs.preparing import endpoint_of
from llmlora.features.runs.work import RecipeWork
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.import_base_model.hub_downloads import Download
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.features.chat_door import Nowhere, accepted, proposed
from tests.features.jobs.conftest import base, client, dataset_id, request_body
from tests.features.jobs.door import JOBS, created
from tests.features.jobs.test_deploy_api import completed, trained
from tests.features.test_import_followers import imported

__all__ = ["base", "client", "dataset_id", "request_body"]
pytestmark = pytest.mark.anyio

ROOMY = Capacity(cpus=4, gpus=(), memory_bytes=1 << 40, identity="-", born="-")
TOKEN, KEY = "hf_of_the_settings", "sesame"


class Locked(Nowhere):
    """A source whose servers want a key."""

    async def endpoint(self, spec: LlamaCppSpec) -> EndpointInput:
        return (await super().endpoint(spec)).model_copy(update={"api_key": KEY})


def job_with(recipe: str, config: dict[str, Any], **columns: Any) -> JobRow:
    """A job as a worker has claimed it."""
    return JobRow(
        id=new_id("job"), name="a job", recipe=recipe, state=JobState.RUNNING, config=config, epoch=1, inputs={},
        **columns,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def prepared(
    database: Database, settings: Settings, job: JobRow, endpoints: EndpointSource | None = None
) -> AsyncIterator[Prepared]:
    """What the child of the job is told."""
    work = RecipeWork(database, settings, endpoints or Nowhere())
    async with work.prepared(job, Slots(ROOMY).take(job)) as told:
        yield told


async def row_of(database: Database, job_id: str) -> JobRow:
    """A job of the queue, as it is claimed for the first time."""
    async with database.unit_of_work() as session:
        job = await session.get_one(JobRow, job_id)
        session.expunge(job)
    job.epoch = 1
    return job


class TestNeeds:
    @pytest.mark.parametrize(
        ("reference", "has_token", "has_store"),
        [
            ("hf:owner/name", True, False),
            ("path:/models/one", False, False),
            ("bundled:smollm2-135m-instruct", False, False),
            ("ollama:faq:latest", False, True),
        ],
    )
    async def test_of_an_import_are_those_of_its_source(
        self, reference: str, has_token: bool, has_store: bool, database: Database, data_dir: Path
    ) -> None:
        settings = Settings(data_dir=data_dir, hf_token=TOKEN, ollama_models=Path("/models/ollama"))
        job = job_with("import_base_model", {"reference": reference})
        async with prepared(database, settings, job) as told:
            assert (told.secrets == {"HF_TOKEN": TOKEN}) is has_token
            assert ("HF_ENDPOINT" in told.extra_env) is has_token
            assert (told.extra_env.get("OLLAMA_MODELS") == "/models/ollama") is has_store
            assert TOKEN not in told.spec.model_dump_json()

    async def test_of_a_pull_are_the_engine_that_stands_here(
        self, database: Database, data_dir: Path
    ) -> None:
        settings = Settings(data_dir=data_dir, ollama_host="127.0.0.1:9")
        job = job_with("pull_ollama_model", {"name": "smollm2:135m"})
        async with prepared(database, settings, job) as told:
            found = told.spec.inputs.endpoint()
            assert (found.engine, found.base_url, found.model) == (
                "ollama",
                "http://127.0.0.1:9",
                "smollm2:135m",
            )
            assert (told.secrets, ENDPOINT_KEY_VARIABLE in told.extra_env) == ({}, False)

    async def test_engine_that_runs_for_deployments_alone_is_refused_in_words(
        self, database: Database, settings: Settings
    ) -> None:
        tools = DeployTools(database, settings, Nowhere())
        job = job_with("pull_ollama_model", {"name": "smollm2:135m"})
        with pytest.raises(NoStandingEngineError, match="llama_cpp"):
            await endpoint_of(tools, job, None, RunInputs(), RunNeeds(engine="llama_cpp", model="m"))

    async def test_training_is_told_what_waits_for_it(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        asked = {**request_body, "deploy": {"target": "llama_cpp"}}
        job = await row_of(database, (await created(client, asked))["id"])
        async with prepared(database, settings, job) as told:
            waiting = {one.recipe: one.config for one in told.spec.followers}
            assert waiting["export_gguf"] == {"target": "adapter", "outtype": "f16"}
            assert told.spec.inputs.dataset().id == request_body["dataset_id"]
            assert told.spec.inputs.base_model().id == request_body["base_model"]
            assert "endpoint" not in told.spec.inputs


class TestKey:
    async def test_of_a_server_of_ours_stands_in_no_file(
        self, client: httpx.AsyncClient, request_body: dict[str, Any], database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        deploying = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
        await completed(database, settings, deploying["inputs"]["export_job_id"], ArtifactKind.GGUF)
        job = await row_of(database, deploying["id"])
        async with prepared(database, settings, job, Locked()) as told:
            assert told.extra_env[ENDPOINT_KEY_VARIABLE] == KEY
            assert told.spec.inputs.endpoint().api_key is None
            assert KEY not in told.spec.model_dump_json()
            assert set(told.spec.inputs.model_dump()) == {"base_model", "adapter", "adapter_gguf", "endpoint"}
        async with database.unit_of_work() as session:
            row = await registry.of_training_job(session, training)
            assert (row.target, row.state, row.job_id) == ("llama_cpp", "checking", job.id)


class TestEnd:
    async def test_base_model_is_registered_whichever_recipe_has_made_it(
        self, database: Database, settings: Settings, tmp_path: Path
    ) -> None:
        name = f"path:{tmp_path}/merged"
        outcome = imported(name, tmp_path)
        job = job_with("export_gguf", {"target": "merged", "outtype": "f16"})
        try:
            async with database.unit_of_work() as session:
                await keep_results(session, job, outcome, settings.data_dir)
            assert (await get_base_model(database, name)).id == outcome.artifacts[0].facts["id"]
        finally:
            async with database.unit_of_work() as session:
                await session.execute(delete(BaseModelRow).where(col(BaseModelRow.reference) == name))

    async def test_other_artifacts_and_gates_without_a_deployment_change_nothing(
        self, database: Database, settings: Settings
    ) -> None:
        made = Artifact(kind=ArtifactKind.REPORT, name="r", path="r.json", sha256="0" * 64, size_bytes=1)
        outcome = Outcome(JobState.COMPLETED, artifacts=[made], reports={"gates": {"passed": True}})
        async with database.unit_of_work() as session:
            await keep_results(session, job_with("text_lora", {}), outcome, settings.data_dir)
            await reject_proposed(session, job_with("text_lora", {}), outcome)

    async def test_green_gates_make_ready_what_was_proposed_and_another_end_rejects_it(
        self, database: Database, settings: Settings, base: BaseModelRow
    ) -> None:
        for state, expected in ((JobState.COMPLETED, READY), (JobState.FAILED, REJECTED)):
            row = await proposed(database, base)
            job = job_with("deploy_llama_cpp", {})
            job.id = str(row.job_id)
            outcome = Outcome(state, reports={"gates": {"passed": state is JobState.COMPLETED}})
            async with database.unit_of_work() as session:
                if state is JobState.COMPLETED:
                    await keep_results(session, job, outcome, settings.data_dir)
                else:
                    await reject_proposed(session, job, outcome)
            async with database.unit_of_work() as session:
                assert (await registry.get_deployment(session, row.id)).state == expected

    async def test_end_of_another_job_leaves_a_ready_deployment(
        self, database: Database, base: BaseModelRow
    ) -> None:
        row = await accepted(database, base)
        async with database.unit_of_work() as session:
            await reject_proposed(session, job_with("deploy_llama_cpp", {}), Outcome(JobState.FAILED))
        async with database.unit_of_work() as session:
            assert (await registry.get_deployment(session, row.id)).state == READY

    @pytest.mark.parametrize(
        ("recipe", "desired", "keeps", "is_gone"),
        [
            ("import_base_model", "cancel", False, True),
            ("import_base_model", "cancel", True, False),
            ("import_base_model", "run", False, False),
            ("export_gguf", "cancel", False, False),
        ],
        ids=["discarded", "kept", "failed", "of another recipe"],
    )
    async def test_what_a_cancelled_download_has_left_goes_with_it_alone(
        self, recipe: str, desired: str, keeps: bool, is_gone: bool, settings: Settings
    ) -> None:
        download = Download(settings.data_dir / "models", parse("hf:owner/name"))
        download.begin("c" * 40)
        config = {"reference": "hf:owner/name"} if recipe == "import_base_model" else {}
        job = job_with(recipe, config, desired=desired, keep_checkpoint=keeps)
        await discard_leftovers(job, settings.data_dir)
        assert download.directory.exists() is not is_gone
