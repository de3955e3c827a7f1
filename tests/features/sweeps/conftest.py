"""A recipe that takes no time, an API and a worker over a database of the file's own."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from llmlora import recipes
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

from tests.fakes.workers import Testbed
from tests.features.chat_door import client_of, running_app

RECIPES = Path(__file__).parent / "recipes"


@pytest.fixture(scope="module", autouse=True)
def hill() -> Iterator[None]:
    """The recipe is known while the file's tests run."""
    recipes.add_recipes(RECIPES)
    yield
    del recipes.RECIPES["hill"]
    recipes.EXTERNAL_DIRECTORIES.remove(RECIPES)
    recipes.__path__.remove(str(RECIPES))
    for name in [name for name in sys.modules if name.startswith("llmlora.recipes.hill")]:
        del sys.modules[name]
    recipes.plan_of.cache_clear()
    recipes.forecaster_of.cache_clear()


@pytest.fixture
async def jobs(own_urls: ServiceUrls) -> AsyncIterator[Database]:
    opened = Database(own_urls.database_url)
    async with opened.unit_of_work() as session:
        await session.execute(text("TRUNCATE job, job_group, worker CASCADE"))
    yield opened
    await opened.close()


@pytest.fixture
def testbed(jobs: Database, own_urls: ServiceUrls, settings: Settings) -> Testbed:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Testbed(jobs, own_urls, settings.data_dir.resolve())


@pytest.fixture
async def client(
    settings: Settings, own_urls: ServiceUrls, testbed: Testbed
) -> AsyncIterator[httpx.AsyncClient]:
    async with running_app(settings, own_urls, None) as app, client_of(app) as opened:
        yield opened
