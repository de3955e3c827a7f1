"""Searching the hub through the HTTP door: a server of the test's own answers as the hub does."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import create_app
from llmlora.kit.net import free_port
from llmlora.kit.settings import Settings

from tests.plugins.hub import FakeHub, Fault, Repository

pytestmark = pytest.mark.anyio
LLAMA = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 576, "num_hidden_layers": 30,
    "num_attention_heads": 9, "num_key_value_heads": 3, "intermediate_size": 1536, "vocab_size": 49152,
    "max_position_embeddings": 8192,
}  # fmt: skip
PARAMETERS = 134_515_008


def publish(
    hub: FakeHub, name: str, config: dict[str, Any] = LLAMA, *extra: str, licence: str = "mit", **told: Any
) -> Repository:
    files = {"config.json": json.dumps(config), "tokenizer.json": "{}", "README.md": f"license: {licence}\n"}
    known = hub.serve_text(name, files | dict.fromkeys(("model.safetensors", *extra), ""))
    known.told = {"weights": {"BF16": PARAMETERS}, **told}
    return known


@asynccontextmanager
async def opened(settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, services)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as one,
    ):
        yield one


@pytest.fixture
async def client(hub: FakeHub, settings: Settings, services: ServiceUrls) -> AsyncIterator[httpx.AsyncClient]:
    async with opened(settings.model_copy(update={"hf_endpoint": hub.url}), services) as one:
        yield one


async def search(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/api/models/search", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def names(page: dict[str, Any]) -> list[str]:
    return [one["reference"] for one in page["data"]]


class TestResult:
    async def test_says_what_it_is_and_whether_it_fits(self, client: httpx.AsyncClient, hub: FakeHub) -> None:
        publish(hub, "owner/small-ja", languages=["ja", "en"], downloads=1234, likes=5)
        [found] = (await search(client, q="SMALL"))["data"]
        assert (found["licence"], found["languages"], found["gated"]) == ("mit", ["ja", "en"], False)
        assert (found["downloads"], found["likes"], found["id"]) == (1234, 5, None)
        assert (found["parameters"], found["context_length"]) == (PARAMETERS, 8192)
        assert found["disk"]["needed_bytes"] == 2 * PARAMETERS
        assert found["fit"]["presets"]
        assert found["obstacle"] is None

    async def test_config_of_a_commit_is_asked_for_once(
        self, client: httpx.AsyncClient, hub: FakeHub
    ) -> None:
        publish(hub, "owner/asked-once")
        for _ in range(2):
            await search(client, q="asked-once")
        assert hub.fetched("config.json") == 1

    @pytest.mark.parametrize(
        ("config", "files", "code"),
        [
            ({"architectures": ["BertModel"], "model_type": "bert"}, (), "base_model_architecture_unsupported"),
            (LLAMA | {"quantization_config": {"quant_method": "gptq"}}, (), "base_model_quantised"),
            (LLAMA | {"auto_map": {"AutoModel": "modeling.X"}}, (), "base_model_auto_map"),
            (LLAMA, ("modeling_own.py",), "base_model_python_code"),
            (LLAMA, ("adapter_config.json",), "base_model_is_adapter"),
        ],
    )  # fmt: skip
    async def test_says_why_it_cannot_be_imported(
        self,
        client: httpx.AsyncClient,
        hub: FakeHub,
        config: dict[str, Any],
        files: tuple[str, ...],
        code: str,
    ) -> None:
        publish(hub, f"owner/refused-{code}", config, *files)
        [found] = (await search(client, q=code))["data"]
        assert found["obstacle"]["code"] == code
        assert found["obstacle"]["ja"]
        assert found["obstacle"]["en"]

    async def test_gated_one_is_listed_although_nobody_may_look_into_it(
        self, client: httpx.AsyncClient, hub: FakeHub
    ) -> None:
        publish(hub, "owner/gated").gated = True
        [found] = (await search(client, q="gated"))["data"]
        assert (found["gated"], found["fit"], found["obstacle"]) == (True, None, None)
        assert found["parameters"] == PARAMETERS

    async def test_recommended_one_is_judged_without_its_config(
        self, client: httpx.AsyncClient, hub: FakeHub
    ) -> None:
        publish(hub, "google/gemma-2-2b-jpn-it").gated = True
        [found] = (await search(client, q="gemma"))["data"]
        assert found["fit"] is not None

    async def test_token_is_shown_to_the_hub(self, client: httpx.AsyncClient, hub: FakeHub) -> None:
        publish(hub, "owner/with-token").gated = True
        hub.repositories["owner/with-token"].granted = {"hf_secret123"}
        await client.put("/api/hub/token", json={"token": "hf_secret123"})
        try:
            [found] = (await search(client, q="with-token"))["data"]
            assert found["fit"] is not None
            assert hub.tokens == {"Bearer hf_secret123"}
            hub.accepted = set()
            refused = await client.get("/api/models/search")
            assert (refused.status_code, refused.json()["code"]) == (422, "hub_token_refused")
        finally:
            await client.delete("/api/hub/token")


class TestFilters:
    async def test_narrow_what_is_found(self, client: httpx.AsyncClient, hub: FakeHub) -> None:
        publish(hub, "f/ja-mit", languages=["ja"])
        publish(hub, "f/en-apache", licence="apache-2.0", languages=["en"])
        publish(hub, "f/large", weights={"BF16": 8_000_000_000}, languages=["ja"])
        publish(hub, "f/vision", pipeline_tag="image-text-to-text")
        publish(hub, "f/gated").gated = True
        hub.serve_text("f/pickled", {"config.json": "{}", "pytorch_model.bin": ""})

        async def found(**query: Any) -> set[str]:
            return {name.removeprefix("hf:f/") for name in names(await search(client, **query))}

        assert await found() == {"ja-mit", "en-apache", "large", "gated"}
        assert await found(language="ja", max_parameters=1_000_000_000) == {"ja-mit"}
        assert await found(licence="apache-2.0") == {"en-apache"}
        assert await found(gated=True) == {"gated"}
        assert await found(task="") == {"ja-mit", "en-apache", "large", "gated", "vision"}

    async def test_sort_and_pages_bring_every_one_once(self, client: httpx.AsyncClient, hub: FakeHub) -> None:
        for number in range(5):
            publish(hub, f"p/{number}", downloads=number, likes=10 - number)
        seen, after = [], None
        while True:
            page = await search(client, q="p/", limit=2, **({"after": after} if after else {}))
            seen += names(page)
            after = page["next"]
            if after is None:
                break
        assert seen == [f"hf:p/{number}" for number in (4, 3, 2, 1, 0)]
        assert names(await search(client, q="p/", sort="likes", limit=1)) == ["hf:p/0"]

    async def test_cursor_of_no_page_is_refused_by_the_hub(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/models/search", params={"after": "no-cursor"})
        assert (answer.status_code, answer.json()["code"]) == (422, "hub_search_refused")

    @pytest.mark.parametrize(
        "query", ["sort=size", "language=j%20a", "limit=51", "max_parameters=1", "q=%00", "after=%20"]
    )
    async def test_bad_ones_are_refused(self, client: httpx.AsyncClient, query: str) -> None:
        assert (await client.get(f"/api/models/search?{query}")).status_code == 422


class TestHubInTrouble:
    @pytest.mark.parametrize(
        ("fault", "status", "code", "told"),
        [
            (Fault("/api/models", 429, {"Retry-After": "42"}), 503, "hub_search_rate_limited", "42"),
            (Fault("/api/models", 502), 503, "hub_search_unreachable", "502"),
            (Fault("/api/models", 400), 422, "hub_search_refused", "400"),
            (Fault("/api/models", 200), 503, "hub_search_unreachable", "list of models"),
        ],
    )
    async def test_is_told_in_words(
        self, client: httpx.AsyncClient, hub: FakeHub, fault: Fault, status: int, code: str, told: str
    ) -> None:
        hub.faults.append(fault)
        answer = await client.get("/api/models/search", headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert told in answer.json()["detail"]

    async def test_offline_leaves_the_recommended_ones(
        self, settings: Settings, services: ServiceUrls
    ) -> None:
        nowhere = settings.model_copy(update={"hf_endpoint": f"http://127.0.0.1:{free_port()}"})
        async with opened(nowhere, services) as client:
            answer = await client.get("/api/models/search")
            assert (answer.status_code, answer.json()["code"]) == (503, "hub_search_unreachable")
            assert len((await client.get("/api/models/recommended")).json()["data"]) > 10
