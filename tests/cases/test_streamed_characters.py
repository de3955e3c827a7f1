"""Case 26: characters of several tokens. A model that says them by heart is asked for every length, whole and in pieces."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.contracts.run import BaseModelInput, FileInput
from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.hosts.running import run_dir_of
from llmlora.engine.serving.pool import ServerPool
from llmlora.features.openai.chat import router
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

from tests.cases.test_served_as_trained import exported
from tests.cases.tiny import CHATML, random_llama, tokenizer_files
from tests.factories import dataset_of, model_input, question, text_lora_run
from tests.features.chat_door import client_of, events_of, registered_base, running_app
from tests.here import run_here
from tests.with_ollama.standin.process import Standin, running_standin

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1800), pytest.mark.long]

ROWS: list[dict[str, str]] = [
    json.loads(line)
    for line in (Path(__file__).parent / "26-streamed-characters" / "characters.jsonl").open(encoding="utf-8")
]
WHOLE = 60
"""More tokens than any of the answers has."""
TAG = "characters:latest"


@dataclass(frozen=True)
class Taught:
    """The merged model as one file, and the tokenizer it was trained with."""

    gguf: Path
    tokenizer: Path


@pytest.fixture(scope="module")
def taught(bundled_model: BaseModelInput, tmp_path_factory: pytest.TempPathFactory) -> Taught:
    """Two random layers that have learnt the rows by heart; with SmolLM2's vocabulary, which spells most of them in bytes."""
    root = tmp_path_factory.mktemp("characters")
    directory = tokenizer_files(bundled_model.path, root / "base", template=CHATML)
    vocabulary = json.loads((bundled_model.path / "config.json").read_bytes())["vocab_size"]
    base = model_input(random_llama(directory, vocabulary=vocabulary, eos_id=2))
    data = dataset_of([question(i, row["instruction"], row["output"]) for i, row in enumerate(ROWS, 1)], root)
    lesson = {"rank": 32, "learning_rate": 0.01, "max_steps": 200, "batch_size": 6, "schedule": "constant"}
    spec = text_lora_run(data, base, root, **lesson)
    outcome = run_here(spec)
    assert outcome.state is JobState.COMPLETED, outcome.failure
    final = run_dir_of(spec) / "final_model"
    merged = exported("merged", root, base_model=base, adapter=FileInput(path=final, sha256=""))
    return Taught(merged, final)


@pytest.fixture(scope="module")
def ollama(taught: Taught, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standin]:
    with running_standin(tmp_path_factory.mktemp("ollama")) as standin:
        standin.seed(TAG, taught.gguf, into="store")
        yield standin


@asynccontextmanager
async def door(
    taught: Taught, settings: Settings, services: ServiceUrls, database: Database, work_dir: Path
) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    async with (
        ServerPool(work_dir) as pool,
        registered_base(database, taught.gguf, path=str(taught.tokenizer)) as base,
        running_app(settings, services, pool, router) as app,
        client_of(app) as client,
    ):
        yield client, base.reference


def deltas_of(raw: bytes) -> list[str]:
    """What a stream's chunks say; the bytes have to be UTF-8."""
    events = [json.loads(part[6:]) for part in raw.decode().split("\n\n") if part.startswith("data: {")]
    return [choice["delta"].get("content") or "" for event in events for choice in event["choices"]]


async def said(
    client: httpx.AsyncClient, model: str, words: str, limit: int, *, logprobs: bool
) -> dict[str, list[str]]:
    """One answer by every way it can be had, as the pieces it comes in."""
    asked = {
        "model": model,
        "messages": [{"role": "user", "content": words}],
        "temperature": 0,
        "max_tokens": limit,
    }

    async def complete(**more: Any) -> httpx.Response:
        response = await client.post("/v1/chat/completions", json=asked | more)
        assert response.status_code == 200, response.text
        return response

    def content(response: httpx.Response) -> str:
        return str(response.json()["choices"][0]["message"]["content"])

    found = {
        "whole": [content(await complete())],
        "streamed": deltas_of((await complete(stream=True)).content),
    }
    if logprobs:
        found["with log-probabilities"] = [content(await complete(logprobs=True, top_logprobs=2))]
    sampling = {"temperature": 0, "max_tokens": limit}
    begun = (await client.post("/api/chat/sessions", json={"models": [model], "sampling": sampling})).json()
    address = f"/api/chat/sessions/{begun['id']}"
    events = events_of((await client.post(f"{address}/messages", json={"content": words})).text)
    found["chat, streamed"] = [data["text"] for name, data in events if name == "delta"]
    found["chat, told at its end"] = [data["message"]["content"] for name, data in events if name == "done"]
    found["chat, after a reload"] = [(await client.get(address)).json()["messages"][-1]["content"]]
    (await client.delete(address)).raise_for_status()
    return found


async def assert_equal_at_every_length(
    client: httpx.AsyncClient,
    model: str,
    rows: Sequence[dict[str, str]],
    limits: range,
    *,
    logprobs: bool,
) -> None:
    for row in rows:
        for limit in limits:
            found = await said(client, model, row["instruction"], limit, logprobs=logprobs)
            joined = {"".join(pieces) for pieces in found.values()}
            assert len(joined) == 1, (row, limit, found)
            assert not [piece for pieces in found.values() for piece in pieces if "\ufffd" in piece], found
            [text] = joined
            assert row["output"].startswith(text), (limit, found)
            assert limit < WHOLE or text == row["output"]


async def test_every_row_at_every_length_by_llama_cpp(
    taught: Taught, settings: Settings, services: ServiceUrls, database: Database, tmp_path: Path
) -> None:
    async with door(taught, settings, services, database, tmp_path / "pool") as (client, model):
        await assert_equal_at_every_length(client, model, ROWS, range(1, WHOLE + 1), logprobs=True)


async def test_every_row_at_every_length_by_ollama(
    taught: Taught, ollama: Standin, services: ServiceUrls, database: Database, data_dir: Path, tmp_path: Path
) -> None:
    settings = Settings(data_dir=data_dir, ollama_host=ollama.url, ollama_models=ollama.models)
    async with door(taught, settings, services, database, tmp_path / "pool") as (client, _):
        await assert_equal_at_every_length(client, TAG, ROWS, range(1, WHOLE + 1), logprobs=False)
