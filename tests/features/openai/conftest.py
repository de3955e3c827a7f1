"""OpenAI's own client, a base model that waits for nothing, and a file to learn from."""

from collections.abc import AsyncIterator
from pathlib import Path

import openai
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow

from tests.features.chat_door import registered_base
from tests.features.openai.door import openai_client, stored_file


@pytest.fixture
async def base(database: Database) -> AsyncIterator[BaseModelRow]:
    """A base model that llama.cpp could serve: trainings on it wait for nothing."""
    async with registered_base(database, Path("/nowhere/base.gguf")) as row:
        yield row


@pytest.fixture
async def client(
    settings: Settings, services: ServiceUrls, database: Database
) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai_client(settings, services, database) as opened:
        yield opened


@pytest.fixture
async def file_id(client: openai.AsyncOpenAI, database: Database, data_dir: Path) -> str:
    return await stored_file(database, data_dir)
