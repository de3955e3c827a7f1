"""`POST /api/chat` and `POST /api/generate`: a conversation or a prompt in, lines out.

The model is loaded before anything else, even where only the prompt is asked for.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from llmlora.engine.serving.llama_cpp import RunningServer

from tests.with_ollama.standin.character import Played
from tests.with_ollama.standin.completion import Piece, Wish, complete, token_count
from tests.with_ollama.standin.faults import Faults
from tests.with_ollama.standin.gotemplate import Template
from tests.with_ollama.standin.gotree import TemplateError
from tests.with_ollama.standin.lines import ApiError, Line, Lines
from tests.with_ollama.standin.models import Model, open_model
from tests.with_ollama.standin.prompt import Message, parse_template, render
from tests.with_ollama.standin.runners import Runners
from tests.with_ollama.standin.store import Store

CHAT, GENERATE = "/api/chat", "/api/generate"
DEFAULT_NUM_CTX = 4096
MAX_TOP_LOGPROBS = 20
# Servers before v0.12.11 ignore `logprobs`; `_debug_render_only` is treated as being as old.
LOGPROBS_SINCE = (0, 12, 11)


@dataclass(frozen=True)
class Answers:
    """What answers: the models, their processes, and the age of the server."""

    store: Store
    runners: Runners
    faults: Faults
    played: Played

    async def chat(self, request: Line) -> Lines:
        """The lines of a chat.

        Raises:
            ApiError: the request is refused, or the model cannot be loaded.
        """
        messages = _messages(request)
        model = open_model(self.store, request.get("model"))
        if messages and messages[0]["role"] != "system" and model.system:
            messages = [{"role": "system", "content": model.system}, *messages]
        asked = _Asked(request, model, CHAT, messages, parse_template(model.template), bool(messages))
        async with aclosing(self._answer(asked)) as lines:
            async for line in lines:
                yield line

    async def generate(self, request: Line) -> Lines:
        """The lines of a completion: of a prompt as it is (`raw`), or put into the template as the user's turn.

        Raises:
            ApiError: as `chat`.
        """
        raw, prompt = bool(request.get("raw")), request.get("prompt") or ""
        model = open_model(self.store, request.get("model"))
        if raw and any(request.get(key) for key in ("template", "system", "context")):
            raise ApiError(400, "raw mode does not support template, system, or context")
        if request.get("suffix"):
            raise ApiError(400, f'"{request["model"]}" does not support insert')
        system = request.get("system") or model.system
        messages = [{"role": "system", "content": system}] if system else []
        template = None if raw else parse_template(request.get("template") or model.template)
        messages = [*([] if raw else messages), {"role": "user", "content": prompt}]
        asked = _Asked(request, model, GENERATE, messages, template, bool(prompt))
        async with aclosing(self._answer(asked)) as lines:
            async for line in lines:
                yield line

    async def _answer(self, asked: "_Asked") -> Lines:
        if not 0 <= (asked.request.get("top_logprobs") or 0) <= MAX_TOP_LOGPROBS:
            raise ApiError(400, f"top_logprobs must be between 0 and {MAX_TOP_LOGPROBS}")
        if not asked.says_something and asked.request.get("keep_alive") in (0, "0", "0s"):
            await self.runners.unload(asked.model)
            yield asked.line("", done=True) | {"done_reason": "unload"}
            return
        started = time.perf_counter_ns()
        async with self.runners.use(asked.model, asked.num_ctx) as server:
            loaded = time.perf_counter_ns()
            if not asked.says_something:
                yield asked.line("", done=True) | {"done_reason": "load"}
                return
            prompt = await asked.prompt(server)
            if asked.request.get("_debug_render_only") and self._recent:
                yield asked.head() | {"_debug_info": {"rendered_template": prompt}}
                return
            async with aclosing(complete(server, self._wish(asked, prompt))) as pieces:
                async for piece in pieces:
                    yield asked.line_of(piece, total_from=started, loaded_at=loaded)

    def _wish(self, asked: "_Asked", prompt: str) -> Wish:
        request = asked.request
        wants_logprobs = request.get("logprobs") and self._recent
        return Wish(
            prompt,
            asked.options,
            stream=request.get("stream", True),
            top_logprobs=(request.get("top_logprobs") or 0) if wants_logprobs else None,
            ignores_eos=self.faults.take("wrong_eos", asked.route),
        )

    @property
    def _recent(self) -> bool:
        numbers = self.played.said_version.partition("-")[0].split(".")
        return tuple(map(int, numbers)) >= LOGPROBS_SINCE


@dataclass(frozen=True)
class _Asked:
    """One request with its model."""

    request: Mapping[str, Any]
    model: Model
    route: str
    messages: Sequence[Message]
    template: Template | None
    """None: the only message is the prompt."""
    says_something: bool

    @property
    def options(self) -> dict[str, Any]:
        return self.model.parameters | (self.request.get("options") or {})

    @property
    def num_ctx(self) -> int:
        return int(self.options.get("num_ctx") or DEFAULT_NUM_CTX)

    async def prompt(self, server: RunningServer) -> str:
        """The text the model reads: the oldest turns are left out until it fits, system messages never."""
        if self.template is None:
            return self.messages[-1]["content"]
        for first in range(len(self.messages)):
            kept = [m for n, m in enumerate(self.messages) if n >= first or m["role"] == "system"]
            try:
                text = render(self.template, kept)
            except TemplateError as error:
                raise ApiError(500, str(error)) from error
            # A token is a byte at least.
            if len(text.encode()) < self.num_ctx or await token_count(server, text) <= self.num_ctx:
                break
        return text

    def head(self) -> Line:
        return {"model": self.request["model"], "created_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}

    def line(self, text: str, *, done: bool) -> Line:
        said = (
            {"message": {"role": "assistant", "content": text}} if self.route == CHAT else {"response": text}
        )
        return self.head() | said | {"done": done}

    def line_of(self, piece: Piece, *, total_from: int, loaded_at: int) -> Line:
        line = self.line(piece.text, done=bool(piece.end))  # of an answer that was aborted, never
        if piece.logprobs:
            line["logprobs"] = piece.logprobs
        if piece.end:
            now = time.perf_counter_ns()
            line |= {"total_duration": now - total_from, "load_duration": loaded_at - total_from, **piece.end}
        return line


def _messages(request: Line) -> list[Message]:
    return [{"role": m["role"], "content": m.get("content") or ""} for m in request.get("messages") or []]
