"""Fixtures of the jobs' API: a client, a data set and a base model."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.datasets.service import add_dataset
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow

from tests.factories import LEVEL_1
from tests.features.chat_door import client_of, registered_base, running_app
from tests.features.jobs.door import QUICK


@pytest.fixture
async def client(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with running_app(settings, services, None) as app, client_of(app) as opened:
        yield opened


@pytest.fixture
async def dataset_id(settings: Settings, database: Database, tmp_path: Path) -> str:
    """The first course's rows, and one that no other test's data directory has."""
    rows = [*json.loads(LEVEL_1.read_bytes()), {"instruction": new_id("q"), "output": "はい。"}]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return (await add_dataset(database, settings.data_dir, path)).dataset.id


@pytest.fixture
async def base(database: Database, tmp_path: Path) -> AsyncIterator[BaseModelRow]:
    async with registered_base(database, tmp_path / "base.gguf") as row:
        yield row


@pytest.fixture
def request_body(dataset_id: str, base: BaseModelRow) -> dict[str, Any]:
    return {"dataset_id": dataset_id, "base_model": base.id, "config": QUICK, "name": f"試し {new_id('n')}"}
