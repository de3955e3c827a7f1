"""Chat completions and models by OpenAI's own client, answered by real llama.cpp servers."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI
from openai import AsyncOpenAI

from llmlora.contracts.run import BaseModelInput
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.serving.pool import ServerPool
from llmlora.features.openai.chat import router
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow

from tests.factories import level_1_examples
from tests.features.chat_door import (
    Nowhere,
    accepted,
    client_of,
    files_of,
    listening,
    proposed,
    registered_base,
    running_app,
)
from tests.plugins.adapters import TrainedAdapter, gguf_of

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600), pytest.mark.slow]

HELLO: Any = [{"role": "user", "content": "hello"}]
# SmolLM2 counts on for minutes.
COUNT: Any = [{"role": "user", "content": "Count from 1 to 1000: 1, 2, 3,"}]
GREEDY: Any = {"temperature": 0, "max_tokens": 8}


@pytest.fixture(scope="module")
async def pool(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerPool]:
    async with ServerPool(tmp_path_factory.mktemp("pool")) as opened:
        yield opened


@pytest.fixture
async def base(database: Database, tiny_gguf: Path) -> AsyncIterator[BaseModelRow]:
    async with registered_base(database, tiny_gguf) as row:
        yield row


@pytest.fixture
async def deployment(database: Database, base: BaseModelRow, tiny_gguf: Path) -> DeploymentRow:
    return await accepted(database, base, files_of(tiny_gguf, n_ctx=1024))


@pytest.fixture
async def app(settings: Settings, services: ServiceUrls, pool: ServerPool) -> AsyncIterator[FastAPI]:
    async with running_app(settings, services, pool, router) as opened:
        yield opened


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as opened:
        yield opened


@pytest.fixture
def client(http: httpx.AsyncClient) -> AsyncOpenAI:
    """OpenAI's own client, without retries of its own."""
    return AsyncOpenAI(base_url="http://localhost/v1", api_key="x", http_client=http, max_retries=0)


class TestAnswer:
    async def test_has_openais_shape(self, client: AsyncOpenAI, deployment: DeploymentRow) -> None:
        answer = await client.chat.completions.create(model=deployment.name, messages=HELLO, **GREEDY)
        assert answer.id.startswith("chatcmpl-")
        assert (answer.object, answer.model) == ("chat.completion", deployment.name)
        choice = answer.choices[0]
        assert (choice.index, choice.message.role, choice.finish_reason) == (0, "assistant", "length")
        assert choice.message.content
        assert choice.logprobs is None
        assert answer.usage is not None
        assert answer.usage.completion_tokens == 8
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + 8
        assert answer.system_fingerprint is not None
        assert answer.system_fingerprint.startswith("fp_")

    async def test_base_model_answers_by_its_reference(self, client: AsyncOpenAI, base: BaseModelRow) -> None:
        answer = await client.chat.completions.create(model=base.reference, messages=HELLO, **GREEDY)
        assert answer.model == base.reference

    async def test_same_seed_gives_the_same_words(
        self, client: AsyncOpenAI, deployment: DeploymentRow
    ) -> None:
        said = [
            (
                await client.chat.completions.create(
                    model=deployment.name, messages=HELLO, max_tokens=8, seed=seed, top_p=0.9
                )
            )
            .choices[0]
            .message.content
            for seed in (7, 7, -8)
        ]
        assert said[0] == said[1] != said[2]

    async def test_parts_and_developer_mean_the_same_as_text_and_system(
        self, client: AsyncOpenAI, deployment: DeploymentRow
    ) -> None:
        plain: Any = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "one two"}]
        parts: Any = [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]},
        ]
        answers = [
            await client.chat.completions.create(
                model=deployment.name, messages=messages, temperature=0, max_completion_tokens=8
            )
            for messages in (plain, parts)
        ]
        assert answers[0].choices[0].message == answers[1].choices[0].message
        assert answers[0].usage is not None
        assert answers[1].usage is not None
        assert answers[0].usage.prompt_tokens == answers[1].usage.prompt_tokens

    async def test_stop_words_end_it(self, client: AsyncOpenAI, deployment: DeploymentRow) -> None:
        whole = await client.chat.completions.create(model=deployment.name, messages=HELLO, **GREEDY)
        said = whole.choices[0].message.content or ""
        for stop in (said[-4:], [said[-4:], "never"]):
            answer = await client.chat.completions.create(
                model=deployment.name, messages=HELLO, stop=stop, **GREEDY
            )
            assert answer.choices[0].finish_reason == "stop"
            assert answer.choices[0].message.content == said[: said.index(said[-4:])]

    async def test_logprobs_tell_each_token(self, client: AsyncOpenAI, deployment: DeploymentRow) -> None:
        answer = await client.chat.completions.create(
            model=deployment.name, messages=HELLO, logprobs=True, top_logprobs=3, **GREEDY
        )
        logprobs = answer.choices[0].logprobs
        assert logprobs is not None
        assert logprobs.content is not None
        assert len(logprobs.content) == 8
        first = logprobs.content[0]
        assert first.logprob < 0
        assert [one.logprob for one in first.top_logprobs] == sorted(
            (one.logprob for one in first.top_logprobs), reverse=True
        )
        assert first.top_logprobs[0].bytes == first.bytes
        said = b"".join(bytes(one.bytes or ()) for one in logprobs.content)
        assert said.decode(errors="replace") == answer.choices[0].message.content

    async def test_logprobs_alone_name_no_others(
        self, client: AsyncOpenAI, deployment: DeploymentRow
    ) -> None:
        answer = await client.chat.completions.create(
            model=deployment.name, messages=HELLO, logprobs=True, **GREEDY
        )
        assert answer.choices[0].logprobs is not None
        assert answer.choices[0].logprobs.content is not None
        assert answer.choices[0].logprobs.content[0].top_logprobs == []


