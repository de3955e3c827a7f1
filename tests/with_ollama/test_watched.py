"""A tag that was proved is watched: remade or deleted by others it is no longer ready, and it can be registered again."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import RegisteredTag
from llmlora.inference.ollama.identity import settings_digest
from llmlora.inference.ollama.server import OllamaServer, Registration
from llmlora.inference.ollama.staging import digest_of
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow

from tests.factories import bundled_gguf
from tests.features.chat_door import job_over, registered_base
from tests.features.jobs.door import JOBS, claimed, created, ended
from tests.with_ollama.abilities import Abilities
from tests.with_ollama.asking import Client
from tests.with_ollama.standin.process import Standin
from tests.with_ollama.test_models_api import door

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SOURCE = "llmlora-watched/source:1"


@dataclass
class Watched:
    """A studio beside an Ollama."""

    api: httpx.AsyncClient
    ollama: OllamaServer
    database: Database
    base: BaseModelRow

    async def proved(self, name: str, job_id: str | None = None, **make: Any) -> str:
        """A tag that a job has registered and proved; its deployment's id."""
        await self.make(name, **make)
        told = await self.ollama.details(name)
        identity = {
            "passed": True,
            "tag_digest": await digest_of(self.ollama, name),
            "model_digest": told.model_digest,
            "adapter_digests": list(told.adapter_digests),
            "settings_digest": settings_digest(told),
        }
        job_id = job_id or new_id("job")
        served = RegisteredTag(tag=name, route="adapter", quantize="none", num_ctx=2048)
        async with self.database.unit_of_work() as session:
            await job_over(session, job_id)
            row = await registry.propose_deployment(
                session, job_id=job_id, training_job_id=None, name=name, base_model_id=self.base.id, served=served
            )  # fmt: skip
            await registry.accept_deployment(session, job_id, {"passed": True, "identity": identity})
            return row.id

    async def make(self, name: str, **how: Any) -> None:
        async for _ in self.ollama.create(Registration(name=name, **{"from_": SOURCE, **how})):
            pass

    async def shown(self, id_: str) -> dict[str, Any]:
        """One deployment as a list shows it, which is the state of the page that tells more, too."""
        one: dict[str, Any] = (await self.api.get(f"/api/deployments/{id_}")).json()
        listed = (await self.api.get("/api/deployments", params={"limit": 200})).json()["data"]
        assert [other["state"] for other in listed if other["id"] == id_] == [one["state"]]
        return one

    async def asked(self, name: str) -> httpx.Response:
        body = {"model": name, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
        return await self.api.post("/v1/chat/completions", json=body)


@pytest.fixture
async def studio(
    standin: Standin, services: ServiceUrls, data_dir: Path, database: Database
) -> AsyncIterator[Watched]:
    settings = Settings(data_dir=data_dir, ollama_host=standin.url, ollama_models=standin.models)
    standin.seed(SOURCE, bundled_gguf(), into="store")
    async with (
        door(settings, services) as api,
        OllamaServer(standin.url) as ollama,
        registered_base(database, None) as base,
    ):
        yield Watched(api, ollama, database, base)


class TestRemade:
    async def test_with_another_template_is_changed_and_says_so_and_is_ready_when_it_is_put_back(
        self, studio: Watched
    ) -> None:
        name = f"me/{new_id('t')}:f16"
        id_ = await studio.proved(name, system="Be kind.")
        assert (await studio.shown(id_))["state"] == "ready"
        assert (await studio.asked(name)).status_code == 200
        await studio.ollama.copy(name, "llmlora-watched/kept:1")
        await studio.make(name, system="Be kind.", template="{{ .Prompt }}")
        changed = await studio.shown(id_)
        assert (changed["state"], changed["deviation"]["parts"]) == ("changed", ["settings"])
        assert "テンプレート" in changed["deviation"]["ja"]
        refused = await studio.asked(name)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "ollama_tuned_model_changed")
        for state, ids in (("ready", []), ("changed", [id_]), ("gone", [])):
            page = (await studio.api.get("/api/deployments", params={"state": state, "name": name})).json()
            assert [one["id"] for one in page["data"]] == ids
        assert name not in [one["id"] for one in (await studio.api.get("/v1/models")).json()["data"]]
        chat = (await studio.api.get("/api/chat/models")).json()["data"]
        assert [one["servable"] for one in chat if one["name"] == name] == [False]
        await studio.ollama.copy("llmlora-watched/kept:1", name)
        assert (await studio.shown(id_))["state"] == "ready"

    async def test_with_another_base(self, studio: Watched, client: Client, wide: bytes) -> None:
        id_ = await studio.proved(name := f"me/{new_id('t')}:f16")
        await studio.make(name, from_=None, files={"other.gguf": client.upload(wide)})
        assert "weights" in (await studio.shown(id_))["deviation"]["parts"]

    async def test_with_another_adapter(
        self,
        studio: Watched,
        client: Client,
        make_adapter: Callable[..., bytes],
        abilities: Abilities,
    ) -> None:
        abilities.need(adapters=True)
        id_ = await studio.proved(name := f"me/{new_id('t')}:f16")
        await studio.make(name, adapters={"other.gguf": client.upload(make_adapter())})
        assert (await studio.shown(id_))["deviation"]["parts"] == ["adapter"]

    async def test_with_the_same_parts_is_still_another(self, studio: Watched) -> None:
        id_ = await studio.proved(name := f"me/{new_id('t')}:f16")
        await studio.make(name, licence=("Another seal.",))
        assert (await studio.shown(id_))["deviation"]["parts"] == ["unknown"]

    async def test_in_capitals_is_the_same_name(self, studio: Watched) -> None:
        id_ = await studio.proved(f"me/Faq-{new_id('t')}:F16")
        assert (await studio.shown(id_))["state"] == "ready"

    async def test_belongs_to_whoever_made_it(self, studio: Watched) -> None:
        id_ = await studio.proved(name := f"me/{new_id('t')}:f16")
        await studio.make(name, system="Another's.")
        assert (await studio.api.delete(f"/api/deployments/{id_}")).status_code == 204
        assert (await studio.ollama.details(name)).system == "Another's."


