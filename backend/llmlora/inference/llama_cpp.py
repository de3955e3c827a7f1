"""`InferenceBackend` for llama-server: the prompt is rendered and tokenised first, then its ids are continued.

The server's own chat route would add a start token by itself, read calls and reasoning out of an answer, and end only where
the GGUF says. Every request names the scale of every adapter, so neither the server's start values nor an earlier request can
leak into an answer. Closing a stream closes the connection, which makes the server stop generating.
"""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx

from llmlora.contracts.inference import ChatAnswer, ChatDelta, ChatMessage, ChatRequest, TokenLogprob
from llmlora.contracts.run import EndpointInput
from llmlora.inference.closing import Closing
from llmlora.inference.dialect import Dialect, as_json_text
from llmlora.inference.errors import (
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
    PromptTooLongError,
    RequestRefusedError,
    TemplateRefusedError,
)

CONNECT_TIMEOUT_S = 5.0
# A server that slept has to load its model again before it says anything.
ANSWER_TIMEOUT_S = 600.0
HEALTH_TIMEOUT_S = 5.0
# Where a prompt begins with this, the template is ours (`engine.serving.prompt`), and nothing is added to what it wrote.
PROMPT_MARK = "\x02"
# llama.cpp's report of a template that raised: its source, where in it, and last the template's own words.
_RAISED = re.compile(r"Jinja Exception: (.*)", re.DOTALL)
# The server gives templates what they want: arguments as objects, empty text.
OPENAI = Dialect(
    name="name",
    reasoning="reasoning_content",
    arguments=as_json_text,
    calls_alone_have_null_content=True,
    call_type="function",
)


@dataclass(frozen=True)
class _Piece:
    """One chunk of an answer. `last`: finish reason, counts and times."""

    text: str
    tokens: tuple[TokenLogprob, ...]
    last: dict[str, Any] | None


