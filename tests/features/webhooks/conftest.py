"""Fixtures of webhooks: a database of the file's own, in which nobody else registers or delivers."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

from tests.features.chat_door import client_of, running_app


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("webhooks"))


@pytest.fixture(scope="module")
async def opened(own_urls: ServiceUrls) -> AsyncIterator[Database]:
    database = Database(own_urls.database_url)
    yield database
    await database.close()


@pytest.fixture(scope="module")
async def client(settings: Settings, own_urls: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with running_app(settings, own_urls, None) as app, client_of(app) as opened:
        yield opened


@pytest.fixture
async def own(opened: Database) -> AsyncIterator[Database]:
    yield opened
    async with opened.unit_of_work() as session:
        await session.execute(text("DELETE FROM webhook"))
        await session.execute(text("DELETE FROM secret"))