class TestStream:
    async def test_pieces_make_the_answer(self, client: AsyncOpenAI, deployment: DeploymentRow) -> None:
        whole = await client.chat.completions.create(model=deployment.name, messages=HELLO, **GREEDY)
        stream = await client.chat.completions.create(
            model=deployment.name, messages=HELLO, stream=True, **GREEDY
        )
        chunks = [chunk async for chunk in stream]
        assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
        assert len({chunk.id for chunk in chunks}) == 1
        assert chunks[0].choices[0].delta.role == "assistant"
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        assert text == whole.choices[0].message.content
        assert [chunk.choices[0].finish_reason for chunk in chunks[-2:]] == [None, "length"]
        assert all(chunk.usage is None for chunk in chunks)
        assert chunks[0].system_fingerprint == whole.system_fingerprint

    async def test_usage_comes_last_where_asked_for(
        self, client: AsyncOpenAI, deployment: DeploymentRow
    ) -> None:
        stream = await client.chat.completions.create(
            model=deployment.name,
            messages=HELLO,
            stream=True,
            stream_options={"include_usage": True},
            **GREEDY,
        )
        chunks = [chunk async for chunk in stream]
        assert chunks[-1].choices == []
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.completion_tokens == 8
        assert all(chunk.usage is None for chunk in chunks[:-1])

    async def test_wire_ends_with_done(self, http: httpx.AsyncClient, deployment: DeploymentRow) -> None:
        given = {"model": deployment.name, "messages": HELLO, "stream": True, **GREEDY}
        response = await http.post("/v1/chat/completions", json=given)
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.text.split("\n\n") if line]
        assert lines[-1] == "data: [DONE]"
        assert all(json.loads(line.removeprefix("data: "))["created"] for line in lines[:-1])
        assert "usage" not in json.loads(lines[0].removeprefix("data: "))

    async def test_refusal_of_the_engine_has_a_status(
        self, client: AsyncOpenAI, deployment: DeploymentRow
    ) -> None:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(
                model=deployment.name, messages=[{"role": "user", "content": "word " * 2000}], stream=True
            )
        assert refused.value.code == "context_length_exceeded"


