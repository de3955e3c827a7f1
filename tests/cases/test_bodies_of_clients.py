"""Cases 25 and 26: bodies as clients send them, and answers whose characters are cut, by a true llama.cpp server."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.serving.pool import ServerPool
from llmlora.features.openai.chat import router
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

from tests.factories import bundled_gguf
from tests.features.chat_door import client_of, registered_base, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600), pytest.mark.slow]

HERE = Path(__file__).parent
CONTEXT = 8192


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


async def test_every_body_gets_its_status_and_every_refusal_a_field_of_the_request(
    settings: Settings, services: ServiceUrls, database: Database, tmp_path: Path
) -> None:
    async with (
        ServerPool(tmp_path / "pool") as pool,
        registered_base(database, bundled_gguf()) as base,
        running_app(settings, services, pool, router) as app,
        client_of(app) as http,
    ):

        async def ask(body: dict[str, Any]) -> httpx.Response:
            # Answers as long as the context take minutes; what is asked of them is not how long they get.
            return await http.post("/v1/chat/completions", json={"model": base.reference} | body, timeout=300)

        for case in lines("25-openai-client-bodies/requests.jsonl"):
            body = case["body"]
            if 200 in case["status"] and body.get("max_tokens") is None:
                body |= {"stop": [" ", "\n", ".", "!"]} if not body.get("stop") else {}
            told = await ask(body)
            assert told.status_code in case["status"], (case["name"], told.text)
            if told.status_code == 400:
                error = told.json()["error"]
                named = str(error["param"]).split(".")
                value: Any = body
                for part in named:
                    holds = part in value if isinstance(value, dict) else int(part) < len(value)
                    assert holds, (case["name"], error)
                    value = value[int(part)] if isinstance(value, list) else value[part]
            elif not body.get("stream"):
                assert told.json()["usage"]["total_tokens"] <= CONTEXT

        plain = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8, "temperature": 0}
        parts = plain | {"messages": [{"role": "user", "content": [{"type": "text", "text": t} for t in ("Hel", "lo")]}]}  # fmt: skip
        one, other = await asyncio.gather(ask(plain), ask(parts))
        assert one.json()["choices"] == other.json()["choices"]

        for row in lines("26-streamed-characters/characters.jsonl")[:3]:
            for limit in (1, 2, 3, 4, 5, 7):
                body = {"messages": [{"role": "user", "content": f"Repeat: {row['output']}"}], "max_tokens": limit, "temperature": 0}  # fmt: skip
                whole = (await ask(body)).json()["choices"][0]["message"]["content"]
                raw = (await ask(body | {"stream": True})).content.decode()
                events = [json.loads(e[6:]) for e in raw.split("\n\n") if e.startswith("data: {")]
                joined = "".join(c["delta"].get("content") or "" for e in events for c in e["choices"])
                assert joined == whole
                assert "\ufffd" not in whole