class LlamaCppBackend(Closing):
    """A client of one llama-server. Use as `async with`, or call `aclose`."""

    tells_token_ids = True

    def __init__(self, endpoint: EndpointInput, *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._base_url = endpoint.base_url
        self._timeout_s = timeout_s
        self._ends = endpoint.ends
        headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        self._client = httpx.AsyncClient(
            base_url=endpoint.base_url,
            headers=headers,
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
            # The server closes connections that rest when it likes, also while the next request is on its way.
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def healthy(self) -> bool:
        """Whether the server answers and has its model (or sleeps and would load it)."""
        try:
            response = await self._client.get("/health", timeout=HEALTH_TIMEOUT_S)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def prompt_ids(
        self, messages: tuple[ChatMessage, ...], tools: str | None = None
    ) -> tuple[int, ...] | None:
        """Token ids of the prompt as the server renders it by its chat template.

        Raises:
            UnavailableError: the server cannot be reached or fails.
            TemplateRefusedError: its template refuses the conversation.
        """
        asked = {"messages": OPENAI.turns(messages)} | _tools(tools)
        text = str((await self._post("/apply-template", asked))["prompt"])
        whole = text.startswith(PROMPT_MARK)
        body = {
            "content": text.removeprefix(PROMPT_MARK),
            "add_special": not whole,
            "parse_special": True,
        }
        return tuple((await self._post("/tokenize", body))["tokens"])

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """Generate to the end.

        Raises:
            UnavailableError: the server cannot be reached, fails or is too slow.
            PromptTooLongError: the conversation does not fit into the context.
            TemplateRefusedError: the template refuses the conversation.
            RequestRefusedError: the server does not accept the request.
        """
        text, tokens, last = "", list[TokenLogprob](), dict[str, Any]()
        # Asked for at once, the server takes as many tokens off the end as a stop text has characters' tokens.
        async with aclosing(self._pieces(request)) as pieces:
            async for piece in pieces:
                text, last = text + piece.text, piece.last or last
                tokens += piece.tokens
        predicted_ms = last.get("timings", {}).get("predicted_ms")
        return ChatAnswer(
            text=text,
            finish_reason=last["choices"][0]["finish_reason"],
            prompt_tokens=last["usage"]["prompt_tokens"],
            completion_tokens=last["usage"]["completion_tokens"],
            tokens=tuple(tokens),
            decode_s=None if predicted_ms is None else predicted_ms / 1000,
        )

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Generate piece by piece; closing the iterator stops the engine.

        Raises:
            UnavailableError: the server cannot be reached, fails or is too slow.
            PromptTooLongError: the conversation does not fit into the context.
            TemplateRefusedError: the template refuses the conversation.
            RequestRefusedError: the server does not accept the request.
        """
        async with aclosing(self._pieces(request)) as pieces:
            async for piece in pieces:
                if piece.last is not None:
                    yield _last(piece)
                elif piece.text:
                    yield ChatDelta(text=piece.text)

    async def _pieces(self, request: ChatRequest) -> AsyncGenerator[_Piece]:
        prompt = await self.prompt_ids(request.messages)
        payload = _payload(request, self._ends) | {"prompt": prompt, "stream": True}
        try:
            async with self._client.stream("POST", "/v1/completions", json=payload) as response:
                if response.is_error:
                    raise self._refusal(response.status_code, await response.aread())
                async for line in response.aiter_lines():
                    if not line.startswith("data: ") or line == "data: [DONE]":
                        continue
                    chunk = json.loads(line.removeprefix("data: "))
                    if "error" in chunk:
                        raise self._refusal(int(chunk["error"].get("code", 500)), line[6:].encode())
                    yield self._piece(chunk)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _piece(self, chunk: dict[str, Any]) -> _Piece:
        choice = chunk["choices"][0]
        entries = (choice.get("logprobs") or {}).get("content") or []
        tokens = tuple(_token(entry, self._ends) for entry in entries)
        return _Piece(choice["text"], tokens, chunk if choice["finish_reason"] else None)

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        try:
            response = await self._client.post(path, json=body)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if response.is_error:
            raise self._refusal(response.status_code, response.content)
        return response.json()

    def _unreachable(self, error: httpx.HTTPError) -> Exception:
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return EngineTimeoutError(base_url=self._base_url, timeout_s=self._timeout_s)
        return EngineUnreachableError(base_url=self._base_url, reason=str(error) or type(error).__name__)

    def _refusal(self, status: int, content: bytes) -> Exception:
        try:
            error = json.loads(content)["error"]
        except (ValueError, KeyError, TypeError):
            error = {"message": content[:200].decode(errors="replace")}
        message = str(error.get("message"))
        if raised := _RAISED.search(message):
            return TemplateRefusedError(reason=raised[1].strip())
        if error.get("type") == "exceed_context_size_error":
            return PromptTooLongError(prompt_tokens=error["n_prompt_tokens"], context=error["n_ctx"])
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.UNAUTHORIZED:
            return EngineFailedError(base_url=self._base_url, status=status, reason=message)
        return RequestRefusedError(status=status, reason=message)


def _tools(tools: str | None) -> dict[str, Any]:
    """Tools for the template alone: with `none` the server neither constrains an answer nor takes calls out of it."""
    return {"tools": json.loads(tools), "tool_choice": "none"} if tools else {}


def _payload(request: ChatRequest, ends: tuple[str, ...]) -> dict[str, Any]:
    sampling = request.sampling
    # The server gives scale 0 to adapters that a non-empty list leaves out, so [{0: 0.0}] switches all of them off.
    lora = {"id": 0, "scale": 0.0} if request.adapter is None else {"id": request.adapter, "scale": 1.0}
    payload: dict[str, Any] = {
        "model": request.model,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": 0,
        "min_p": 0.0,
        "lora": [lora],
        # A reserved token has no text, and so stops nothing, unless it is to be preserved.
        "stop": [*sampling.stop, *ends],
        "preserved_tokens": list(ends),
    }
    if sampling.seed is not None:
        payload["seed"] = sampling.seed
    if request.top_logprobs:
        payload |= {"logprobs": request.top_logprobs, "n_probs": request.top_logprobs}
    return payload


def _token(entry: dict[str, Any], ends: tuple[str, ...]) -> TokenLogprob:
    """A generated token; one that ends the answer has no bytes, whoever knew that it does."""
    top = tuple((t["id"], bytes(t["bytes"]), float(t["logprob"])) for t in entry.get("top_logprobs", ()))
    text = b"" if entry["token"] in ends else bytes(entry["bytes"])
    return TokenLogprob(id=entry["id"], bytes_=text, logprob=entry["logprob"], top=top)


def _last(piece: _Piece) -> ChatDelta:
    chunk = piece.last or {}
    return ChatDelta(
        text=piece.text,
        finish_reason=chunk["choices"][0]["finish_reason"],
        prompt_tokens=chunk["usage"]["prompt_tokens"],
        completion_tokens=chunk["usage"]["completion_tokens"],
        tokens_per_s=chunk.get("timings", {}).get("predicted_per_second"),
    )