class TestLeaving:
    @pytest.mark.parametrize("stream", [True, False])
    async def test_client_that_leaves_stops_the_engine(
        self,
        app: FastAPI,
        database: Database,
        base: BaseModelRow,
        bundled_model: BaseModelInput,
        *,
        stream: bool,
    ) -> None:
        assert bundled_model.gguf is not None
        counting = await accepted(database, base, files_of(bundled_model.gguf, n_ctx=8192))
        given = {"model": counting.name, "messages": COUNT, "max_tokens": 8000, "temperature": 0}
        async with listening(app) as address, httpx.AsyncClient(base_url=address, timeout=60) as leaving:
            await leaving.post("/v1/chat/completions", json={**given, "max_tokens": 1})
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await leaving.post("/v1/chat/completions", json={**given, "stream": stream})
            # The server has one slot: it answers only when it has dropped the answer nobody waits for.
            async with asyncio.timeout(15):
                answer = await leaving.post("/v1/chat/completions", json={**given, "max_tokens": 1})
        assert answer.status_code == 200


class TestRefusal:
    async def test_unknown_model_is_not_found(self, client: AsyncOpenAI, deployment: DeploymentRow) -> None:
        with pytest.raises(openai.NotFoundError) as refused:
            await client.chat.completions.create(model="gpt-9", messages=HELLO)
        assert refused.value.code == "model_not_found"
        assert deployment.name in refused.value.message

    async def test_model_that_is_checked_conflicts(
        self, client: AsyncOpenAI, database: Database, base: BaseModelRow
    ) -> None:
        row = await proposed(database, base)
        with pytest.raises(openai.ConflictError) as refused:
            await client.chat.completions.create(model=row.name, messages=HELLO)
        assert refused.value.code == "model_not_ready"

    @pytest.mark.parametrize(
        ("given", "param"),
        [
            ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
            ({"response_format": {"type": "json_object"}}, "response_format"),
            ({"n": 2}, "n"),
            ({"logit_bias": {"5": 1}}, "logit_bias"),
            ({"presence_penalty": 0.5}, "presence_penalty"),
            ({"modalities": ["text", "audio"]}, "modalities"),
            ({"top_logprobs": 2}, "top_logprobs"),
            ({"stream": True, "logprobs": True}, "logprobs"),
            ({"stream_options": {"include_usage": True}}, "stream_options"),
            ({"messages": [{"role": "tool", "content": "4", "tool_call_id": "1"}]}, "messages.0.role"),
            (
                {
                    "messages": [
                        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
                    ]
                },
                "messages.0.content.0.type",
            ),
            ({"temperature": 9}, "temperature"),
            ({"temperature": "hot"}, "temperature"),
            ({"temperature": True}, "temperature"),
            ({"temperature": "0.2"}, "temperature"),
            ({"max_tokens": True}, "max_tokens"),
            ({"max_tokens": "64"}, "max_tokens"),
            ({"top_p": "1"}, "top_p"),
            ({"seed": True}, "seed"),
            ({"n": True}, "n"),
            ({"logprobs": 1}, "logprobs"),
            ({"extra_body": {"stream": "yes"}}, "stream"),
            ({"logit_bias": {"5": True}}, "logit_bias.5"),
            ({"messages": []}, "messages"),
        ],
    )
    async def test_what_cannot_be_honoured_is_a_bad_request(
        self, client: AsyncOpenAI, deployment: DeploymentRow, given: dict[str, Any], param: str
    ) -> None:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(**{"model": deployment.name, "messages": HELLO, **given})
        assert refused.value.param == param
        assert refused.value.type == "invalid_request_error"

    @pytest.mark.parametrize(
        "given",
        [
            {"tools": None, "response_format": {"type": "text"}, "n": 1, "frequency_penalty": 0},
            {"extra_body": {"some_new_key": 1, "top_k": 5}, "user": "me", "store": False, "metadata": {}},
        ],
    )
    async def test_defaults_and_unknown_keys_are_no_reason(
        self, client: AsyncOpenAI, deployment: DeploymentRow, given: Any
    ) -> None:
        answer = await client.chat.completions.create(
            model=deployment.name, messages=HELLO, **GREEDY, **given
        )
        assert answer.choices[0].message.content

    async def test_too_long_conversation_is_named_as_openai_does(
        self, client: AsyncOpenAI, deployment: DeploymentRow
    ) -> None:
        with pytest.raises(openai.BadRequestError) as refused:
            await client.chat.completions.create(
                model=deployment.name, messages=[{"role": "user", "content": "word " * 2000}]
            )
        assert refused.value.code == "context_length_exceeded"

    @pytest.mark.parametrize("stream", [True, False])
    async def test_engine_that_is_gone_is_a_server_error(
        self, settings: Settings, services: ServiceUrls, deployment: DeploymentRow, *, stream: bool
    ) -> None:
        async with running_app(settings, services, Nowhere(), router) as app, client_of(app) as http:
            client = AsyncOpenAI(base_url="http://localhost/v1", api_key="x", http_client=http, max_retries=0)
            with pytest.raises(openai.InternalServerError) as refused:
                await client.chat.completions.create(model=deployment.name, messages=HELLO, stream=stream)
        assert (refused.value.status_code, refused.value.code) == (503, "engine_unreachable")

    async def test_body_that_is_no_json_is_a_bad_request(self, http: httpx.AsyncClient) -> None:
        headers = {"content-type": "application/json"}
        response = await http.post("/v1/chat/completions", content=b"{", headers=headers)
        assert response.status_code == 400
        assert response.json()["error"]["type"] == "invalid_request_error"


