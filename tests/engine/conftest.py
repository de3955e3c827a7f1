"""A file's own database, empty for each test: no worker takes another test's jobs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.kit.db import Database

from tests.fakes.workers import Testbed


@pytest.fixture
async def jobs(own_urls: ServiceUrls) -> AsyncIterator[Database]:
    """The file's database, without jobs."""
    opened = Database(own_urls.database_url)
    async with opened.unit_of_work() as session:
        await session.execute(text("TRUNCATE job, worker CASCADE"))
    yield opened
    await opened.close()


@pytest.fixture
def testbed(jobs: Database, own_urls: ServiceUrls, data_dir: Path) -> Testbed:
    """The file's database, and a data directory of the test's own."""
    data_dir.mkdir()
    return Testbed(jobs, own_urls, data_dir.resolve())
