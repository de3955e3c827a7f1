"""A database of each file's own on the session's server, empty for each test: no worker takes another test's jobs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from llmlora.engine.embedded.migrate import migrate
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id

from tests.databases import named, on_server
from tests.fakes.workers import Ground


async def _made(services: ServiceUrls, name: str) -> None:
    await on_server(services.database_url, f"CREATE DATABASE {name}")
    database = Database(_named(services, name).database_url)
    await migrate(database.engine)
    await database.close()


def _named(services: ServiceUrls, name: str) -> ServiceUrls:
    return ServiceUrls(named(services.database_url, name), services.redis_url)


@pytest.fixture(scope="module")
def own_urls(services: ServiceUrls) -> Iterator[ServiceUrls]:
    """A migrated database of the file's own, and the session's Valkey."""
    name = new_id("jobs")
    urls = _named(services, name)
    asyncio.run(_made(services, name))
    yield urls
    asyncio.run(on_server(services.database_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def jobs(own_urls: ServiceUrls) -> AsyncIterator[Database]:
    """The file's database, without jobs."""
    opened = Database(own_urls.database_url)
    async with opened.unit_of_work() as session:
        await session.execute(text("TRUNCATE job, worker CASCADE"))
    yield opened
    await opened.close()


@pytest.fixture
def ground(jobs: Database, own_urls: ServiceUrls, data_dir: Path) -> Ground:
    """The file's database, and a data directory of the test's own."""
    data_dir.mkdir()
    return Ground(jobs, own_urls, data_dir.resolve())
