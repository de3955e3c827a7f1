"""The example that people copy, against a whole server: API on a real port, worker and inference behind it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from llmlora.engine.embedded.services import running_services
from llmlora.engine.serving.pool import ServerPool
from llmlora.entry.worker import work
from llmlora.features.openai import chat, files, fine_tuning
from llmlora.kit.settings import Settings

from tests.factories import REPOSITORY, level_1_examples
from tests.features.chat_door import listening, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

EXAMPLE = REPOSITORY / "examples" / "openai_finetune.py"


@pytest.fixture
async def base_url(data_dir: Path) -> AsyncIterator[str]:
    """Everything that `llmlora up` starts for the API, in this process."""
    settings, stop = Settings(data_dir=data_dir), asyncio.Event()
    async with (
        running_services(settings) as urls,
        ServerPool(data_dir / "serving") as pool,
        running_app(settings, urls, pool, chat.router, files.router, fine_tuning.router) as app,
        listening(app) as address,
    ):
        working = asyncio.create_task(work(settings, urls, pool, stop))
        yield f"{address}/v1"
        stop.set()
        await working


async def run_example(base_url: str) -> tuple[int, str, str]:
    """Exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        env={**os.environ, "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "any"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    return process.returncode or 0, output.decode(), errors.decode()


class TestExample:
    async def test_tuned_model_answers_what_the_base_does_not(self, base_url: str) -> None:
        code, output, errors = await run_example(base_url)
        assert code == 0, output + errors
        taught = level_1_examples()[0].messages[-1].content
        base = re.search(r"^base .*?\): (.*)", output, re.MULTILINE | re.DOTALL)
        tuned = re.search(
            r"^tuned \(ft:smollm2-135m-instruct:llmlora:example:\w+\): (.*)", output, re.MULTILINE
        )
        assert base is not None
        assert tuned is not None, output
        assert tuned.group(1).strip() == taught
        assert not base.group(1).startswith(taught)
        assert "training loss" in output
        assert "New fine-tuned model created" in output

    async def test_server_that_is_not_there_is_told(self) -> None:
        code, _, errors = await run_example("http://127.0.0.1:9/v1")
        assert code == 1
        assert "is not there" in errors