class TestGone:
    async def test_is_not_ready_and_is_not_pulled(self, studio: Watched) -> None:
        id_ = await studio.proved(name := f"me/{new_id('t')}:f16")
        await studio.ollama.delete(name)
        gone = await studio.shown(id_)
        assert (gone["state"], gone["deviation"]["code"]) == ("gone", "ollama_tuned_model_missing")
        refused = await studio.asked(name)
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "ollama_tuned_model_missing")
        assert (await studio.api.delete(f"/api/deployments/{id_}")).status_code == 204

    async def test_ollama_that_is_away_has_changed_nothing(
        self, studio: Watched, services: ServiceUrls, data_dir: Path
    ) -> None:
        id_ = await studio.proved(name := f"me/{new_id('t')}:f16")
        async with door(Settings(data_dir=data_dir, ollama_host="127.0.0.1:9"), services) as alone:
            assert (await alone.get(f"/api/deployments/{id_}")).json()["state"] == "ready"
            body = {"model": name, "messages": [{"role": "user", "content": "Hi"}]}
            refused = await alone.post("/v1/chat/completions", json=body)
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "ollama_unreachable")
            again = await alone.post(f"/api/deployments/{id_}/deploy-again")
            assert (again.status_code, again.json()["code"]) == (503, "ollama_unreachable")

    async def test_list_of_many_looks_once(self, studio: Watched, standin: Standin) -> None:
        for _ in range(3):
            await studio.proved(f"me/{new_id('t')}:f16")
        before = len(standin.asked())
        await studio.api.get("/api/deployments", params={"limit": 200})
        assert standin.asked()[before:].count("GET /api/tags") == 1
        assert not [one for one in standin.asked()[before:] if "show" in one]


class TestDeployAgain:
    async def test_is_a_job_on_the_same_adapter_under_the_same_name_and_once(
        self, studio: Watched, database: Database
    ) -> None:
        api, name = studio.api, f"me/{new_id('t')}:f16"
        rows = [{"instruction": new_id("q"), "output": "はい。"}]
        dataset = (await api.post("/api/datasets", json={"name": "faq", "rows": rows})).json()["dataset"]
        body = {
            "dataset_id": dataset["id"],
            "base_model": studio.base.id,
            "deploy": {"target": "ollama", "tag": name},
        }
        training = await created(api, body)
        train, *_, deploy = (stage["id"] for stage in training["stages"])
        for stage in training["stages"]:
            await ended(database, stage["id"], await claimed(database, stage["id"]), JobState.COMPLETED)
        id_ = await studio.proved(name, deploy)
        refused = await api.post(f"/api/deployments/{id_}/deploy-again")
        assert (refused.status_code, refused.json()["code"]) == (409, "deployment_as_proved")
        await studio.ollama.delete(name)
        first = await api.post(f"/api/deployments/{id_}/deploy-again")
        assert first.status_code == 202, first.text
        second = await api.post(f"/api/deployments/{id_}/deploy-again")
        assert first.json()["id"] == second.json()["id"] != deploy
        job = (await api.get(f"{JOBS}/{first.json()['id']}")).json()
        assert (job["recipe"], job["inputs"]["training_job_id"]) == ("deploy_ollama", train)
        assert (job["config"]["name"], job["config"]["replace"]) == (name, True)
        # Its exports are gone: they are made again first, each once.
        exports = [(await api.get(f"{JOBS}/{one}")).json() for one in job["depends_on"] if one != train]
        assert sorted(one["config"]["target"] for one in exports) == ["adapter", "base"]
        assert all(one["state"] == "queued" for one in exports)
        # What it is made of stays meanwhile.
        kept = await api.delete(f"{JOBS}/{train}")
        assert (kept.status_code, kept.json()["code"]) == (409, "job_in_use")
        assert (await studio.shown(id_))["job_id"] == job["id"]


class TestBase:
    async def test_that_a_queued_import_will_read_is_not_deleted(self, studio: Watched) -> None:
        await studio.make(name := f"me/{new_id('t')}:f16")
        asked = {"recipe": "import_base_model", "config": {"reference": f"ollama:{name}"}}
        job = await created(studio.api, asked)
        refused = await studio.api.delete(f"/api/models/{name}")
        assert (refused.status_code, refused.json()["code"]) == (409, "ollama_model_needed")
        assert job["name"] in refused.json()["detail"]
        await studio.api.post(f"{JOBS}/{job['id']}/cancel")
        assert (await studio.api.delete(f"/api/models/{name}")).status_code == 204
