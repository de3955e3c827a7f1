"""Deployments: proposed, judged, shown, forgotten, and accepted by a person."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.deployments import registry
from llmlora.features.deployments.endpoints import router
from llmlora.features.deployments.errors import DeploymentNotFoundError
from llmlora.features.deployments.targets.llama_cpp import default_name, print_of, server_spec
from llmlora.kit.db import Database
from llmlora.kit.files import sha256_of_file
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow

from tests.features.chat_door import (
    accepted,
    client_of,
    files_of,
    job_over,
    proposed,
    registered_base,
    running_app,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def base(database: Database) -> AsyncIterator[BaseModelRow]:
    async with registered_base(database, None) as row:
        yield row


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    settings.data_dir.mkdir(exist_ok=True)
    (settings.data_dir / "base.gguf").write_bytes(b"GGUF")  # what `files_of` names
    async with running_app(settings, services, None, router) as app, client_of(app) as opened:
        yield opened


async def propose(database: Database, base: BaseModelRow, job_id: str, name: str) -> DeploymentRow:
    async with database.unit_of_work() as session:
        return await registry.propose_deployment(
            session,
            job_id=await job_over(session, job_id),
            training_job_id=await job_over(session),
            name=name,
            base_model_id=base.id,
            served=files_of(),
        )


async def rejected(database: Database, base: BaseModelRow) -> DeploymentRow:
    row = await proposed(database, base)
    assert row.job_id is not None
    async with database.unit_of_work() as session:
        await registry.reject_deployment(session, row.job_id, {"passed": False})
    return row


class TestProposal:
    async def test_is_being_checked(self, database: Database, base: BaseModelRow) -> None:
        row = await propose(database, base, new_id("job"), f"ft:{base.id}")
        assert (row.state, row.gates, row.ready_at) == ("checking", None, None)

    async def test_retry_of_the_job_gets_its_row_with_new_files(
        self, database: Database, base: BaseModelRow
    ) -> None:
        first = await accepted(database, base)
        assert first.job_id is not None
        async with database.unit_of_work() as session:
            again = await registry.propose_deployment(
                session,
                job_id=first.job_id,
                training_job_id=None,
                name="another name",
                base_model_id=base.id,
                served=files_of("second.gguf"),
            )
        assert (again.id, again.name) == (first.id, first.name)
        assert (again.state, again.gates, again.ready_at) == ("checking", None, None)
        assert again.files["base_gguf"] == "second.gguf"

    async def test_name_of_another_job_gets_a_number(self, database: Database, base: BaseModelRow) -> None:
        name = f"ft:{base.id}"
        rows = [await propose(database, base, new_id("job"), name) for _ in range(3)]
        assert [row.name for row in rows] == [name, f"{name}-2", f"{name}-3"]

    async def test_simultaneous_proposals_get_different_names(
        self, database: Database, base: BaseModelRow
    ) -> None:
        name = f"ft:{base.id}"
        rows = await asyncio.gather(*(propose(database, base, new_id("job"), name) for _ in range(6)))
        assert len({row.name for row in rows}) == 6

    async def test_verdict_without_proposal_is_refused(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            with pytest.raises(DeploymentNotFoundError):
                await registry.accept_deployment(session, "job_of_nobody", {})


class TestDefaultName:
    @pytest.mark.parametrize(
        ("reference", "suffix", "expected"),
        [
            ("bundled:smollm2-135m-instruct", "FAQ", "ft:smollm2-135m-instruct:llmlora:faq:12345678"),
            ("hf:HuggingFaceTB/SmolLM2-135M@abc", "my faq!", "ft:smollm2-135m:llmlora:my-faq:12345678"),
            ("path:/data/My Model", "社内規程", "ft:my-model:llmlora:社内規程:12345678"),
            ("ollama:llama3:8b", "ｆａｑ２", "ft:llama3-8b:llmlora:faq2:12345678"),
            ("path:/データ/模型", "", "ft:模型:llmlora:model:12345678"),
        ],
    )
    def test_keeps_the_words_and_ends_with_the_job(self, reference: str, suffix: str, expected: str) -> None:
        assert default_name(reference, suffix, "job_0012345678") == expected


class TestServerSpec:
    async def test_adapter_is_number_0_and_paths_start_at_the_data_root(
        self, database: Database, base: BaseModelRow, tmp_path: Path
    ) -> None:
        files = files_of(
            "/models/base.gguf", adapter_gguf="jobs/1/a.gguf", adapter_sha256="ab", chat_template="t.jinja"
        )
        spec = server_spec(await proposed(database, base, files), tmp_path)
        assert spec.gguf == Path("/models/base.gguf")
        assert [(a.path, a.sha256) for a in spec.adapters] == [(tmp_path / "jobs/1/a.gguf", "ab")]
        assert spec.chat_template == tmp_path / "t.jinja"

    async def test_base_alone_has_no_adapters(self, database: Database, base: BaseModelRow) -> None:
        assert server_spec(await proposed(database, base), Path("/data")).adapters == ()


class TestList:
    async def test_pages_cover_all_newest_first(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        made = [(await accepted(database, base)).id for _ in range(3)]
        seen: list[str] = []
        query: dict[str, str | int] = {"limit": 2, "state": "ready"}
        while True:
            page = (await client.get("/api/deployments", params=query)).json()
            seen += [one["id"] for one in page["data"]]
            if page["next"] is None:
                break
            query["after"] = page["next"]
        assert [id_ for id_ in seen if id_ in made] == made[::-1]

    async def test_state_filters(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        ready, red = await accepted(database, base), await rejected(database, base)
        page = (await client.get("/api/deployments", params={"state": "rejected", "limit": 200})).json()
        ids = {one["id"] for one in page["data"]}
        assert red.id in ids
        assert ready.id not in ids

    async def test_every_page_says_how_many_match_on_all(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        counted = [(await client.get("/api/deployments", params={"limit": 1})).json()["total"]]
        ready = [await accepted(database, base) for _ in range(2)]
        await rejected(database, base)
        counted.append((await client.get("/api/deployments", params={"limit": 1})).json()["total"])
        assert counted[1] - counted[0] == 3
        one = (await client.get("/api/deployments", params={"name": ready[0].name})).json()
        assert (one["total"], len(one["data"])) == (1, 1)

    async def test_name_and_job_filter(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        wanted, other = await accepted(database, base), await accepted(database, base)
        for query in ({"name": wanted.name}, {"job_id": str(wanted.job_id)}):
            ids = {one["id"] for one in (await client.get("/api/deployments", params=query)).json()["data"]}
            assert wanted.id in ids, query
            assert other.id not in ids, query
        made = await propose(database, base, new_id("job"), f"ft:{base.id}")
        of_training = {"training_job_id": str(made.training_job_id)}
        training = (await client.get("/api/deployments", params=of_training)).json()
        assert made.id in {one["id"] for one in training["data"]}
        assert wanted.id not in {one["id"] for one in training["data"]}
        both = {"name": wanted.name, "state": "rejected"}
        assert (await client.get("/api/deployments", params=both)).json()["data"] == []

    async def test_unknown_state_is_refused(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/deployments", params={"state": "green"})).status_code == 422


class TestOne:
    async def test_shows_files_gates_and_base(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        row = await accepted(database, base)
        shown = (await client.get(f"/api/deployments/{row.id}")).json()
        assert shown["base_reference"] == base.reference
        assert shown["files"]["base_gguf"] == "base.gguf"
        assert shown["gates"] == {"passed": True}
        assert shown["ready_at"] is not None

    @pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/use-anyway")])
    async def test_unknown_is_not_found(self, client: httpx.AsyncClient, method: str, path: str) -> None:
        response = await client.request(method, f"/api/deployments/dep_none{path}")
        assert response.status_code == 404
        assert response.json()["code"] == "deployment_not_found"

    async def test_odd_id_is_refused(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/deployments/a%00b")).status_code == 422


class TestDelete:
    async def test_forgets_it(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        row = await accepted(database, base)
        assert (await client.delete(f"/api/deployments/{row.id}")).status_code == 204
        assert (await client.get(f"/api/deployments/{row.id}")).status_code == 404

    async def test_waits_for_the_checks(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        row = await proposed(database, base)
        response = await client.delete(f"/api/deployments/{row.id}")
        assert (response.status_code, response.json()["code"]) == (409, "deployment_checking")


class TestFiles:
    """What llama.cpp serves is watched where it lies."""

    @pytest.fixture
    async def served(
        self, database: Database, base: BaseModelRow, settings: Settings, client: httpx.AsyncClient
    ) -> DeploymentRow:
        """A ready deployment whose files were looked at when it was proved."""
        names = {"base_gguf": "own.gguf", "adapter_gguf": "a.gguf", "chat_template": "t.jinja"}
        prints = {}
        for name in names.values():
            (settings.data_dir / name).write_bytes(f"{name:>100}".encode())
            digest = sha256_of_file(settings.data_dir / name)
            prints[name] = print_of(settings.data_dir / name, digest)
        files = files_of("own.gguf", adapter_gguf="a.gguf", chat_template="t.jinja")
        return await accepted(database, base, files.model_copy(update={"prints": prints}))

    async def state_of(self, client: httpx.AsyncClient, row: DeploymentRow) -> tuple[str, str | None]:
        """As the page of one and the list show it, and as a chat is refused."""
        one = (await client.get(f"/api/deployments/{row.id}")).json()
        listed = (await client.get("/api/deployments", params={"name": row.name})).json()["data"]
        assert [other["state"] for other in listed] == [one["state"]]
        chat = (await client.get("/api/chat/models")).json()["data"]
        assert [m["servable"] for m in chat if m["name"] == row.name] == [one["state"] == "ready"]
        body = {"model": row.name, "messages": [{"role": "user", "content": "Hi"}]}
        if one["deviation"] is None:
            return one["state"], None
        refused = await client.post("/v1/chat/completions", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, one["deviation"]["code"])
        return one["state"], one["deviation"]["code"]

    @pytest.mark.parametrize("name", ["own.gguf", "a.gguf", "t.jinja"])
    async def test_that_are_gone_or_changed_are_seen_and_seen_again_when_they_are_back(
        self, client: httpx.AsyncClient, settings: Settings, served: DeploymentRow, name: str
    ) -> None:
        path = settings.data_dir / name
        proved = path.read_bytes()
        assert await self.state_of(client, served) == ("ready", None)
        path.unlink()
        assert await self.state_of(client, served) == ("gone", "deployment_file_gone")
        path.write_bytes(proved + b"more")
        assert await self.state_of(client, served) == ("changed", "deployment_file_changed")
        path.write_bytes(b"x" * len(proved))  # of the same size, later
        assert await self.state_of(client, served) == ("changed", "deployment_file_changed")
        path.write_bytes(proved)  # a copy is the same file
        assert await self.state_of(client, served) == ("ready", None)

    async def test_whose_maker_is_not_known_are_not_deployed_again(
        self, client: httpx.AsyncClient, database: Database, settings: Settings, served: DeploymentRow
    ) -> None:
        """As those are whose job was deleted before the database kept it."""
        again = f"/api/deployments/{served.id}/deploy-again"
        assert (await client.post(again)).json()["code"] == "deployment_as_proved"
        async with database.unit_of_work() as session:
            (await session.get_one(DeploymentRow, served.id)).job_id = None
        (settings.data_dir / "a.gguf").unlink()
        refused = await client.post(again)
        assert (refused.status_code, refused.json()["code"]) == (409, "deployment_source_gone")


class TestUseAnyway:
    async def test_makes_a_rejected_one_ready_and_remembers_who(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        row = await rejected(database, base)
        shown = (await client.post(f"/api/deployments/{row.id}/use-anyway")).json()
        assert shown["state"] == "ready"
        assert shown["gates"]["passed"] is False
        assert shown["gates"]["accepted_by_person_at"]

    async def test_is_for_rejected_ones_only(
        self, client: httpx.AsyncClient, database: Database, base: BaseModelRow
    ) -> None:
        row = await accepted(database, base)
        response = await client.post(f"/api/deployments/{row.id}/use-anyway")
        assert (response.status_code, response.json()["code"]) == (409, "deployment_not_rejected")
