"""What happens in a job, as it happens: pages by GET, server-sent events, and one WebSocket for any number of jobs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.responses import Response, StreamingResponse

from llmlora.contracts.events import EventType, JobEvent
from llmlora.engine.jobs.hints import HintHub
from llmlora.features.jobs.endpoints import Before, JobId, Tail, earlier_than, refuse_two_directions
from llmlora.features.jobs.errors import TwoDirectionsError
from llmlora.features.jobs.following import follow_job, read_batch, read_last
from llmlora.features.jobs.state import Hints
from llmlora.kit.db import is_outage
from llmlora.kit.errors import AppError
from llmlora.kit.typed import Typed
from llmlora.kit.validation import RequestInvalidError, field_problems, request_invalid
from llmlora.kit.web.language import language_of
from llmlora.kit.web.problems import problem_of
from llmlora.kit.web.state import Web, WebState

router = APIRouter(tags=["events"])

MAX_SUBSCRIPTIONS = 200
MAX_MESSAGE_CHARS = 4096
RETRY_MS = 1000
HINT_S = 0.25
"""Between two hints about one thing."""
EVENT_STREAM = "text/event-stream"


class EventPage(BaseModel):
    """Events in order. `next`: what to give as `after`, null when these are the last for now; `over`: for ever.

    `earlier`: what to give as `before` with `tail`, null when there are none before these; `head_seq`: number of the
    job's last event of all, from which to follow it.
    """

    model_config = ConfigDict(extra="forbid")

    data: list[JobEvent]
    next: int | None
    earlier: int | None
    head_seq: int
    over: bool


@router.get(
    "/api/training/jobs/{job_id}/events",
    response_model=EventPage,
    responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
)
async def list_training_events(
    web: Web,
    hints: Hints,
    request: Request,
    job_id: JobId,
    after: Annotated[int, Query(ge=0, le=2**53, description="Number of the last event seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    types: Annotated[
        list[EventType] | None, Query(max_length=20, description="Events of these types alone.")
    ] = None,
    tail: Tail = None,
    before: Before = None,
    last_event_id: Annotated[str | None, Header(max_length=32)] = None,
) -> Response:
    """Events of a job: those behind `after`, or with `tail` the last ones.

    `Accept: text/event-stream` follows them live, from `Last-Event-ID` or `after` on.
    """
    refuse_two_directions(after=after, tail=tail, before=before)
    wanted = tuple(types or ())
    if EVENT_STREAM not in request.headers.get("accept", ""):
        page = await _page(web, job_id, wanted, after=after, limit=limit, tail=tail, before=before)
        return Response(page.model_dump_json(), media_type="application/json")
    if tail is not None:
        raise TwoDirectionsError
    if last_event_id is not None and last_event_id.isdigit():
        after = int(last_event_id)
    await read_batch(web.database, job_id, after=after, limit=1)  # an unknown job is a problem, not a stream
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    stream = _server_sent(web, hints, job_id, after, wanted)
    return StreamingResponse(stream, media_type=EVENT_STREAM, headers=headers)


async def _page(
    web: WebState,
    job_id: str,
    types: tuple[EventType, ...],
    *,
    after: int,
    limit: int,
    tail: int | None,
    before: int | None,
) -> EventPage:
    if tail is None:
        batch = await read_batch(web.database, job_id, after=after, limit=limit, types=types)
    else:
        batch = await read_last(web.database, job_id, before=before, limit=tail, types=types)
    return EventPage(
        data=batch.events,
        next=batch.events[-1].seq if tail is None and len(batch.events) == limit else None,
        earlier=earlier_than(batch.events, tail),
        head_seq=batch.head_seq,
        over=batch.over,
    )


async def _server_sent(
    web: WebState, hints: HintHub, job_id: str, after: int, types: tuple[EventType, ...]
) -> AsyncIterator[str]:
    """`id`, `event` and `data` per event; a comment when nothing happens; `event: over` at the end."""
    yield f"retry: {RETRY_MS}\n\n"
    with suppress(AppError):  # deleted meanwhile
        async for batch in follow_job(web.database, hints, job_id, after=after, types=types):
            for event in batch.events:
                yield f"id: {event.seq}\nevent: {event.body.type}\ndata: {event.model_dump_json()}\n\n"
            if not batch.events:
                yield f": head {batch.head_seq}\n\n"
            if batch.over:
                yield f"event: over\ndata: {batch.head_seq}\n\n"


class Subscribe(Typed):
    """Begin to follow a job behind an event."""

    model_config = ConfigDict(extra="forbid")

    subscribe: Annotated[str, Field(min_length=1, max_length=64)]
    after: int = Field(0, ge=0, le=2**53)


class Unsubscribe(BaseModel):
    """Stop following a job."""

    model_config = ConfigDict(extra="forbid")

    unsubscribe: Annotated[str, Field(min_length=1, max_length=64)]


class Watch(BaseModel):
    """Hear whenever there is something new about a sweep (or anything else that hints are sent of)."""

    model_config = ConfigDict(extra="forbid")

    watch: Annotated[str, Field(min_length=1, max_length=64)]


class HintMessage(BaseModel):
    """There is something new about what is watched: it is to be read again. The first comes at once."""

    type: Literal["hint"] = "hint"
    id: str


class EventsMessage(BaseModel):
    """Events of one job, in order, without a gap to those before."""

    type: Literal["events"] = "events"
    job_id: str
    events: list[JobEvent]
    head_seq: int
    over: bool


class PingMessage(BaseModel):
    """The job is as silent as it seems: its last event has this number."""

    type: Literal["ping"] = "ping"
    job_id: str
    head_seq: int


class ErrorMessage(BaseModel):
    """A message of the client could not be followed."""

    type: Literal["error"] = "error"
    job_id: str | None
    problem: dict[str, Any]


SOCKET_MESSAGES: tuple[type[BaseModel], ...] = (
    Subscribe,
    Unsubscribe,
    Watch,
    HintMessage,
    EventsMessage,
    PingMessage,
    ErrorMessage,
)
"""What goes over `/ws`; OpenAPI has no place for sockets, so their schemas are added to the document's components."""
_asked: TypeAdapter[Subscribe | Unsubscribe | Watch] = TypeAdapter(Subscribe | Unsubscribe | Watch)


