"""`/api/chat`: conversations, the models to have them with, and answers as Server-Sent Events.

Closing a stream of answers stops them; what was said until then is kept with finish reason `stopped`.
"""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict

from llmlora.features.chat import service
from llmlora.features.chat.models import list_chat_models as known_models
from llmlora.features.chat.schemas import (
    ChatModelsOut,
    DeltaEvent,
    DoneEvent,
    QuestionAgainIn,
    QuestionIn,
    SessionIn,
    SessionList,
    SessionOut,
    SessionPatch,
    SessionWithMessagesOut,
)
from llmlora.features.chat.state import Answered, ChatEngines
from llmlora.features.chat.turns import FailedAnswer, Turn, answering
from llmlora.features.labels.schemas import TagFilter
from llmlora.kit.web.language import language_of
from llmlora.kit.web.pages import After, Limit, page_of, parse_cursor
from llmlora.kit.web.problems import Problem, problem_of
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/chat", tags=["chat"])

SessionId = Annotated[str, Path(max_length=64, pattern=r"^\w+$", description="Id of a conversation.")]
Position = Annotated[int, Path(ge=1, le=2_000_000_000, description="Position of a question.")]


class ErrorEvent(BaseModel):
    """SSE `error`: a model's answer has failed; what it had said is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    problem: Problem


StreamedEvent = DeltaEvent | DoneEvent | ErrorEvent


@router.get("/models")
async def list_chat_models(web: Web, engines: ChatEngines) -> ChatModelsOut:
    """Models a person may talk to."""
    return ChatModelsOut(data=await known_models(web.database, web.settings.data_dir, engines.ollama))


@router.get("/sessions")
async def list_chat_sessions(
    web: Web, limit: Limit = 50, after: After = None, tag: TagFilter = None
) -> SessionList:
    """Conversations, the one used last first."""
    async with web.database.unit_of_work() as session:
        found = await service.list_sessions(session, after=parse_cursor(after), limit=limit + 1, tag=tag)
        total, messages = await service.count_sessions(session, tag=tag)
    shown, more = page_of(found, limit, lambda one: (one.updated_at, one.id))
    return SessionList(data=list(shown), next=more, total=total, messages=messages)


@router.post("/sessions", status_code=201)
async def create_chat_session(web: Web, given: SessionIn) -> SessionOut:
    """Begin a conversation."""
    async with web.database.unit_of_work() as session:
        return await service.create_session(session, given)


@router.get("/sessions/{session_id}")
async def get_chat_session(web: Web, answered: Answered, session_id: SessionId) -> SessionWithMessagesOut:
    """A conversation with its turns."""
    answering = session_id in answered  # before the turns are read: whoever is told no has all that was said
    async with web.database.unit_of_work() as session:
        return await service.get_session(session, session_id, answering=answering)


@router.patch("/sessions/{session_id}")
async def change_chat_session(web: Web, session_id: SessionId, given: SessionPatch) -> SessionOut:
    """Change title, system prompt, models or sampling."""
    async with web.database.unit_of_work() as session:
        return await service.change_session(session, session_id, given)


@router.delete("/sessions/{session_id}", status_code=204)
async def delete_chat_session(web: Web, session_id: SessionId) -> None:
    """Forget a conversation."""
    async with web.database.unit_of_work() as session:
        await service.delete_session(session, session_id)


# Turns are opened by dependencies: what they refuse is answered with a status, before the stream begins, and they
# end when the client has left, whatever the stream was doing.
async def _new_turn(
    web: Web, engines: ChatEngines, answered: Answered, session_id: SessionId, given: QuestionIn
) -> AsyncIterator[Turn]:
    with answered.answering(session_id):
        asked = await service.ask(web.database, web.settings.data_dir, engines.ollama, session_id, given)
        async with answering(web.database, engines, asked) as turn:
            yield turn


async def _turn_again(
    web: Web,
    engines: ChatEngines,
    answered: Answered,
    session_id: SessionId,
    position: Position,
    given: QuestionAgainIn,
) -> AsyncIterator[Turn]:
    with answered.answering(session_id):
        asked = await service.ask_again(
            web.database, web.settings.data_dir, engines.ollama, session_id, position, given
        )
        async with answering(web.database, engines, asked) as turn:
            yield turn


@router.post("/sessions/{session_id}/messages", response_class=EventSourceResponse)
async def send_chat_message(
    request: Request, turn: Annotated[Turn, Depends(_new_turn)]
) -> AsyncIterator[StreamedEvent]:
    """Ask, and stream the answers: events `delta`, and `done` or `error` once a model."""
    async for event in _streamed(request, turn):
        yield event


@router.put("/sessions/{session_id}/messages/{position}", response_class=EventSourceResponse)
async def resend_chat_message(
    request: Request, turn: Annotated[Turn, Depends(_turn_again)]
) -> AsyncIterator[StreamedEvent]:
    """Ask an earlier question anew; what followed it is forgotten. Streams as `send_chat_message`."""
    async for event in _streamed(request, turn):
        yield event


async def _streamed(request: Request, turn: Turn) -> AsyncIterator[StreamedEvent]:
    async for event in turn.events():
        if isinstance(event, FailedAnswer):
            sent: StreamedEvent = ErrorEvent(model=event.model, problem=_problem(request, event))
        else:
            sent = event
        name = {DeltaEvent: "delta", DoneEvent: "done", ErrorEvent: "error"}[type(sent)]
        # FastAPI documents the annotated type and passes named events through.
        yield cast(StreamedEvent, ServerSentEvent(event=name, data=sent))


def _problem(request: Request, failed: FailedAnswer) -> Problem:
    language = language_of(request.headers)
    request_id = request.scope.get("llmlora.request_id")
    return Problem.model_validate(problem_of(failed.error, request.url.path, language, request_id))
