"""What is judged has a name of its own: the wanted one means the old model until the very call that changes it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import RegisteredTag
from llmlora.features.deployments.targets.ollama import sweep
from llmlora.inference.ollama.errors import OllamaJudgedModelChangedError, OllamaJudgedModelGoneError
from llmlora.inference.ollama.names import is_staging, staged_by, staging_name
from llmlora.inference.ollama.server import OllamaServer, Registration
from llmlora.inference.ollama.staging import digest_of, publish
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes.deploy_ollama.spec import DeployOllamaConfig

from tests.factories import bundled_gguf
from tests.features.chat_door import job_over
from tests.features.jobs.door import JOBS, created
from tests.with_ollama.standin.process import Standin
from tests.with_ollama.test_models_api import door

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SOURCE = "llmlora-staged/source:1"


@pytest.fixture
async def server(standin: Standin) -> AsyncIterator[OllamaServer]:
    standin.seed(SOURCE, bundled_gguf(), into="store")
    async with OllamaServer(standin.url) as opened:
        yield opened
    standin.heal()


async def make(server: OllamaServer, name: str, system: str) -> str:
    """A model; its digest."""
    async for _ in server.create(Registration(name=name, from_=SOURCE, system=system)):
        pass
    return await digest_of(server, name) or ""


class TestNames:
    def test_say_whose_they_are(self) -> None:
        job_id = new_id("job")
        name = staging_name(job_id)
        assert is_staging(name)
        assert staged_by(name) == job_id
        assert not is_staging("llmlora/faq:f16")

    @pytest.mark.parametrize("name", ["llmlora-staging/faq:v1", "LLMLORA-Staging/faq"])
    def test_are_nobodys_to_choose(self, name: str) -> None:
        with pytest.raises(ValidationError, match="being checked"):
            DeployOllamaConfig(name=name)


class TestPublishing:
    async def test_gives_the_name_and_forgets_the_other(self, server: OllamaServer) -> None:
        staged, wanted = staging_name(new_id("job")), f"me/{new_id('t')}:1"
        await make(server, wanted, "Old.")
        judged = await make(server, staged, "New.")
        await publish(server, staged, wanted, judged)
        assert await digest_of(server, wanted) == judged
        assert await digest_of(server, staged) is None

    @pytest.mark.parametrize("route", ["/api/copy", "/api/delete"])
    async def test_goes_on_after_a_kill_before_and_behind_the_copy(
        self, server: OllamaServer, standin: Standin, route: str
    ) -> None:
        staged, wanted = staging_name(new_id("job")), f"me/{new_id('t')}:1"
        old = await make(server, wanted, "Old.")
        judged = await make(server, staged, "New.")
        standin.fault("refuse", route)
        if route == "/api/copy":
            with pytest.raises(AppError):
                await publish(server, staged, wanted, judged)
            assert await digest_of(server, wanted) == old
        else:  # a name too many is no reason to fail
            await publish(server, staged, wanted, judged)
            assert await digest_of(server, staged) == judged
        standin.heal()
        await publish(server, staged, wanted, judged)
        await publish(server, staged, wanted, judged)  # behind the end, too
        assert await digest_of(server, wanted) == judged
        assert await digest_of(server, staged) is None

    async def test_refuses_what_was_not_judged(self, server: OllamaServer) -> None:
        staged, wanted = staging_name(new_id("job")), f"me/{new_id('t')}:1"
        old = await make(server, wanted, "Old.")
        judged = await make(server, staged, "New.")
        await make(server, staged, "Somebody else's.")
        with pytest.raises(OllamaJudgedModelChangedError):
            await publish(server, staged, wanted, judged)
        await server.delete(staged)
        with pytest.raises(OllamaJudgedModelGoneError):
            await publish(server, staged, wanted, judged)
        assert await digest_of(server, wanted) == old


class TestStudio:
    async def test_hides_what_is_judged_and_sweeps_only_what_its_own_jobs_left(
        self,
        server: OllamaServer,
        standin: Standin,
        database: Database,
        services: ServiceUrls,
        data_dir: Path,
    ) -> None:
        settings = Settings(data_dir=data_dir, ollama_host=standin.url, ollama_models=standin.models)
        async with door(settings, services) as api:
            jobs = [
                (await created(api, {"recipe": "pull_ollama_model", "config": {"name": f"x:{n}"}}))["id"]
                for n in ("left", "judged", "red")
            ]
            left, judged, red = map(staging_name, jobs)
            foreign = staging_name(new_id("job"))
            for name in (left, judged, red, foreign):
                await make(server, name, name)
            async with database.unit_of_work() as session:
                for job_id in jobs[1:]:
                    await registry.propose_deployment(
                        session,
                        job_id=await job_over(session, job_id),
                        training_job_id=None,
                        name=f"me/{job_id}:1",
                        base_model_id=None,
                        served=RegisteredTag(tag="-", route="auto", quantize="none", num_ctx=2048),
                    )
                gates = {"passed": False, "identity": {"tag_digest": await digest_of(server, red)}}
                await registry.reject_deployment(session, jobs[2], gates)
            listed = (await api.get("/api/models")).json()["data"]
            chat = (await api.get("/api/chat/models")).json()["data"]
            assert not [one["name"] for one in [*listed, *chat] if is_staging(one["name"])]
            assert (await api.delete(f"/api/models/{judged}")).json()["code"] == "ollama_model_in_use"
            async with database.unit_of_work() as session:
                assert await sweep(session, server) == [left]
            assert await digest_of(server, left) is None
            assert await digest_of(server, foreign)
            # A person takes what was red: it gets its name only now.
            wanted = f"me/{jobs[2]}:1"
            [row] = (await api.get("/api/deployments", params={"job_id": jobs[2]})).json()["data"]
            assert await digest_of(server, wanted) is None
            used = (await api.post(f"/api/deployments/{row['id']}/use-anyway")).json()
            assert (used["state"], await digest_of(server, red)) == ("ready", None)
            assert await digest_of(server, wanted) == gates["identity"]["tag_digest"]
            for job_id in jobs:
                await api.post(f"{JOBS}/{job_id}/cancel")

    async def test_rejected_tag_goes_with_its_deployment_and_the_ready_one_of_its_name_stays(
        self,
        server: OllamaServer,
        standin: Standin,
        database: Database,
        services: ServiceUrls,
        data_dir: Path,
    ) -> None:
        wanted, old_job, new_job = f"me/{new_id('t')}:1", new_id("job"), new_id("job")
        served = RegisteredTag(tag=wanted, route="auto", quantize="none", num_ctx=2048)
        old = await make(server, wanted, "Old.")
        red = await make(server, staging_name(new_job), "Red.")
        async with database.unit_of_work() as session:
            for job_id in (old_job, new_job):
                await registry.propose_deployment(
                    session,
                    job_id=await job_over(session, job_id),
                    training_job_id=None,
                    name=wanted,
                    base_model_id=None,
                    served=served,
                    replace=job_id == new_job,
                )
                if job_id == old_job:
                    gates = {"passed": True, "identity": {"tag_digest": old}}
                    await registry.accept_deployment(session, job_id, gates)
        async with door(Settings(data_dir=data_dir, ollama_host=standin.url), services) as api:
            rows = (await api.get("/api/deployments", params={"name": wanted})).json()["data"]
            assert sorted(one["state"] for one in rows) == ["checking", "ready"]
            async with database.unit_of_work() as session:
                gates = {"passed": False, "identity": {"tag_digest": red}}
                await registry.reject_deployment(session, new_job, gates)
            [id_] = [one["id"] for one in rows if one["state"] == "checking"]
            assert (await api.delete(f"/api/deployments/{id_}")).status_code == 204
            assert await digest_of(server, staging_name(new_job)) is None
            assert await digest_of(server, wanted) == old
            [kept] = (await api.get("/api/deployments", params={"name": wanted})).json()["data"]
            assert kept["state"] == "ready"
