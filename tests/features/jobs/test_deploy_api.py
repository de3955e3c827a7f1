"""What is made of a finished training over HTTP: deployments and exports, each once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from llmlora.contracts.events import Artifact, ArtifactKind, Failure, FailureClass
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import RegisteredTag
from llmlora.features.jobs.errors import AlreadyDeployedError, DeployNameAwaitedError
from llmlora.features.jobs.schemas import DeployRequest, JobCreate
from llmlora.features.jobs.service import create_job, deploy_job
from llmlora.features.openai.fine_tuning_chains import load_chains
from llmlora.inference.ollama.errors import OllamaTagTakenError
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.net import free_port
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.features.chat_door import client_of, files_of, registered_base, running_app
from tests.features.jobs.door import JOBS, claimed, created, ended, stored

pytestmark = pytest.mark.anyio

Body = dict[str, Any]


async def completed(database: Database, settings: Settings, job_id: str, *made: ArtifactKind) -> None:
    """A worker takes the job, leaves these files and ends well."""
    epoch = await claimed(database, job_id)
    run_dir = settings.data_dir / "jobs" / job_id / str(epoch)
    facts = []
    for kind in made:
        path = run_dir / ("final_model" if kind is ArtifactKind.ADAPTER else f"{kind}.bin")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if kind is ArtifactKind.ADAPTER else path.write_bytes(b"GGUF")
        place = path.relative_to(settings.data_dir).as_posix()
        facts.append(Artifact(kind=kind, name=path.name, path=place, sha256="0" * 64, size_bytes=4))
    await stored(database, job_id, epoch, *facts)
    await ended(database, job_id, epoch, JobState.COMPLETED)


async def trained(client: httpx.AsyncClient, database: Database, settings: Settings, body: Body) -> str:
    """A training that has ended well, by its id."""
    job = await created(client, body)
    await completed(database, settings, job["id"], ArtifactKind.ADAPTER)
    return str(job["id"])


async def deployed(
    database: Database, settings: Settings, base: BaseModelRow, job: Body, name: str, served: Any = None
) -> str:
    """Run what a deploying job waits for, and the job itself to green gates; the deployment's id."""
    for other in job["stages"]:
        if other["recipe"] == "export_gguf" and other["state"] == "queued":
            await completed(database, settings, other["id"], ArtifactKind.GGUF)
    epoch = await claimed(database, job["id"])
    async with database.unit_of_work() as session:
        row = await registry.propose_deployment(
            session,
            job_id=job["id"],
            training_job_id=job["inputs"]["training_job_id"],
            name=name,
            base_model_id=base.id,
            served=served or files_of(),
        )
        await registry.accept_deployment(session, job["id"], {"passed": True})
        deployment_id = row.id
    await ended(database, job["id"], epoch, JobState.COMPLETED)
    return deployment_id


