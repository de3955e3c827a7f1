"""`InferenceBackend` for Ollama's own chat route, which alone tells bytes of tokens and how it renders a prompt.

Sampling settings that a request leaves out would be Ollama's or the model's, so all are named. A `stop` in a request
replaces the model's own list: it is joined to that list here.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import httpx

from llmlora.contracts.inference import ChatAnswer, ChatDelta, ChatMessage, ChatRequest, TokenLogprob
from llmlora.contracts.run import EndpointInput
from llmlora.inference.closing import Closing
from llmlora.inference.dialect import Dialect, as_object
from llmlora.inference.ollama.errors import (
    OllamaBlobGoneError,
    OllamaBrokenAnswerError,
    OllamaFailedError,
    OllamaModelMissingError,
    OllamaRefusedError,
    OllamaTimeoutError,
    OllamaTunedModelMissingError,
    OllamaUnreachableError,
)
from llmlora.inference.ollama.server import CONNECT_TIMEOUT_S, IDLE_TIMEOUT_S, OllamaServer
from llmlora.kit.errors import AppError

# A whole answer says nothing until it is complete.
ANSWER_TIMEOUT_S = 600.0
NANO = 1e9
OLLAMA = Dialect(name="tool_name", reasoning="thinking", arguments=as_object)

Encode = Callable[[str], tuple[int, ...]]


class OllamaBackend(Closing):
    """A client of one server. `encode` turns a rendered prompt into ids; without it ids cannot be told.

    `is_ours`: the model was registered from here, so no library has it.
    """

    tells_token_ids = False

    def __init__(
        self, endpoint: EndpointInput, *, encode: Encode | None = None, is_ours: bool = False
    ) -> None:
        self._missing = OllamaTunedModelMissingError if is_ours else OllamaModelMissingError
        self._base_url, self._model = endpoint.base_url, endpoint.model
        self._encode = encode
        self._http = httpx.AsyncClient(
            base_url=endpoint.base_url,
            timeout=httpx.Timeout(ANSWER_TIMEOUT_S, connect=CONNECT_TIMEOUT_S),
            trust_env=False,
        )
        self._stops: list[str] | None = None

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def healthy(self) -> bool:
        """Whether the server answers."""
        try:
            response = await self._http.get("/api/version", timeout=CONNECT_TIMEOUT_S)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def rendered(self, messages: tuple[ChatMessage, ...], tools: str | None = None) -> str | None:
        """The prompt as the server writes it; None where it is too old to tell.

        Raises:
            AppError: as `answer`.
        """
        body = {"model": self._model, "messages": OLLAMA.turns(messages), **_tools(tools), "stream": False}
        # A server that does not know the flag generates: one token is enough to see that.
        told = await self._post(body | {"_debug_render_only": True, "options": {"num_predict": 1}})
        rendered = (told.get("_debug_info") or {}).get("rendered_template")
        return None if rendered is None else str(rendered)

    async def prompt_ids(
        self, messages: tuple[ChatMessage, ...], tools: str | None = None
    ) -> tuple[int, ...] | None:
        """Ids of the prompt as the server writes it.

        Raises:
            AppError: as `answer`.
        """
        if self._encode is None:
            return None
        text = await self.rendered(messages, tools)
        return None if text is None else self._encode(text)

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """Generate to the end.

        Raises:
            OllamaModelMissingError: the model is gone.
            OllamaRefusedError: the server does not accept the request.
            UnavailableError: the server cannot be reached, fails or is too slow.
        """
        if request.top_logprobs == 0:
            return await self._collected(request)
        told = await self._post(await self._payload(request) | {"stream": False})
        try:
            return ChatAnswer(
                text=told["message"]["content"] or "",
                finish_reason=_finish_reason(told),
                prompt_tokens=told.get("prompt_eval_count") or 0,
                completion_tokens=told.get("eval_count") or len(told.get("logprobs") or ()),
                tokens=tuple(_token(entry) for entry in told.get("logprobs") or ()),
                decode_s=told["eval_duration"] / NANO if told.get("eval_duration") else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise self._broken(error) from error

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Generate piece by piece; closing the iterator stops the engine.

        Raises:
            AppError: as `answer`.
        """
        async with aclosing(self._deltas(request)) as pieces:
            async for piece in pieces:
                yield piece

    async def _deltas(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        payload = await self._payload(request) | {"stream": True}
        patience = httpx.Timeout(IDLE_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        try:
            async with self._http.stream("POST", "/api/chat", json=payload, timeout=patience) as response:
                if response.is_error:
                    raise await self._refusal(response.status_code, await response.aread())
                told = None
                async for line in response.aiter_lines():
                    told = json.loads(line)
                    if "error" in told:
                        raise await self._refusal(httpx.codes.INTERNAL_SERVER_ERROR, line.encode())
                    yield _delta(told)
                    if told.get("done"):
                        return
            if told is None:
                raise OllamaBrokenAnswerError(base_url=self._base_url, reason="no line")
            # The body ended as it should, without its last line: the server aborted the answer.
            yield ChatDelta(finish_reason="length")
        except httpx.HTTPError as error:
            raise self._away(error, IDLE_TIMEOUT_S) from error
        except (ValueError, KeyError, TypeError) as error:
            raise self._broken(error) from error

    async def _collected(self, request: ChatRequest) -> ChatAnswer:
        """The pieces of a stream joined, so that a whole answer is what a stream of it would have said."""
        text, last = "", ChatDelta()
        async with aclosing(self._deltas(request)) as pieces:
            async for piece in pieces:
                text, last = text + piece.text, piece
        tokens, rate = last.completion_tokens or 0, last.tokens_per_s
        return ChatAnswer(
            text=text,
            finish_reason=last.finish_reason or "length",
            prompt_tokens=last.prompt_tokens or 0,
            completion_tokens=tokens,
            decode_s=tokens / rate if rate else None,
        )

    async def _payload(self, request: ChatRequest) -> dict[str, Any]:
        sampling = request.sampling
        options: dict[str, Any] = {
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": 0,
            "min_p": 0.0,
            "repeat_penalty": 1.0,
            "num_predict": sampling.max_tokens,
        }
        if sampling.seed is not None:
            options["seed"] = sampling.seed
        if sampling.stop:
            options["stop"] = [*await self._own_stops(), *sampling.stop]
        payload: dict[str, Any] = {
            "model": request.model,
            "messages": OLLAMA.turns(request.messages),
            **_tools(request.tools),
            "options": options,
        }
        if request.top_logprobs:
            payload |= {"logprobs": True, "top_logprobs": request.top_logprobs}
        return payload

    async def _own_stops(self) -> list[str]:
        if self._stops is None:
            async with OllamaServer(self._base_url) as server:
                self._stops = (await server.details(self._model)).parameters.get("stop", [])
        return self._stops

    async def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._http.post("/api/chat", json=body)
            if response.is_error:
                raise await self._refusal(response.status_code, response.content)
            told: dict[str, Any] = response.json()
        except httpx.HTTPError as error:
            raise self._away(error, ANSWER_TIMEOUT_S) from error
        except ValueError as error:
            raise self._broken(error) from error
        if "error" in told:
            raise await self._refusal(httpx.codes.INTERNAL_SERVER_ERROR, response.content)
        return told

    def _away(self, error: httpx.HTTPError, timeout_s: float) -> Exception:
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return OllamaTimeoutError(base_url=self._base_url, timeout_s=timeout_s)
        return OllamaUnreachableError(base_url=self._base_url, reason=str(error) or type(error).__name__)

    def _broken(self, error: Exception) -> OllamaBrokenAnswerError:
        return OllamaBrokenAnswerError(base_url=self._base_url, reason=str(error) or type(error).__name__)

    async def _refusal(self, status: int, content: bytes) -> Exception:
        try:
            reason = str(json.loads(content)["error"])
        except (ValueError, KeyError, TypeError):
            reason = content[:200].decode(errors="replace")
        if status == httpx.codes.NOT_FOUND:
            return self._missing(name=self._model)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            if await self._has_lost_files():
                return OllamaBlobGoneError(name=self._model)
            return OllamaFailedError(base_url=self._base_url, reason=reason)
        return OllamaRefusedError(reason=reason)

    async def _has_lost_files(self) -> bool:
        """Whether weights of the model are gone from the server's store: it then blames whatever it could not read."""
        try:
            async with OllamaServer(self._base_url) as server:
                told = await server.details(self._model)
                digests = (told.model_digest, *told.adapter_digests)
                return not all([await server.has_blob(digest) for digest in digests if digest])
        except OllamaBlobGoneError:
            return True
        except AppError:
            return False


def _tools(tools: str | None) -> dict[str, Any]:
    return {"tools": json.loads(tools)} if tools else {}


def _token(entry: dict[str, Any]) -> TokenLogprob:
    top = tuple((None, _bytes(t), float(t["logprob"])) for t in entry.get("top_logprobs") or ())
    # One entry a character, however many tokens it is; the server does not say of which of them the number is.
    return TokenLogprob(
        id=None, bytes_=_bytes(entry), logprob=float(entry["logprob"]), top=top, joined="last_or_sum"
    )


def _bytes(entry: dict[str, Any]) -> bytes:
    """Text is only used where the server tells no bytes: empty for special tokens."""
    told = entry.get("bytes")
    return str(entry["token"]).encode() if told is None else bytes(told)


def _finish_reason(told: dict[str, Any]) -> str:
    """An answer that repeats itself is aborted by the server: not done, without a reason. That is a cut, no end of turn."""
    return str(told.get("done_reason") or "stop") if told.get("done") else "length"


def _delta(told: dict[str, Any]) -> ChatDelta:
    text = (told.get("message") or {}).get("content") or ""
    if not told.get("done"):
        return ChatDelta(text=text)
    tokens, nanoseconds = told.get("eval_count"), told.get("eval_duration")
    return ChatDelta(
        text=text,
        finish_reason=_finish_reason(told),
        prompt_tokens=told.get("prompt_eval_count"),
        completion_tokens=tokens,
        tokens_per_s=tokens * NANO / nanoseconds if tokens and nanoseconds else None,
    )
