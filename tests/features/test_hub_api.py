"""The hub's token through the HTTP door: set, used, deleted, and never seen again."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.features.hub.errors import HubTokenMalformedError, HubTokenUnreadableError
from llmlora.features.hub.service import hub_access
from llmlora.features.models.sources import source_environment, source_secrets
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

pytestmark = pytest.mark.anyio
TOKEN = "hf_aVerySecretOne123"


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, services)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as opened,
    ):
        yield opened


@pytest.fixture(autouse=True)
async def no_secrets(database: Database) -> AsyncIterator[None]:
    yield
    async with database.unit_of_work() as session:
        await session.execute(text("DELETE FROM secret"))


async def stored(client: httpx.AsyncClient, token: str = TOKEN) -> httpx.Response:
    return await client.put("/api/hub/token", json={"token": token})


class TestToken:
    async def test_none_at_first(self, client: httpx.AsyncClient) -> None:
        told = (await client.get("/api/hub")).json()
        assert told == {
            "endpoint": "https://huggingface.co", "token": "none", "token_set_at": None, "token_readable": True
        }  # fmt: skip

    async def test_one_that_was_set_is_used_and_never_shown(
        self, client: httpx.AsyncClient, database: Database, settings: Settings, data_dir: Path
    ) -> None:
        answer = await stored(client, f"  {TOKEN}\n")
        assert answer.status_code == 200
        told = await client.get("/api/hub")
        assert (told.json()["token"], told.json()["token_readable"]) == ("stored", True)
        assert told.json()["token_set_at"] is not None
        assert TOKEN not in answer.text + told.text
        async with database.unit_of_work() as session:
            rows = (await session.execute(text("SELECT * FROM secret"))).all()
        assert len(rows) == 1
        assert TOKEN not in str(rows)
        assert [path.name for path in data_dir.rglob("*") if path.is_file()] == ["secrets.key"]
        assert (await hub_access(database, settings)).token == TOKEN

    async def test_it_wins_over_that_of_the_settings_until_it_is_deleted(
        self, client: httpx.AsyncClient, database: Database, settings: Settings
    ) -> None:
        with_env = Settings(data_dir=settings.data_dir, hf_token="hf_of_the_server")
        await stored(client)
        assert (await hub_access(database, with_env)).token == TOKEN
        assert (await client.delete("/api/hub/token")).status_code == 204
        assert (await hub_access(database, with_env)).token == "hf_of_the_server"
        assert (await client.get("/api/hub")).json()["token"] == "none"

    async def test_only_an_import_from_the_hub_is_handed_it(
        self, client: httpx.AsyncClient, database: Database, settings: Settings, tmp_path: Path
    ) -> None:
        await stored(client)
        assert await source_secrets("hf", database, settings) == {"HF_TOKEN": TOKEN}
        for source in ("path", "bundled", "ollama"):
            assert await source_secrets(source, database, settings) == {}
        assert TOKEN not in str(source_environment("hf", settings, tmp_path))

    async def test_key_that_is_gone_is_told(
        self, client: httpx.AsyncClient, database: Database, settings: Settings
    ) -> None:
        await stored(client)
        (settings.data_dir / "secrets.key").unlink()
        assert (await client.get("/api/hub")).json()["token_readable"] is False
        with pytest.raises(HubTokenUnreadableError, match=r"secrets\.key"):
            await hub_access(database, settings)
        assert (await stored(client)).json()["token_readable"] is True

    @pytest.mark.parametrize(
        "token", ["hf_with space", "hf_日本語", "hf_line\nbreak", "   ", "hf_\x00", "x" * 1025]
    )
    async def test_what_can_be_none_is_refused_without_being_quoted(
        self, token: str, client: httpx.AsyncClient
    ) -> None:
        answer = await stored(client, token)
        assert answer.status_code == 422
        assert token.strip()[:8] not in answer.text or not token.strip()
        assert (await client.get("/api/hub")).json()["token"] == "none"

    async def test_other_shapes_are_refused(self, client: httpx.AsyncClient) -> None:
        for body in ({}, {"token": 7}, {"token": None}, {"token": TOKEN, "more": 1}):
            assert (await client.put("/api/hub/token", json=body)).status_code == 422

    async def test_setting_that_can_be_none_is_told(self, database: Database, settings: Settings) -> None:
        odd = settings.model_copy(update={"hf_token": Settings(hf_token="hf_日本").hf_token})
        with pytest.raises(HubTokenMalformedError) as caught:
            await hub_access(database, odd)
        assert "日本" not in caught.value.detail("en")

    async def test_credentials_of_a_mirror_are_not_shown(
        self, settings: Settings, services: ServiceUrls
    ) -> None:
        mirror = settings.model_copy(update={"hf_endpoint": "https://me:pw@mirror.example/hf"})
        app = create_app(mirror, services)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
        ):
            assert (await client.get("/api/hub")).json()["endpoint"] == "https://mirror.example/hf"