class TestFinishedTraining:
    async def test_is_refused_where_what_it_has_made_cannot_be_used(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        refused = await client.post(f"{JOBS}/{training}/deploy", json={"target": "onnx"})
        assert (refused.status_code, refused.json()["code"]) == (422, "target_unfit")
        assert "llama_cpp, ollama" in refused.json()["detail"]

    async def test_is_deployed_in_its_own_chain(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        response = await client.post(
            f"{JOBS}/{training}/deploy", json={"name": "faq", "quantization": "q8_0"}
        )
        job = response.json()
        assert response.status_code == 201, response.text
        assert response.headers["location"] == f"{JOBS}/{job['id']}"
        assert (job["recipe"], job["name"], job["state"]) == ("deploy_llama_cpp", "faq", "pending")
        assert job["inputs"]["training_job_id"] == training
        shown = (await client.get(f"{JOBS}/{training}")).json()
        assert [one["recipe"] for one in shown["stages"]] == ["text_lora", "export_gguf", "deploy_llama_cpp"]
        assert [one["state"] for one in shown["stages"]] == ["completed", "queued", "pending"]
        exported = (await client.get(f"{JOBS}/{shown['stages'][1]['id']}")).json()
        assert exported["config"] == {"target": "adapter", "outtype": "q8_0"}

    async def test_base_without_gguf_is_exported_once_for_all_deployments(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        async with registered_base(database, None) as row:
            training = await trained(client, database, settings, {**request_body, "base_model": row.id})
            first = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
            second = (await client.post(f"{JOBS}/{training}/deploy", json={"quantization": "q8_0"})).json()
        assert first["inputs"]["base_export_job_id"] == second["inputs"]["base_export_job_id"]
        assert first["inputs"]["export_job_id"] != second["inputs"]["export_job_id"]

    async def test_export_that_waits_for_another_training_is_not_waited_for(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        async with registered_base(database, None) as row:
            body = {**request_body, "base_model": row.id}
            training = await trained(client, database, settings, body)
            later = {**body, "name": "later", "deploy": {"target": "llama_cpp"}}
            other = (await client.post(JOBS, json=later)).json()
            waiting = {one["id"] for one in (await client.get(f"{JOBS}/{other['id']}")).json()["stages"]}
            mine = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
        assert len(waiting) > 1
        assert mine["inputs"]["base_export_job_id"] not in waiting

    async def test_export_that_is_being_stopped_is_made_again(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        first = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
        export = first["inputs"]["export_job_id"]
        async with database.unit_of_work() as session:
            await session.execute(text("UPDATE job SET desired = 'cancel' WHERE id = :id"), {"id": export})
        second = (await client.post(f"{JOBS}/{training}/deploy", json={"context": 512})).json()
        assert second["inputs"]["export_job_id"] != export

    async def test_export_that_is_there_serves_a_second_deployment(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings,
        base: BaseModelRow,
    ) -> None:  # fmt: skip
        training = await trained(client, database, settings, request_body)
        first = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
        await deployed(database, settings, base, first, f"ft:{new_id('t')}")
        second = (await client.post(f"{JOBS}/{training}/deploy", json={"context": 512})).json()
        assert second["inputs"]["export_job_id"] == first["inputs"]["export_job_id"]
        assert (second["state"], second["config"]["context"]) == ("queued", 512)

    async def test_export_whose_file_is_gone_is_made_again(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings,
        base: BaseModelRow,
    ) -> None:  # fmt: skip
        training = await trained(client, database, settings, request_body)
        first = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
        await deployed(database, settings, base, first, f"ft:{new_id('t')}")
        export = first["inputs"]["export_job_id"]
        (settings.data_dir / "jobs" / export / "1" / "gguf.bin").unlink()
        again = await client.post(f"{JOBS}/{training}/deploy", json={})
        assert again.status_code == 201, again.text
        assert again.json()["inputs"]["export_job_id"] != export

    async def test_repeated_request_of_one_key_makes_one_deployment(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        headers = {"idempotency-key": new_id("key")}
        tries = [await client.post(f"{JOBS}/{training}/deploy", json={}, headers=headers) for _ in range(2)]
        assert [one.status_code for one in tries] == [201, 201]
        assert tries[0].json()["id"] == tries[1].json()["id"]

    @pytest.mark.parametrize(
        ("target", "outtype"), [("merged", "q4_K_M"), ("merged", "f16"), ("adapter", "q8_0")]
    )
    async def test_export_joins_its_chain(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings,
        target: str, outtype: str,
    ) -> None:  # fmt: skip
        training = await trained(client, database, settings, request_body)
        config = {"target": target, "outtype": outtype}
        body = {"recipe": "export_gguf", "training_job_id": training, "config": config}
        export = await created(client, body)
        its = (await client.get(f"{JOBS}/{training}")).json()["group_id"]
        assert (export["group_id"], export["state"]) == (its, "queued")
        assert [one["id"] for one in export["stages"]] == [training, export["id"]]


class TestFineTuningOfOpenAi:
    async def test_ends_as_it_did_whatever_is_made_of_it_later(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings,
        base: BaseModelRow,
    ) -> None:  # fmt: skip
        job = await created(client, {**request_body, "deploy": {}})
        await completed(database, settings, job["id"], ArtifactKind.ADAPTER)
        deploying = (await client.get(f"{JOBS}/{job['stages'][2]['id']}")).json()
        name = f"ft:{new_id('t')}"
        await deployed(database, settings, base, deploying, name)
        address = f"{JOBS}/{job['id']}/deploy"
        for end in (None, JobState.FAILED):
            later = (await client.post(address, json={"quantization": "q8_0", "name": str(end)})).json()
            if end:
                export = later["inputs"]["export_job_id"]
                failure = Failure(failure_class=FailureClass.INFRASTRUCTURE, code="x", ja="…", en="…")
                await ended(database, export, await claimed(database, export), end, failure)
            async with database.unit_of_work() as session:
                (chain,) = await load_chains(session, [await session.get_one(JobRow, job["id"])])
                assert (chain.status, chain.model_name) == ("succeeded", name)


class TestRefused:
    async def test_same_deployment_again_is_named(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings,
        base: BaseModelRow,
    ) -> None:  # fmt: skip
        training = await trained(client, database, settings, request_body)
        first = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
        waiting = await client.post(f"{JOBS}/{training}/deploy", json={})
        assert (waiting.status_code, waiting.json()["code"]) == (409, "deploy_under_way")
        assert first["name"] in waiting.json()["detail"]
        name = f"ft:{new_id('t')}"
        deployment = await deployed(database, settings, base, first, name)
        there = await client.post(f"{JOBS}/{training}/deploy", json={})
        assert (there.status_code, there.json()["code"]) == (409, "already_deployed")
        assert name in there.json()["detail"]
        other = await client.post(f"{JOBS}/{training}/deploy", json={"name": "another"})
        assert other.status_code == 201, other.text
        assert (await client.delete(f"/api/deployments/{deployment}")).status_code == 204
        anew = await client.post(f"{JOBS}/{training}/deploy", json={})
        assert anew.status_code == 201, anew.text

    async def test_two_at_once_make_one(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        tries = [client.post(f"{JOBS}/{training}/deploy", json={}) for _ in range(3)]
        answers = await asyncio.gather(*tries)
        assert sorted(one.status_code for one in answers) == [201, 409, 409]

    async def test_failed_deployment_may_be_tried_again(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        first = (await client.post(f"{JOBS}/{training}/deploy", json={})).json()
        epoch = await claimed(database, first["inputs"]["export_job_id"])
        failure = Failure(failure_class=FailureClass.INFRASTRUCTURE, code="child_died", ja="…", en="…")
        await ended(database, first["inputs"]["export_job_id"], epoch, JobState.FAILED, failure)
        again = await client.post(f"{JOBS}/{training}/deploy", json={})
        assert again.status_code == 201, again.text
        assert again.json()["inputs"]["export_job_id"] != first["inputs"]["export_job_id"]

    @pytest.mark.parametrize("state", ["queued", "running"])
    async def test_training_that_has_not_ended(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, state: str
    ) -> None:
        job = await created(client, request_body)
        if state == "running":
            await claimed(database, job["id"])
        response = await client.post(f"{JOBS}/{job['id']}/deploy", json={})
        assert (response.status_code, response.json()["code"]) == (409, "job_not_over")
        assert state in response.json()["detail"]

    @pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.COMPLETED])
    async def test_training_without_an_adapter(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, state: JobState
    ) -> None:
        job = await created(client, request_body)
        await ended(database, job["id"], await claimed(database, job["id"]), state)
        response = await client.post(f"{JOBS}/{job['id']}/deploy", json={})
        assert (response.status_code, response.json()["code"]) == (409, "job_without_adapter")

    async def test_adapter_whose_files_were_deleted(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        (settings.data_dir / "jobs" / training / "1" / "final_model").rmdir()
        response = await client.post(f"{JOBS}/{training}/deploy", json={})
        assert (response.status_code, response.json()["code"]) == (409, "job_without_adapter")

    async def test_job_that_trains_nothing(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(client, database, settings, request_body)
        export = await created(client, {"recipe": "export_gguf", "training_job_id": training})
        await completed(database, settings, export["id"], ArtifactKind.GGUF)
        response = await client.post(f"{JOBS}/{export['id']}/deploy", json={})
        assert (response.status_code, response.json()["code"]) == (409, "job_without_adapter")

    @pytest.mark.parametrize(
        ("wish", "pointer"),
        [
            ({"target": "nowhere"}, "/target"),
            ({"quantization": "q4_K_M"}, "/quantization"),
            ({"contxt": 64}, "/contxt"),
        ],
    )
    async def test_wish_that_is_wrong_names_its_field(
        self, client: httpx.AsyncClient, wish: Body, pointer: str
    ) -> None:
        response = await client.post(f"{JOBS}/{new_id('job')}/deploy", json=wish)
        assert response.status_code == 422
        assert [error["pointer"] for error in response.json()["errors"]] == [pointer]

    async def test_unknown_job(self, client: httpx.AsyncClient) -> None:
        response = await client.post(f"{JOBS}/job_unknown/deploy", json={})
        assert (response.status_code, response.json()["code"]) == (404, "job_not_found")


class TestOllama:
    @pytest.fixture
    async def alone(self, settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
        """The API where nothing answers at Ollama's address."""
        away = settings.model_copy(update={"ollama_host": f"127.0.0.1:{free_port()}"})
        async with running_app(away, services, None) as app, client_of(app) as opened:
            yield opened

    async def test_that_is_away_is_told_and_nothing_is_made(
        self, alone: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        training = await trained(alone, database, settings, request_body)
        response = await alone.post(f"{JOBS}/{training}/deploy", json={"target": "ollama"})
        assert response.status_code == 503, response.text
        assert "Ollama" in response.json()["detail"]
        assert len((await alone.get(f"{JOBS}/{training}")).json()["stages"]) == 1

    async def test_name_of_another_unfinished_deployment_is_taken(
        self, request_body: Body, client: httpx.AsyncClient, database: Database, settings: Settings
    ) -> None:
        """Asked of the service: no Ollama has to answer for it."""
        first = await trained(client, database, settings, request_body)
        second = await trained(client, database, settings, {**request_body, "name": "another"})
        tag = f"llmlora/{new_id('t')}:f16".lower().replace("_", "-")
        wish = DeployRequest(target="ollama", tag=tag)
        async with database.unit_of_work() as session:
            (job, *_) = await deploy_job(session, settings.data_dir, first, wish)
        with pytest.raises(DeployNameAwaitedError, match=tag):
            async with database.unit_of_work() as session:
                await deploy_job(session, settings.data_dir, second, wish)
        document = (await client.get(f"{JOBS}/{job.id}")).json()
        served = RegisteredTag(tag=tag, route="adapter", quantize="none", num_ctx=2048)
        async with database.unit_of_work() as session:
            base = await session.get_one(BaseModelRow, request_body["base_model"])
        await deployed(database, settings, base, document, tag, served)
        with pytest.raises(AlreadyDeployedError, match=tag):
            async with database.unit_of_work() as session:
                await deploy_job(session, settings.data_dir, first, wish)


FORMS: list[dict[str, Any]] = [
    {},
    {"route": "adapter"},
    {"route": "merged"},
    {"quantize": "q8_0"},
    {"quantize": "q4_K_M"},
    {"quantize": "q4_K_S"},
    {"quantization": "q8_0"},
    {"quantization": "f32"},
    {"route": "adapter", "quantization": "q8_0"},
    # What only the settings tell apart, or nothing in the form.
    {"context": 512},
    {"prompts": ["他の質問"]},
    {"name": "faq", "max_tokens": 7},
    {"route": "merged", "quantize": "q8_0"},
]


class TestDefaultNameInOllama:
    """Asked of the service: no Ollama has to answer for it."""

    @pytest.mark.parametrize("is_there", [False, True], ids=["on_their_way", "ready"])
    async def test_never_takes_the_place_of_another(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings,
        base: BaseModelRow, is_there: bool,
    ) -> None:  # fmt: skip
        training = await trained(client, database, settings, request_body)
        names: list[str] = []
        for form in FORMS:
            async with database.unit_of_work() as session:
                wish = DeployRequest.model_validate({"target": "ollama", **form})
                (job, *_) = await deploy_job(session, settings.data_dir, training, wish)
                names.append(job.config["name"])
            if is_there:
                document = (await client.get(f"{JOBS}/{job.id}")).json()
                served = RegisteredTag(tag=names[-1], route="auto", quantize="none", num_ctx=2048)
                await deployed(database, settings, base, document, names[-1], served)
        assert len({name.lower() for name in names}) == len(FORMS), names
        assert all(training[-8:] in name for name in names)
        if is_there:
            listed = await client.get("/api/deployments", params={"training_job_id": training, "limit": 200})
            assert sorted(one["name"] for one in listed.json()["data"]) == sorted(names)

    async def test_of_two_jobs_of_one_name_are_two(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings
    ) -> None:
        body = JobCreate.model_validate({**request_body, "deploy": {"target": "ollama"}})
        names = set()
        for _ in range(2):
            async with database.unit_of_work() as session:
                jobs = await create_job(session, settings.data_dir, body)
                names |= {job.config["name"] for job in jobs if job.recipe == "deploy_ollama"}
        assert len(names) == 2

    async def test_same_wish_again_is_told_and_gets_no_number(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings,
        base: BaseModelRow,
    ) -> None:  # fmt: skip
        training = await trained(client, database, settings, request_body)
        wishes = [DeployRequest(target="ollama"), DeployRequest(target="ollama", context=512)]
        for wish in wishes:
            async with database.unit_of_work() as session:
                (job, *_) = await deploy_job(session, settings.data_dir, training, wish)
            document = (await client.get(f"{JOBS}/{job.id}")).json()
            name = job.config["name"]
            served = RegisteredTag(tag=name, route="auto", quantize="none", num_ctx=2048)
            await deployed(database, settings, base, document, name, served)
            with pytest.raises(AlreadyDeployedError, match=name):
                async with database.unit_of_work() as session:
                    await deploy_job(session, settings.data_dir, training, wish)


class TestChosenNameInOllama:
    async def test_that_a_deployment_has_in_other_letters_is_refused_unless_it_is_to_be_replaced(
        self, client: httpx.AsyncClient, request_body: Body, database: Database, settings: Settings,
        base: BaseModelRow,
    ) -> None:  # fmt: skip
        training = await trained(client, database, settings, request_body)
        tag = f"me/{training[-8:]}:f16"
        async with database.unit_of_work() as session:
            wish = DeployRequest(target="ollama", tag=tag)
            (job, *_) = await deploy_job(session, settings.data_dir, training, wish)
        other = {"target": "ollama", "tag": tag.upper(), "route": "merged"}
        with pytest.raises(DeployNameAwaitedError):
            async with database.unit_of_work() as session:
                await deploy_job(session, settings.data_dir, training, DeployRequest.model_validate(other))
        document = (await client.get(f"{JOBS}/{job.id}")).json()
        served = RegisteredTag(tag=tag, route="adapter", quantize="none", num_ctx=2048)
        await deployed(database, settings, base, document, tag, served)
        with pytest.raises(OllamaTagTakenError):
            async with database.unit_of_work() as session:
                await deploy_job(session, settings.data_dir, training, DeployRequest.model_validate(other))
        # A job that was made before, or by itself, meets the same word where it begins.
        with pytest.raises(OllamaTagTakenError):
            async with database.unit_of_work() as session:
                await registry.propose_deployment(
                    session, job_id=new_id("job"), training_job_id=training, name=tag.upper(),
                    base_model_id=base.id, served=served,
                )  # fmt: skip
        async with database.unit_of_work() as session:
            wish = DeployRequest.model_validate({**other, "replace": True})
            (job, *_) = await deploy_job(session, settings.data_dir, training, wish)
            assert job.config["name"] == tag.upper()
