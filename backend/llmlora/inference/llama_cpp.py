"""`InferenceBackend` for llama-server's OpenAI routes.

Every request names the scale of every adapter, so neither the server's start values nor an earlier request can leak
into an answer. Closing a stream closes the connection, which makes the server stop generating.
"""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from llmlora.contracts.inference import ChatAnswer, ChatDelta, ChatMessage, ChatRequest, TokenLogprob
from llmlora.contracts.recipe import EndpointInput
from llmlora.inference.closing import Closing
from llmlora.inference.errors import (
    EngineFailedError,
    EngineTimeoutError,
    EngineUnreachableError,
    PromptTooLongError,
    RequestRefusedError,
)

CONNECT_TIMEOUT_S = 5.0
# A server that slept has to load its model again before it says anything.
ANSWER_TIMEOUT_S = 600.0
HEALTH_TIMEOUT_S = 5.0


class LlamaCppBackend(Closing):
    """A client of one llama-server. Use as `async with`, or call `aclose`."""

    def __init__(self, endpoint: EndpointInput, *, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._base_url = endpoint.base_url
        self._timeout_s = timeout_s
        headers = {"Authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
        self._client = httpx.AsyncClient(
            base_url=endpoint.base_url,
            headers=headers,
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
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
            RequestRefusedError: its template refuses the conversation.
        """
        rendered = await self._post("/apply-template", {"messages": _as_dicts(messages)} | _tools(tools))
        body = {"content": rendered["prompt"], "add_special": True, "parse_special": True}
        return tuple((await self._post("/tokenize", body))["tokens"])

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """Generate to the end.

        Raises:
            UnavailableError: the server cannot be reached, fails or is too slow.
            PromptTooLongError: the conversation does not fit into the context.
            RequestRefusedError: the server does not accept the request.
        """
        document = await self._post("/v1/chat/completions", _payload(request))
        choice = document["choices"][0]
        logprobs = (choice.get("logprobs") or {}).get("content") or []
        predicted_ms = document.get("timings", {}).get("predicted_ms")
        return ChatAnswer(
            text=choice["message"].get("content") or "",
            finish_reason=choice["finish_reason"],
            prompt_tokens=document["usage"]["prompt_tokens"],
            completion_tokens=document["usage"]["completion_tokens"],
            tokens=tuple(_token(entry) for entry in logprobs),
            decode_s=None if predicted_ms is None else predicted_ms / 1000,
        )

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Generate piece by piece; closing the iterator stops the engine.

        Raises:
            UnavailableError: the server cannot be reached, fails or is too slow.
            PromptTooLongError: the conversation does not fit into the context.
            RequestRefusedError: the server does not accept the request.
        """
        payload = _payload(request) | {"stream": True, "stream_options": {"include_usage": True}}
        finish_reason: str | None = None
        try:
            async with self._client.stream("POST", "/v1/chat/completions", json=payload) as response:
                if response.is_error:
                    raise self._refusal(response.status_code, await response.aread())
                async for line in response.aiter_lines():
                    if not line.startswith("data: ") or line == "data: [DONE]":
                        continue
                    chunk = json.loads(line.removeprefix("data: "))
                    if "error" in chunk:
                        raise self._refusal(int(chunk["error"].get("code", 500)), line[6:].encode())
                    delta, finish_reason = _delta(chunk, finish_reason)
                    if delta is not None:
                        yield delta
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

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
        if error.get("type") == "exceed_context_size_error":
            return PromptTooLongError(prompt_tokens=error["n_prompt_tokens"], context=error["n_ctx"])
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status == httpx.codes.UNAUTHORIZED:
            return EngineFailedError(base_url=self._base_url, status=status, reason=error.get("message"))
        return RequestRefusedError(status=status, reason=error.get("message"))


def _as_dicts(messages: tuple[ChatMessage, ...]) -> list[dict[str, Any]]:
    return [_as_dict(message) for message in messages]


def _as_dict(message: ChatMessage) -> dict[str, Any]:
    """A turn in OpenAI's words: a call's arguments are JSON text there, and a turn of calls alone has null content.

    The server gives templates what they want instead: objects, empty text.
    """
    content = None if message.tool_calls and not message.content else message.content
    turn: dict[str, Any] = {"role": message.role, "content": content}
    more = {
        "name": message.name,
        "reasoning_content": message.reasoning,
        "tool_call_id": message.tool_call_id,
        "tool_calls": [_call(call) for call in json.loads(message.tool_calls or "[]")] or None,
    }
    return turn | {key: value for key, value in more.items() if value is not None}


def _call(call: dict[str, Any]) -> dict[str, Any]:
    function = call.get("function", call)
    arguments = function.get("arguments", {})
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"type": "function", **call, "function": {**function, "arguments": text}}


def _tools(tools: str | None) -> dict[str, Any]:
    """Tools for the template alone: with `none` the server neither constrains an answer nor takes calls out of it."""
    return {"tools": json.loads(tools), "tool_choice": "none"} if tools else {}


def _payload(request: ChatRequest) -> dict[str, Any]:
    sampling = request.sampling
    # The server gives scale 0 to adapters that a non-empty list leaves out, so [{0: 0.0}] switches all of them off.
    lora = {"id": 0, "scale": 0.0} if request.adapter is None else {"id": request.adapter, "scale": 1.0}
    payload: dict[str, Any] = {
        "model": request.model,
        "messages": _as_dicts(request.messages),
        **_tools(request.tools),
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": 0,
        "min_p": 0.0,
        "lora": [lora],
    }
    if sampling.seed is not None:
        payload["seed"] = sampling.seed
    if sampling.stop:
        payload["stop"] = list(sampling.stop)
    if request.top_logprobs:
        payload |= {"logprobs": True, "top_logprobs": request.top_logprobs}
    return payload


def _token(entry: dict[str, Any]) -> TokenLogprob:
    top = tuple((t["id"], bytes(t["bytes"]), float(t["logprob"])) for t in entry.get("top_logprobs", ()))
    return TokenLogprob(id=entry["id"], bytes_=bytes(entry["bytes"]), logprob=entry["logprob"], top=top)


def _delta(chunk: dict[str, Any], finish_reason: str | None) -> tuple[ChatDelta | None, str | None]:
    """The piece a chunk carries, if any; the finish reason comes before the counts, so it is kept until then."""
    if chunk["choices"]:
        choice = chunk["choices"][0]
        text = choice["delta"].get("content") or ""
        return (ChatDelta(text=text) if text else None), choice.get("finish_reason") or finish_reason
    usage = chunk["usage"]
    last = ChatDelta(
        finish_reason=finish_reason,
        prompt_tokens=usage["prompt_tokens"],
        completion_tokens=usage["completion_tokens"],
        tokens_per_s=chunk.get("timings", {}).get("predicted_per_second"),
    )
    return last, finish_reason
