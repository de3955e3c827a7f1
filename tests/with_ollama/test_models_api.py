"""Ollama's models through the HTTP door: what it has, what one can do with it, and how it is when it is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import RegisteredTag
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings

from tests.features.chat_door import job_over
from tests.with_ollama.standin.process import Standin

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
TAG = "llmlora-listed/smollm2:135m"


@asynccontextmanager
async def door(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, services)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60
        ) as opened,
    ):
        yield opened


@pytest.fixture
async def client(
    standin: Standin, base_gguf: Path, services: ServiceUrls, data_dir: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """The API beside an Ollama that has one model."""
    standin.seed(TAG, base_gguf, into="store")
    settings = Settings(data_dir=data_dir, ollama_host=standin.url, ollama_models=standin.models)
    async with door(settings, services) as opened:
        yield opened
    standin.heal()


@pytest.fixture
async def alone(services: ServiceUrls, data_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The API where nothing answers at Ollama's address."""
    async with door(Settings(data_dir=data_dir, ollama_host="127.0.0.1:9"), services) as opened:
        yield opened


class TestInstalled:
    async def test_listed_with_what_one_can_train_on(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/models")).json()
        assert told["ollama"]["state"] == "running"
        assert told["ollama"]["version"]
        assert not told["ollama"]["is_old"]
        [one] = [model for model in told["data"] if model["name"] == TAG]
        assert one["base"]["reference"].startswith(f"ollama:{TAG}@")
        assert one["size_bytes"] > 50_000_000
        assert one["context_length"] == 8192
        assert told["size_bytes"] >= one["size_bytes"]

    async def test_checked_and_shown_by_name(self, client: httpx.AsyncClient) -> None:
        there = (await client.get(f"/api/models/check/{TAG}")).json()
        assert (there["installed"], there["pull_job_id"]) == (True, None)
        away = (await client.get("/api/models/check/nothing")).json()
        assert (away["name"], away["installed"]) == ("nothing:latest", False)
        shown = (await client.get(f"/api/models/show/{TAG}")).json()
        assert shown["architecture"] == "llama"
        assert len(shown["model_digest"]) == 64
        missing = await client.get("/api/models/show/nothing")
        assert (missing.status_code, missing.json()["code"]) == (404, "ollama_model_missing")

    async def test_deleted_once(self, client: httpx.AsyncClient, standin: Standin, base_gguf: Path) -> None:
        standin.seed("gone:1", base_gguf, into="store")
        assert (await client.delete("/api/models/gone:1")).status_code == 204
        assert (await client.delete("/api/models/gone:1")).json()["code"] == "ollama_model_missing"

    async def test_what_the_studio_registered_goes_with_its_deployment(
        self, client: httpx.AsyncClient, database: Database, standin: Standin, base_gguf: Path
    ) -> None:
        name, job_id = "llmlora/mine:f16", new_id("job")
        standin.seed(name, base_gguf, into="store")
        async with database.unit_of_work() as session:
            row = await registry.propose_deployment(
                session,
                job_id=await job_over(session, job_id),
                training_job_id=None,
                name=name,
                base_model_id=None,
                served=RegisteredTag(tag=name, route="adapter", quantize="none", num_ctx=2048),
            )
            await registry.accept_deployment(
                session, job_id, {"passed": True}, {"name": name, "route": "adapter"}
            )
            id_ = row.id
        listed = (await client.get("/api/models")).json()["data"]
        assert [one["deployment_id"] for one in listed if one["name"] == name] == [id_]
        [digest] = [one["digest"] for one in listed if one["name"] == name]
        for proved, is_changed in (("0" * 64, True), (digest, False)):
            gates = {"passed": True, "identity": {"tag_digest": proved}}
            async with database.unit_of_work() as session:
                await registry.accept_deployment(session, job_id, gates, {"name": name, "route": "adapter"})
            told = (await client.get(f"/api/models/check/{name}")).json()
            assert told["model"]["is_changed"] is is_changed
        refused = await client.delete(f"/api/models/{name}")
        assert (refused.status_code, refused.json()["code"]) == (409, "ollama_model_in_use")
        models = (await client.get("/api/chat/models")).json()["data"]
        assert [(one["engine"], one["servable"]) for one in models if one["name"] == name] == [
            ("ollama", True)
        ]
        assert (await client.delete(f"/api/deployments/{id_}")).status_code == 204
        check = (await client.get(f"/api/models/check/{name}")).json()
        assert not check["installed"]

    async def test_tuned_model_that_was_deleted_there_is_registered_anew_and_not_pulled(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        name, job_id = "me/deleted:f16", new_id("job")
        async with database.unit_of_work() as session:
            await registry.propose_deployment(
                session,
                job_id=await job_over(session, job_id),
                training_job_id=None,
                name=name,
                base_model_id=None,
                served=RegisteredTag(tag=name, route="auto", quantize="none", num_ctx=2048),
            )
            await registry.accept_deployment(
                session, job_id, {"passed": True}, {"name": name, "route": "merged"}
            )
        [known] = (await client.get("/api/deployments", params={"name": name})).json()["data"]
        assert known["tag"]["route"] == "merged"
        shown = await client.get(f"/api/models/show/{name}")
        body = {"model": name, "messages": [{"role": "user", "content": "Hi"}]}
        asked = await client.post("/v1/chat/completions", json=body)
        assert (shown.status_code, asked.status_code) == (404, 404)
        assert shown.json()["code"] == "ollama_tuned_model_missing"
        for answer in (shown, asked):
            assert "ollama pull" not in answer.text
            assert "登録" in answer.text or "Register" in answer.text

    @pytest.mark.parametrize("name", ["https://example.com/x", "registry.example.com/library/x:1", "a%20b"])
    async def test_only_names_go_out(self, client: httpx.AsyncClient, name: str) -> None:
        for path in (f"/api/models/pull/{name}", f"/api/models/check/{name}"):
            answer = await client.request("POST" if "pull" in path else "GET", path)
            assert (answer.status_code, answer.json()["code"]) == (422, "ollama_name_invalid")


class TestPull:
    async def test_is_a_job_and_one_at_a_time_for_a_name(self, client: httpx.AsyncClient) -> None:
        first = await client.post("/api/models/pull/other")
        second = await client.post("/api/models/pull/other:latest")
        assert (first.status_code, second.status_code) == (202, 202)
        assert first.json()["id"] == second.json()["id"]
        assert first.json()["config"] == {"name": "other:latest"}
        check = (await client.get("/api/models/check/other")).json()
        assert check["pull_job_id"] == first.json()["id"]
        await client.post(f"/api/training/jobs/{first.json()['id']}/cancel")


class TestChain:
    @pytest.mark.parametrize(
        ("deploy", "exported", "deployed"),
        [
            (
                {"tag": "me/faq:v1"},
                {"target": "adapter", "outtype": "f16"},
                {"name": "me/faq:v1", "route": "auto", "quantize": "none"},
            ),
            (
                {"route": "adapter"},
                {"target": "adapter", "outtype": "f16"},
                {"route": "adapter", "quantize": "none"},
            ),
            (
                {"quantize": "q4_K_M", "name": "faq"},
                {"target": "merged", "outtype": "f16"},
                {"route": "auto", "quantize": "q4_K_M"},
            ),
            (
                {"route": "merged", "quantize": "q4_K_M", "name": "faq"},
                {"target": "merged", "outtype": "f16"},
                {"route": "merged", "quantize": "q4_K_M"},
            ),
        ],
    )
    async def test_follows_a_training(
        self,
        client: httpx.AsyncClient,
        deploy: dict[str, str],
        exported: dict[str, str],
        deployed: dict[str, str],
    ) -> None:
        # The same rows would be the data set of an earlier test, whose files are gone with it.
        rows = [{"instruction": f"質問{i} {new_id('q')}", "output": f"答え{i}"} for i in range(3)]
        dataset = (await client.post("/api/datasets", json={"name": "faq", "rows": rows})).json()["dataset"]
        body = {"dataset_id": dataset["id"], "deploy": {"target": "ollama", **deploy}}
        made = await client.post("/api/training/jobs", json=body)
        assert made.status_code == 201, made.text
        chain = {one["recipe"]: one["id"] for one in made.json()["stages"]}
        assert set(chain) == {"text_lora", "export_gguf", "deploy_ollama"}
        configs = {
            recipe: (await client.get(f"/api/training/jobs/{id_}")).json()["config"]
            for recipe, id_ in chain.items()
        }
        assert configs["export_gguf"].items() >= exported.items()
        assert configs["deploy_ollama"].items() >= deployed.items()
        assert configs["deploy_ollama"]["prompts"] is None
        if "name" in deploy:
            assert configs["deploy_ollama"]["name"] == f"llmlora/faq-{made.json()['id'][-8:]}:q4_k_m"
        await client.post(f"/api/training/jobs/{made.json()['id']}/cancel")

    @pytest.mark.parametrize(
        "deploy",
        [
            {"target": "ollama", "route": "adapter", "quantize": "q8_0"},
            {"target": "llama_cpp", "quantize": "q8_0"},
            {"target": "llama_cpp", "route": "merged"},
            {"target": "llama_cpp", "tag": "me/faq:v1"},
            {"target": "ollama", "tag": "http://example.com/x"},
        ],
    )
    async def test_what_does_not_go_together_is_refused(
        self, client: httpx.AsyncClient, deploy: dict[str, str]
    ) -> None:
        answer = await client.post("/api/training/jobs", json={"dataset_id": "ds_none", "deploy": deploy})
        assert answer.status_code == 422


class TestChat:
    async def test_any_model_of_ollama_answers(self, client: httpx.AsyncClient) -> None:
        asked = {
            "model": TAG,
            "messages": [{"role": "user", "content": "Say hello."}],
            "max_tokens": 8,
            "temperature": 0,
        }
        told = (await client.post("/v1/chat/completions", json=asked)).json()
        assert told["choices"][0]["message"]["content"]
        assert told["usage"]["completion_tokens"] <= 8
        stream = await client.post("/v1/chat/completions", json={**asked, "stream": True})
        assert stream.text.rstrip().endswith("data: [DONE]")


class TestAway:
    async def test_everything_else_works_and_says_so(self, alone: httpx.AsyncClient) -> None:
        told = (await alone.get("/api/models")).json()
        assert (told["ollama"]["state"], told["data"]) == ("absent", [])
        assert "OLLAMA_HOST" in told["ollama"]["detail_ja"]
        assert (await alone.get("/readyz")).json()["ollama"] == "absent"
        assert (await alone.get("/readyz")).status_code == 200
        assert (await alone.get("/api/system")).json()["ollama"]["state"] == "absent"
        assert (await alone.get("/api/chat/models")).status_code == 200
        shown = await alone.get(f"/api/models/show/{TAG}")
        assert (shown.status_code, shown.json()["code"]) == (503, "ollama_unreachable")

    async def test_training_for_it_is_refused_before_it_begins(self, alone: httpx.AsyncClient) -> None:
        body = {"recipe": "text_lora", "dataset_id": "ds_none", "deploy": {"target": "ollama"}}
        answer = await alone.post("/api/training/jobs", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "ollama_unreachable")


class TestDeployedLater:
    """A finished training that is to go to Ollama: asked before anything is made."""

    async def test_name_that_a_model_has_is_refused_unless_it_gives_way(
        self, client: httpx.AsyncClient
    ) -> None:
        wish = {"target": "ollama", "tag": TAG}
        address = "/api/training/jobs/job_unknown/deploy"
        taken = await client.post(address, json=wish)
        assert (taken.status_code, taken.json()["code"]) == (409, "ollama_tag_taken")
        assert TAG in taken.json()["detail"]
        asked = await client.post(address, json={**wish, "replace": True})
        assert (asked.status_code, asked.json()["code"]) == (404, "job_not_found")
