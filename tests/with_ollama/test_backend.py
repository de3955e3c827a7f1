"""Answers as the backend reads them: what is no end of turn, and what is wrong where a model cannot answer."""

import asyncio
from pathlib import Path

import pytest

from llmlora.contracts.inference import ChatAnswer, ChatDelta, ChatMessage, ChatRequest, Sampling
from llmlora.contracts.run import EndpointInput
from llmlora.inference.ollama.backend import OllamaBackend
from llmlora.kit.errors import AppError

from tests.with_ollama.asking import Client, user
from tests.with_ollama.standin.process import Standin

pytestmark = pytest.mark.slow
AGAIN = "buffalo " * 60 + "buffalo"


def backend(standin: Standin, name: str, *, is_ours: bool = False) -> OllamaBackend:
    endpoint = EndpointInput(engine="ollama", base_url=standin.url, model=name)
    return OllamaBackend(endpoint, is_ours=is_ours)


def request(name: str, text: str, max_tokens: int = 80) -> ChatRequest:
    sampling = Sampling(temperature=0, max_tokens=max_tokens, seed=1)
    messages = (ChatMessage(role="user", content=text),)
    return ChatRequest(model=name, messages=messages, sampling=sampling, top_logprobs=5)


def answer(standin: Standin, name: str, text: str, max_tokens: int = 80) -> ChatAnswer:
    async def ask() -> ChatAnswer:
        async with backend(standin, name) as client:
            return await client.answer(request(name, text, max_tokens))

    return asyncio.run(ask())


def test_answer_that_the_server_aborted_has_not_ended_its_turn(
    client: Client, standin: Standin, base: str
) -> None:
    client.made("echo", files={"base.gguf": base}, template="{{ .Prompt }}")
    told = answer(standin, "echo", AGAIN)
    assert told.finish_reason == "length"
    assert told.text.count("buffalo") > 20
    assert told.completion_tokens > 20

    async def stream() -> list[ChatDelta]:
        async with backend(standin, "echo") as streaming:
            return [delta async for delta in streaming.stream(request("echo", AGAIN))]

    assert asyncio.run(stream())[-1].finish_reason == "length"


def test_japanese_comes_as_whole_characters_with_numbers_that_may_be_sums(
    standin: Standin, plain: str
) -> None:
    told = answer(standin, plain, "Repeat after me: 海の歌、山の歌、日本の歌", 16)
    assert b"".join(token.bytes_ for token in told.tokens).decode() == told.text
    assert {token.joined for token in told.tokens} == {"last_or_sum"}
    assert len(told.tokens) < told.completion_tokens
    assert all(number is None for token in told.tokens for number, _, _ in token.top)


def test_file_that_vanished_is_named_and_not_blamed_on_the_model(
    client: Client, standin: Standin, wide: bytes
) -> None:
    if not isinstance(standin, Standin):
        pytest.skip("nothing is deleted in a real server's store")
    client.made("hollow", files={"base.gguf": client.upload(wide)})
    shown = client.post("/api/show", model="hollow").json()["modelfile"]
    blob = next(line.removeprefix("FROM ") for line in shown.splitlines() if line.startswith("FROM "))
    Path(blob).unlink()
    with pytest.raises(AppError) as raised:
        answer(standin, "hollow", "Hi", 4)
    assert raised.value.code == "ollama_blob_gone"
    assert client.post("/api/chat", model="hollow", messages=user("Hi")).status_code == 500


@pytest.mark.parametrize(
    ("is_ours", "code"), [(False, "ollama_model_missing"), (True, "ollama_tuned_model_missing")]
)
def test_only_a_model_of_the_library_is_to_be_pulled(standin: Standin, is_ours: bool, code: str) -> None:
    async def ask() -> None:
        async with backend(standin, "llmlora/away:f16", is_ours=is_ours) as client:
            await client.answer(request("llmlora/away:f16", "Hi", 4))

    with pytest.raises(AppError) as raised:
        asyncio.run(ask())
    assert raised.value.code == code
    for language in ("ja", "en"):
        assert ("ollama pull" in raised.value.detail(language)) is not is_ours
