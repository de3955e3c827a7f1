"""The answers to one question, generated, streamed and kept. Whoever leaves the turn stops it.

Two models answer one after the other: each server computes on all cores, and two at once take 1.7 times as long in all
(SmolLM2-135M, 64 tokens each on 2 quiet cores: 1.5 s against 2.6 s), with neither answer complete before the end.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from llmlora.contracts.inference import ChatDelta, ChatMessage
from llmlora.features.chat import service
from llmlora.features.chat.generation import stream_answer
from llmlora.features.chat.models import ChatModel
from llmlora.features.chat.schemas import DeltaEvent, DoneEvent, MessageOut
from llmlora.features.chat.state import Engines
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError
from llmlora.kit.ids import new_id

# Pieces that wait for a slow reader; then the engine waits, too.
WAITING_PIECES = 256

_log = structlog.get_logger()


@dataclass(frozen=True)
class FailedAnswer:
    """A model's answer has failed; what it had said is kept."""

    model: str
    error: AppError


TurnEvent = DeltaEvent | DoneEvent | FailedAnswer


@dataclass
class _Draft:
    """An answer as far as it goes."""

    id: str = field(default_factory=lambda: new_id("msg"))
    text: str = ""
    last: ChatDelta = field(default_factory=ChatDelta)

    def add(self, delta: ChatDelta) -> None:
        """Take in the next piece."""
        self.text += delta.text
        if delta.finish_reason is not None:
            self.last = delta


class Turn:
    """Answers that are being generated."""

    def __init__(self, database: Database, engines: Engines, asked: service.Asked) -> None:
        self._database = database
        self._engines = engines
        self._asked = asked
        self._events: asyncio.Queue[TurnEvent] = asyncio.Queue(WAITING_PIECES)

    async def events(self) -> AsyncIterator[TurnEvent]:
        """Pieces of all answers as they come, and one end of each."""
        running = len(self._asked.models)
        while running:
            event = await self._events.get()
            running -= not isinstance(event, DeltaEvent)
            yield event

    async def generate(self) -> None:
        """Generate and keep one answer after the other. Cancelled, it keeps what there is."""
        for model, prompt in zip(self._asked.models, self._asked.prompts, strict=True):
            await self._answer(model, prompt)

    async def _answer(self, model: ChatModel, prompt: tuple[ChatMessage, ...]) -> None:
        draft = _Draft()
        try:
            await self._draft(model, prompt, draft)
            message = await self._keep(model, draft, draft.last.finish_reason or "error")
            await self._events.put(_done(message))
        except asyncio.CancelledError:
            await self._keep_part(model, draft, "stopped")
            raise
        except AppError as error:
            await self._keep_part(model, draft, "error")
            await self._events.put(FailedAnswer(model.name, error))
        except Exception as error:
            _log.exception("chat answer failed", model=model.name)
            await self._events.put(FailedAnswer(model.name, AppError(reason=type(error).__name__)))

    async def _draft(self, model: ChatModel, prompt: tuple[ChatMessage, ...], draft: _Draft) -> None:
        sampling = self._asked.sampling.as_sampling()
        async with aclosing(stream_answer(self._engines, model, prompt, sampling)) as pieces:
            async for delta in pieces:
                draft.add(delta)
                if delta.text:
                    await self._events.put(DeltaEvent(model=model.name, text=delta.text))

    async def _keep_part(self, model: ChatModel, draft: _Draft, reason: str) -> None:
        """Keep an answer that did not end by itself, if it had begun and the question is still there."""
        if not draft.text:
            return
        try:
            await self._keep(model, draft, draft.last.finish_reason or reason)
        except AppError as error:
            _log.info("chat answer not kept", model=model.name, code=error.code)

    async def _keep(self, model: ChatModel, draft: _Draft, finish_reason: str) -> MessageOut:
        facts = draft.last.model_dump(exclude={"text"}) | {"finish_reason": finish_reason}
        async with self._database.unit_of_work() as session:
            return await service.keep_answer(session, self._asked, draft.id, model.name, draft.text, facts)


@asynccontextmanager
async def answering(database: Database, engines: Engines, asked: service.Asked) -> AsyncIterator[Turn]:
    """Generate the answers to a question while the block runs; leaving it stops and keeps those not ended."""
    turn = Turn(database, engines, asked)
    generating = asyncio.create_task(turn.generate())
    try:
        yield turn
    finally:
        generating.cancel()
        await asyncio.gather(generating, return_exceptions=True)


def _done(message: MessageOut) -> DoneEvent:
    assert message.model is not None
    assert message.finish_reason is not None
    return DoneEvent(
        model=message.model,
        message=message,
        finish_reason=message.finish_reason,
        prompt_tokens=message.prompt_tokens,
        completion_tokens=message.completion_tokens,
        tokens_per_s=message.tokens_per_s,
    )
