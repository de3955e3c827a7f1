"""Case 12 B: what is served holds what was trained, and a context that cannot be is refused when it is asked for."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.contracts.deployment import DeployFacts
from llmlora.contracts.recipe import RunNeeds
from llmlora.contracts.run import BaseModelInput, EndpointInput, FileInput, RunInputs
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.serving.spec import LlamaCppSpec
from llmlora.features.datasets.service import add_dataset
from llmlora.features.deployments import registry
from llmlora.features.deployments.targets.target import DeployTools
from llmlora.features.jobs.schemas import DeployRequest
from llmlora.features.runs.preparing import endpoint_of
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.bundled_models import SMOLLM2
from llmlora.recipes.blocks.forecast.context import cache_bytes_per_token, default_context
from llmlora.recipes.deploy_ollama.plan import plan_deployment
from llmlora.recipes.deploy_ollama.spec import DeployOllamaConfig
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.features.chat_door import Nowhere, client_of, registered_base, running_app

pytestmark = pytest.mark.anyio

JOBS = "/api/training/jobs"
CONTEXT = 8192


class Watched(Nowhere):
    """A source of servers that keeps what it was asked for."""

    spec: LlamaCppSpec

    async def endpoint(self, spec: LlamaCppSpec) -> EndpointInput:
        self.spec = spec
        return await super().endpoint(spec)


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with running_app(settings, services, None) as app, client_of(app) as opened:
        yield opened


@pytest.fixture
async def base(database: Database, tmp_path: Path) -> AsyncIterator[BaseModelRow]:
    """A base of 8,192 tokens with a GGUF."""
    async with registered_base(database, tmp_path / "base.gguf", context_length=CONTEXT) as row:
        yield row


@pytest.fixture
async def body(settings: Settings, database: Database, base: BaseModelRow, tmp_path: Path) -> dict[str, Any]:
    """Case 12's shape: the first row's question is longer than all else."""
    rows = tmp_path / "long_first.jsonl"
    said = [
        ("word " * 3000, "Yes."),
        ("Who keeps the keys?", "The porter keeps the keys."),
        (new_id("q"), "At nine."),
    ]
    lines = [f'{{"instruction": "{asked}", "output": "{answer}"}}' for asked, answer in said]
    rows.write_text("\n".join(lines))
    dataset = (await add_dataset(database, settings.data_dir, rows)).dataset
    return {"dataset_id": dataset.id, "base_model": base.id}


async def chain(client: httpx.AsyncClient, body: dict[str, Any]) -> list[dict[str, Any]]:
    response = await client.post(JOBS, json=body)
    assert response.status_code == 201, response.text
    return [(await client.get(f"{JOBS}/{stage['id']}")).json() for stage in response.json()["stages"]]


class TestServedContext:
    @pytest.mark.parametrize(
        ("max_length", "asked", "least", "most"),
        [
            (4096, None, 4096 + 96, 5120),
            (None, None, 2048, 4096),
            (CONTEXT, None, CONTEXT, CONTEXT),
            (256, 512, 512, 512),
        ],
        ids=["long rows", "default", "whole model", "asked for"],
    )
    async def test_holds_the_longest_row_and_an_answer(
        self,
        max_length: int | None,
        asked: int | None,
        least: int,
        most: int,
        client: httpx.AsyncClient,
        body: dict[str, Any],
        base: BaseModelRow,
        database: Database,
        settings: Settings,
        tmp_path: Path,
    ) -> None:
        deploy = {"prompts": ["Who?"], **({"context": asked} if asked else {})}
        _, _, last = await chain(client, {**body, "config": {"max_length": max_length}, "deploy": deploy})
        async with database.unit_of_work() as session:
            job = await session.get(JobRow, last["id"])
            assert job is not None
            session.expunge(job)
        model = BaseModelInput(
            id=base.id, reference="-", path=tmp_path, weights_digest="-", tokenizer_hash="-", template_hash=None,
            gguf=tmp_path / "base.gguf",
        )  # fmt: skip
        adapter = FileInput(path=tmp_path / "final_model", sha256="a")
        inputs = RunInputs(base_model=model, adapter=adapter, adapter_gguf=adapter)
        servers = Watched()
        await endpoint_of(DeployTools(database, settings, servers), job, base, inputs, RunNeeds())
        assert least <= servers.spec.n_ctx <= most
        assert servers.spec.tokenizer == tmp_path / "final_model"
        async with database.unit_of_work() as session:
            row = await registry.of_training_job(session, job.inputs["training_job_id"])
            assert row.files["n_ctx"] == servers.spec.n_ctx

    async def test_goes_to_ollama_too(
        self, client: httpx.AsyncClient, body: dict[str, Any], database: Database
    ) -> None:
        first, *_ = await chain(client, {**body, "config": {"max_length": 4096}})
        async with database.unit_of_work() as session:
            training = await session.get(JobRow, first["id"])
        assert training is not None

        def planned(**more: Any) -> Any:
            deploy = DeployRequest(target="ollama", **more)
            facts = DeployFacts(
                options=deploy,
                training_id=training.id,
                training_name=training.name,
                config=training.config,
                has_gguf=True,
                context_limit=CONTEXT,
            )
            return DeployOllamaConfig.model_validate(plan_deployment(facts).config).num_ctx

        assert 4096 + 96 <= planned() <= 5120
        assert planned(context=3000) == 3000

    async def test_beyond_the_model_is_refused_before_the_training(
        self, client: httpx.AsyncClient, body: dict[str, Any]
    ) -> None:
        refused = await client.post(JOBS, json={**body, "deploy": {"context": CONTEXT + 1}})
        assert (refused.status_code, refused.json()["code"]) == (422, "context_beyond_model")
        assert "8192" in refused.json()["detail"]

    def test_default_leaves_the_machine_some_memory(self) -> None:
        a_token = cache_bytes_per_token(SMOLLM2.known.architecture)
        assert a_token == 30 * 2 * 3 * 64 * 2
        known: dict[str, Any] = {"answer_tokens": 96, "limit": 131_072, "model": SMOLLM2.known.architecture}
        assert default_context(max_length=100_000, free_bytes=20_000 * a_token, **known) == 10_000
        assert default_context(max_length=100_000, free_bytes=100 * a_token, **known) == 2048
        assert default_context(max_length=100_000, free_bytes=1 << 50, **known) >= 100_096

    def test_prompts_of_ones_own_fit(self) -> None:
        long = "語" * 6000
        assert default_context(max_length=None, prompts=[long], answer_tokens=96, limit=None) >= 6096


class TestAnswerOfTheGates:
    async def test_is_left_to_the_training_unless_it_is_named(
        self, client: httpx.AsyncClient, body: dict[str, Any]
    ) -> None:
        *_, last = await chain(client, {**body, "deploy": {}})
        assert (last["config"]["prompts"], last["config"]["max_tokens"]) == (None, None)
        *_, last = await chain(client, {**body, "deploy": {"max_tokens": 7, "prompts": ["Who?"]}})
        assert (last["config"]["prompts"], last["config"]["max_tokens"]) == (["Who?"], 7)
