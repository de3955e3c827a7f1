"""One life for all tests, and copies of it to be saved and hurt; places to restore into."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from llmlora.engine.embedded.services import ServiceUrls

from tests.features.backup.door import Lived, Place, live, lives_at, place_on


@pytest.fixture(scope="session")
def origin(services: ServiceUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """Lived once; nobody changes it."""
    directory = tmp_path_factory.mktemp("lived")
    stack = AsyncExitStack()

    async def begin() -> Lived:
        place = await stack.enter_async_context(place_on(services, directory / "data"))
        lived = await live(place, directory / "outside")
        await place.backup(directory / "saved.tar")
        await place.database.close()  # a database that is copied has no guests
        return lived

    with asyncio.Runner() as runner:
        yield runner.run(begin())
        runner.run(stack.aclose())


@pytest.fixture
async def lived(origin: Lived, services: ServiceUrls, tmp_path: Path) -> AsyncIterator[Lived]:
    """A copy of the test's own, to be changed while it is saved."""
    template = make_url(origin.place.settings.database_url or "").database or ""
    async with place_on(services, tmp_path / "lived", template) as place:
        yield lives_at(origin, place)


@pytest.fixture
async def empty(services: ServiceUrls, tmp_path: Path) -> AsyncIterator[Place]:
    """A place where nothing is yet."""
    async with place_on(services, tmp_path / "empty") as place:
        yield place


@pytest.fixture
def saved(origin: Lived) -> Path:
    """The backup of that life: not to be changed."""
    return origin.place.root.parent / "saved.tar"
