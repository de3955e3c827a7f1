"""Asks llama-server to go on from a rendered prompt, and says what it answered in Ollama's shapes."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import httpx

from llmlora.engine.serving.llama_cpp import RunningServer

from tests.with_ollama.standin.lines import ApiError

# Ollama's own defaults where a request and a model say nothing; top_k and min_p are off, so that top_p alone cuts.
DEFAULTS = {"temperature": 0.8, "top_p": 0.9, "top_k": 0, "min_p": 0.0, "num_predict": -1}
_LLAMA_NAMES = {"num_predict": "n_predict"}
_SAMPLING = (
    *("temperature", "top_p", "top_k", "min_p", "typical_p", "num_predict", "seed", "stop"),
    *("repeat_last_n", "repeat_penalty", "presence_penalty", "frequency_penalty"),
)
_NS_A_MS = 1e6
# An answer that says one token so often again is aborted: it ends without its last line.
MAX_REPEATS = 30
ANSWER_TIMEOUT_S = 600.0


@dataclass(frozen=True)
class Wish:
    """What to go on from, and how."""

    prompt: str
    options: Mapping[str, Any]
    stream: bool
    top_logprobs: int | None = None
    """None: no log probabilities at all."""
    ignores_eos: bool = False


@dataclass(frozen=True)
class Piece:
    """Some text; the last piece also has the counts and the reason."""

    text: str
    logprobs: list[dict[str, Any]]
    end: dict[str, Any] = field(default_factory=dict)


async def token_count(server: RunningServer, text: str) -> int:
    """How many tokens a prompt is."""
    async with _client(server) as client:
        body = {"content": text, "add_special": True, "parse_special": True}
        return len((await client.post("/tokenize", json=body)).json()["tokens"])


async def complete(server: RunningServer, wish: Wish) -> AsyncGenerator[Piece, None]:
    """The answer: many pieces in a stream, else one; without an end where the server aborted it.

    Raises:
        ApiError: llama-server refuses the prompt, or dies.
    """
    pieces = _pieces(server, wish)
    if wish.stream:
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece
        return
    whole = Piece("", [])
    async with aclosing(pieces):
        async for piece in pieces:
            whole = Piece(whole.text + piece.text, whole.logprobs + piece.logprobs, piece.end)
    yield whole


async def _pieces(server: RunningServer, wish: Wish) -> AsyncGenerator[Piece, None]:
    said, repeats = "", 0
    try:
        async with (
            _client(server) as client,
            client.stream("POST", "/completion", json=_payload(wish)) as answer,
        ):
            if answer.is_error:
                message = json.loads(await answer.aread())["error"]["message"]
                raise ApiError(answer.status_code, message)
            async for line in answer.aiter_lines():
                if text := line.removeprefix("data: ").strip():
                    piece = _piece(json.loads(text), wish)
                    word = piece.text.strip()
                    repeats = repeats + 1 if word == said else 0
                    said = word
                    if repeats > MAX_REPEATS and not piece.end:
                        return
                    yield piece
    except httpx.HTTPError as error:
        raise ApiError(500, f"an error was encountered while running the model: {error}") from error


def _client(server: RunningServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=server.endpoint.base_url,
        headers={"Authorization": f"Bearer {server.endpoint.api_key}"},
        timeout=ANSWER_TIMEOUT_S,
        trust_env=False,
    )


def _payload(wish: Wish) -> dict[str, Any]:
    options = DEFAULTS | dict(wish.options)
    sampling = {_LLAMA_NAMES.get(key, key): options[key] for key in _SAMPLING if options.get(key) is not None}
    if isinstance(sampling.get("stop"), str):
        sampling["stop"] = [sampling["stop"]]
    # A cached prefix may change the last bits of the numbers: every answer is made from nothing.
    return sampling | {
        "prompt": wish.prompt,
        "stream": True,
        "cache_prompt": False,
        "ignore_eos": wish.ignores_eos,
        "n_probs": 0 if wish.top_logprobs is None else max(1, wish.top_logprobs),
    }


def _piece(document: dict[str, Any], wish: Wish) -> Piece:
    if "error" in document:
        raise ApiError(500, document["error"]["message"])
    tokens = document.get("completion_probabilities") or []
    logprobs = [] if wish.top_logprobs is None else [_logprob(token, wish.top_logprobs) for token in tokens]
    return Piece(document["content"], logprobs, _end(document) if document["stop"] else {})


def _logprob(token: dict[str, Any], top: int) -> dict[str, Any]:
    """One entry a character that became whole: llama-server joins its tokens, and tells the last one's alternatives."""
    best = [_named(other) for other in token["top_logprobs"][:top]]
    return _named(token) | ({"top_logprobs": best} if top else {})


def _named(token: dict[str, Any]) -> dict[str, Any]:
    """`bytes` are made of text in which pieces of characters were replaced already; special tokens have none."""
    text = bytes(token["bytes"]).decode(errors="replace")
    return {"token": text, "logprob": token["logprob"], "bytes": list(text.encode()) if text else None}


def _end(document: dict[str, Any]) -> dict[str, Any]:
    timings = document["timings"]
    return {
        "done_reason": "length" if document["stop_type"] == "limit" else "stop",
        "prompt_eval_count": document["tokens_evaluated"],
        "prompt_eval_duration": round(timings["prompt_ms"] * _NS_A_MS),
        "eval_count": document["tokens_predicted"],
        "eval_duration": round(timings["predicted_ms"] * _NS_A_MS),
    }
