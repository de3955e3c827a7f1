"""The data of an installation of before groups were a table, restored where a test wants it."""

import asyncio
import json
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmlora.engine.embedded.migrate import migrate
from llmlora.engine.embedded.postgres_files import binaries
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings

from tests.databases import named, on_server

ARCHIVE = Path(__file__).parent / "fixtures" / "old_data" / "old_data.tar.xz"
# A name in rows and files: where it was made.
PLACE = "/tmp/llmlora-old-data"
# What an adapter says of its base stays: its hash is known.
_WITH_PLACES = frozenset({"dump.sql", "spec.json"})


@dataclass(frozen=True)
class OldData:
    """An upgraded installation. `told`: ids by what they are, as `make.py` wrote them down."""

    settings: Settings
    urls: ServiceUrls
    told: dict[str, Any]


@contextmanager
def old_data(services: ServiceUrls, directory: Path) -> Iterator[OldData]:
    """Files below `directory` and rows in a database of their own, brought to this version as `up` does."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(directory, filter="data")
    for path in directory.rglob("*"):
        if path.name in _WITH_PLACES:
            written = path.read_text(encoding="utf-8")
            path.write_text(written.replace(PLACE, str(directory)), encoding="utf-8")
    name = new_id("old")
    url = named(services.database_url, name)
    asyncio.run(on_server(services.database_url, f"CREATE DATABASE {name}"))
    try:
        _fill(url, directory / "dump.sql")
        asyncio.run(_upgrade(url))
        told = json.loads((directory / "told.json").read_bytes())
        yield OldData(Settings(data_dir=directory / "data"), ServiceUrls(url, services.redis_url), told)
    finally:
        asyncio.run(on_server(services.database_url, f"DROP DATABASE {name} WITH (FORCE)"))


def _fill(url: str, dump: Path) -> None:
    quietly = ("--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--file", str(dump))
    plain = url.replace("postgresql+asyncpg", "postgresql", 1)
    subprocess.run([binaries() / "psql", *quietly, plain], check=True, stdout=subprocess.DEVNULL)


async def _upgrade(url: str) -> None:
    database = Database(url)
    await migrate(database.engine)
    await database.close()
