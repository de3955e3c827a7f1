"""Fixtures of all tests: a data directory, real embedded services, a migrated database."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from llmlora.engine.embedded.services import ServiceUrls, start_services, stop_services
from llmlora.kit.db import Database
from llmlora.kit.log import configure_logging
from llmlora.kit.settings import Settings

from tests.databases import own_database
from tests.plugins.outside import outside_services

# What the command line says is compared in one language, whatever this machine's locale is.
os.environ["LLMLORA_LANG"] = "en"
configure_logging("info")  # what structlog does by itself writes to what one test had for its output


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data directory of the test's own."""
    return tmp_path / "data"


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    """Settings of a test that starts services of its own."""
    return Settings(data_dir=data_dir)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceUrls]:
    """PostgreSQL and Valkey, started once for all tests (or those that the environment names)."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("services"))
    with outside_services() as given:
        settings = settings.model_copy(update=given)
        yield asyncio.run(start_services(settings))
        stop_services(settings)


@pytest.fixture(scope="module")
def own_urls(services: ServiceUrls) -> Iterator[ServiceUrls]:
    """A migrated database of the file's own, and the session's Valkey."""
    with own_database(services.database_url) as own:
        yield ServiceUrls(own, services.redis_url)


@pytest.fixture
async def database(services: ServiceUrls) -> AsyncIterator[Database]:
    """The session's database."""
    opened = Database(services.database_url)
    yield opened
    await opened.close()
