"""Base models through the HTTP door: what is used stays, what a user keeps elsewhere is never deleted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.features.jobs import repository
from llmlora.features.models.endpoints import router
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_reference import BUNDLED
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
LISTED = "/api/base-models"
DIGEST = "0" * 64
FACTS: dict[str, Any] = {
    "model_type": "llama", "vocab_size": 49152, "dtype": "F32", "eos_token": "<|im_end|>", "linear_layers": {"q_proj": 2},
    "gguf_sha256": None, "ignored_files": [], "files": {}, "requested": [],
}  # fmt: skip


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, services)
    if LISTED not in app.openapi()["paths"]:
        app.include_router(router)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as opened,
    ):
        yield opened


@pytest.fixture(autouse=True)
async def empty_tables(database: Database) -> AsyncIterator[None]:
    async def clear() -> None:
        async with database.unit_of_work() as session:
            await session.execute(text("DELETE FROM deployment WHERE name LIKE 'models-api-%'"))
            mine = "name = 'models-api'"
            await session.execute(
                text(f"UPDATE job SET state = 'cancelled' WHERE state = 'pending' AND {mine}")
            )
            await session.execute(text(f"DELETE FROM job WHERE {mine}"))
            await session.execute(text("DELETE FROM base_model"))

    await clear()
    yield
    await clear()


async def register(
    database: Database, reference: str, *, path: str | None = None, age_s: float = 0
) -> BaseModelRow:
    """A registered model whose files lie where an import puts them, unless `path` says otherwise."""
    id_ = new_id("model")
    row = BaseModelRow(
        id=id_,
        reference=reference,
        source=reference.partition(":")[0],
        path=path or f"models/{id_}",
        architecture="LlamaForCausalLM",
        parameters=1000,
        context_length=2048,
        weights_digest=DIGEST,
        tokenizer_hash=DIGEST,
        size_bytes=1,
        facts=FACTS,
        created_at=utc_now() - timedelta(seconds=age_s),
    )
    async with database.unit_of_work() as session:
        session.add(row)
    return row


async def keep_job(database: Database, base_model: str, state: str = "pending") -> str:
    job_id, now = new_id("job"), utc_now()
    async with database.unit_of_work() as session:
        await repository.keep_job(
            session,
            JobRow(
                id=job_id,
                name="models-api",
                recipe="nobody_runs_this",
                state=state,
                config={},
                inputs={"base_model": base_model},
                next_run_at=now,
                created_at=now,
            ),
            (),
        )
    return job_id


class TestList:
    async def test_bundled_model_is_available_before_its_first_use(self, client: httpx.AsyncClient) -> None:
        told = (await client.get(LISTED)).json()
        assert [(one["reference"], one["state"], one["id"]) for one in told["data"]] == [
            (one, "available", None) for one in BUNDLED_MODELS
        ]
        assert {one["reference"]: one["tasks"] for one in told["data"]} == {
            BUNDLED: ["text.generate"],
            "bundled:minilm-l6-v2": ["text.encode"],
        }

    async def test_registered_bundled_model_is_listed_once(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        row = await register(database, BUNDLED)
        told = (await client.get(LISTED)).json()
        shown = [(one["id"], one["state"]) for one in told["data"] if one["reference"] == BUNDLED]
        assert shown == [(row.id, "registered")]

    @pytest.mark.parametrize("limit", [1, 2, 3, 4])
    async def test_pages_show_each_model_once_newest_first(
        self, client: httpx.AsyncClient, database: Database, limit: int
    ) -> None:
        wanted = [f"hf:owner/model{i}" for i in range(3)]
        for age, reference in enumerate(wanted):
            await register(database, reference, age_s=age)
        seen: list[str] = []
        after: str | None = None
        while True:
            page = (
                await client.get(LISTED, params={"limit": limit, **({"after": after} if after else {})})
            ).json()
            assert len(page["data"]) <= limit
            seen += [one["reference"] for one in page["data"]]
            after = page["next"]
            if after is None:
                break
        assert seen == [*wanted, *BUNDLED_MODELS]

    async def test_foreign_cursor_is_refused(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(LISTED, params={"after": "zzz"})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


class TestFind:
    async def test_by_id_and_by_reference(self, client: httpx.AsyncClient, database: Database) -> None:
        row = await register(database, "hf:owner/name@abc")
        by_id = (await client.get(f"{LISTED}/{row.id}")).json()
        by_reference = (
            await client.get(f"{LISTED}/by-reference", params={"reference": row.reference})
        ).json()
        assert by_id == by_reference
        assert by_id["reference"] == row.reference

    async def test_bundled_model_is_found_before_its_first_use(self, client: httpx.AsyncClient) -> None:
        told = (await client.get(f"{LISTED}/by-reference", params={"reference": BUNDLED})).json()
        assert told["state"] == "available"

    @pytest.mark.parametrize("path", ["/model_nope", "/by-reference?reference=hf:owner/unknown"])
    async def test_unknown_is_not_found(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(LISTED + path)
        assert (answer.status_code, answer.json()["code"]) == (404, "base_model_unknown")


class TestDelete:
    async def test_row_and_own_files_go(
        self, client: httpx.AsyncClient, database: Database, data_dir: Path
    ) -> None:
        row = await register(database, BUNDLED)
        (data_dir / row.path).mkdir(parents=True)
        (data_dir / row.path / "model.safetensors").write_bytes(b"x")
        assert (await client.delete(f"{LISTED}/{row.id}")).status_code == 204
        assert not (data_dir / row.path).exists()
        assert (await client.get(f"{LISTED}/{row.id}")).status_code == 404

    @pytest.mark.parametrize("below_data_dir", [True, False])
    async def test_directory_used_in_place_stays(
        self,
        client: httpx.AsyncClient,
        database: Database,
        data_dir: Path,
        tmp_path: Path,
        below_data_dir: bool,
    ) -> None:
        mine = (data_dir if below_data_dir else tmp_path) / "jobs" / "job_1" / "merged"
        mine.mkdir(parents=True)
        stored = "jobs/job_1/merged" if below_data_dir else str(mine)
        row = await register(database, f"path:{mine}", path=stored)
        assert (await client.delete(f"{LISTED}/{row.id}")).status_code == 204
        assert mine.is_dir()

    @pytest.mark.parametrize("named_by", ["id", "reference"])
    async def test_unfinished_job_keeps_it(
        self, client: httpx.AsyncClient, database: Database, named_by: str
    ) -> None:
        row = await register(database, "hf:owner/needed@abc")
        await keep_job(database, getattr(row, named_by))
        answer = await client.delete(f"{LISTED}/{row.id}", headers={"accept-language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (409, "base_model_in_use")
        assert "“models-api” (pending)" in answer.json()["detail"]
        assert (await client.get(f"{LISTED}/{row.id}")).status_code == 200

    async def test_finished_job_does_not(self, client: httpx.AsyncClient, database: Database) -> None:
        row = await register(database, "hf:owner/done@abc")
        job_id = await keep_job(database, row.id)
        async with database.unit_of_work() as session:
            await session.execute(text("UPDATE job SET state = 'cancelled' WHERE id = :id"), {"id": job_id})
        assert (await client.delete(f"{LISTED}/{row.id}")).status_code == 204

    async def test_deployment_keeps_it(self, client: httpx.AsyncClient, database: Database) -> None:
        row = await register(database, "hf:owner/served@abc")
        id_ = new_id("dep")
        async with database.unit_of_work() as session:
            session.add(
                DeploymentRow(
                    id=id_,
                    name=f"models-api-{id_}",
                    target="llama_cpp",
                    state="ready",
                    base_model_id=row.id,
                    files={},
                    created_at=utc_now(),
                )
            )
        listed = (await client.get(LISTED)).json()["data"]
        assert {one["reference"]: one["deployments"] for one in listed} == {
            row.reference: 1,
            **dict.fromkeys(BUNDLED_MODELS, 0),
        }
        answer = await client.delete(f"{LISTED}/{row.id}")
        assert (answer.status_code, answer.json()["code"]) == (409, "base_model_in_use")

    async def test_unknown_model_is_not_found(self, client: httpx.AsyncClient) -> None:
        answer = await client.delete(f"{LISTED}/model_nope")
        assert (answer.status_code, answer.json()["code"]) == (404, "base_model_unknown")