class TooManySubscriptionsError(RequestInvalidError):
    """One socket follows more jobs than a page can show."""

    code = "too_many_subscriptions"
    ja = "1 つの接続で購読できるジョブは {limit} 件までです。購読を減らすか、接続を分けてください。"
    en = "One connection can follow at most {limit} jobs. Follow fewer, or open another connection."


class _Socket:
    """One connection: a task a followed job, each sending its pages itself, so that a slow reader slows only itself."""

    def __init__(self, socket: WebSocket, web: WebState, hints: HintHub) -> None:
        self._socket, self._web, self._hints = socket, web, hints
        self._following: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def serve(self) -> None:
        try:
            while True:
                await self._hear(await self._socket.receive_text())
        finally:
            for task in list(self._following.values()):
                task.cancel()

    async def _hear(self, text: str) -> None:
        try:
            asked = _asked.validate_json(text[: MAX_MESSAGE_CHARS + 1])
        except ValidationError as error:
            problems = field_problems(error.errors(include_url=False))
            await self._send_error(None, request_invalid(problems))
            return
        if isinstance(asked, Unsubscribe):
            task = self._following.pop(asked.unsubscribe, None)
            if task is not None:
                task.cancel()
            return
        name = asked.watch if isinstance(asked, Watch) else asked.subscribe
        if len(self._following) >= MAX_SUBSCRIPTIONS and name not in self._following:
            await self._send_error(name, TooManySubscriptionsError(limit=MAX_SUBSCRIPTIONS))
            return
        earlier = self._following.pop(name, None)
        if earlier is not None:
            earlier.cancel()
        doing = self._watch(name) if isinstance(asked, Watch) else self._follow(name, asked.after)
        task = asyncio.create_task(doing)
        self._following[name] = task
        task.add_done_callback(partial(self._forget, name))

    def _forget(self, job_id: str, ended: "asyncio.Task[None]") -> None:
        """A job that is over, unknown or deleted counts no longer, unless it was subscribed to anew meanwhile."""
        if self._following.get(job_id) is ended:
            del self._following[job_id]

    async def _follow(self, job_id: str, after: int) -> None:
        """Until the job is over; a database that restarts is waited for, from the last event that was sent."""
        while True:
            try:
                async for batch in follow_job(self._web.database, self._hints, job_id, after=after):
                    after = batch.events[-1].seq if batch.events else after
                    if batch.events or batch.over:
                        message: BaseModel = EventsMessage(
                            job_id=job_id, events=batch.events, head_seq=batch.head_seq, over=batch.over
                        )
                    else:
                        message = PingMessage(job_id=job_id, head_seq=batch.head_seq)
                    await self._send(message)
                return
            except AppError as error:
                await self._send_error(job_id, error)
                return
            except (WebSocketDisconnect, RuntimeError):
                return
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(1)

    async def _watch(self, name: str) -> None:
        """Until it is watched no more; however much happens, a few hints a second."""
        with self._hints.watching(name) as hint, suppress(WebSocketDisconnect, RuntimeError):
            while True:
                hint.clear()
                await self._send(HintMessage(id=name))
                await asyncio.sleep(HINT_S)
                await hint.wait()

    async def _send(self, message: BaseModel) -> None:
        async with self._sending:
            await self._socket.send_text(message.model_dump_json())

    async def _send_error(self, job_id: str | None, error: AppError) -> None:
        problem = problem_of(error, "/ws", language_of(self._socket.headers), None)
        await self._send(ErrorMessage(job_id=job_id, problem=json.loads(json.dumps(problem))))


@router.websocket("/ws")
async def follow_jobs(socket: WebSocket, web: Web, hints: Hints) -> None:
    """`{"subscribe": job, "after": n}` replays and follows; `{"watch": sweep}` hears of news; `{"unsubscribe": …}` ends that. See docs for messages."""
    await socket.accept()
    with suppress(WebSocketDisconnect):
        await _Socket(socket, web, hints).serve()