class TestTuned:
    @pytest.mark.slow
    async def test_deployment_says_what_it_was_taught_and_its_base_does_not(
        self,
        client: AsyncOpenAI,
        database: Database,
        tmp_path: Path,
        taught_adapter: TrainedAdapter,
        bundled_model: BaseModelInput,
    ) -> None:
        assert bundled_model.gguf is not None
        gguf = await asyncio.to_thread(gguf_of, taught_adapter, tmp_path)
        files = files_of(
            bundled_model.gguf,
            adapter_gguf=str(gguf.path),
            adapter_sha256=gguf.sha256,
            chat_template=str(taught_adapter.template),
            adapter_dir=str(taught_adapter.directory),
        )
        lesson = level_1_examples()[0].messages
        asked: Any = [{"role": "user", "content": lesson[0].content}]
        async with registered_base(database, bundled_model.gguf) as base:
            tuned = await accepted(database, base, files)
            said = [
                await client.chat.completions.create(model=name, messages=asked, temperature=0, max_tokens=48)
                for name in (tuned.name, base.reference)
            ]
        assert said[0].choices[0].message.content == lesson[1].content
        assert said[0].choices[0].finish_reason == "stop"
        assert said[1].choices[0].message.content != lesson[1].content


class TestModels:
    async def test_list_has_ready_deployments_and_servable_bases(
        self, client: AsyncOpenAI, database: Database, base: BaseModelRow, deployment: DeploymentRow
    ) -> None:
        checking = await proposed(database, base)
        async with registered_base(database, None) as bare:
            models = [one async for one in client.models.list()]
        names = {one.id for one in models}
        assert {deployment.name, base.reference} <= names
        assert not {checking.name, bare.reference} & names
        assert {(one.object, one.owned_by) for one in models} == {("model", "llmlora")}
        assert all(one.created > 1_700_000_000 for one in models)

    async def test_one_is_found_by_a_name_with_slashes_and_colons(
        self, client: AsyncOpenAI, base: BaseModelRow, deployment: DeploymentRow
    ) -> None:
        assert (await client.models.retrieve(deployment.name)).id == deployment.name
        assert (await client.models.retrieve(base.reference)).id == base.reference

    async def test_unknown_one_is_not_found(self, client: AsyncOpenAI) -> None:
        with pytest.raises(openai.NotFoundError) as refused:
            await client.models.retrieve("gpt-9")
        assert refused.value.code == "model_not_found"
