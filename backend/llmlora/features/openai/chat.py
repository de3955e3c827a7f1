"""`/v1/chat/completions` and `/v1/models`. A client that leaves stops its answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, suppress
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import StreamingResponse
from starlette.responses import Response

from llmlora.contracts.inference import ChatAnswer, ChatDelta
from llmlora.features.chat.errors import ModelNotFoundError
from llmlora.features.chat.generation import stream_answer, whole_answer
from llmlora.features.chat.models import list_chat_models, resolve_model
from llmlora.features.chat.schemas import ChatModelOut
from llmlora.features.chat.state import ChatEngines
from llmlora.features.openai.completions import (
    Completion,
    chunks,
    messages_of,
    refuse_unsupported,
    sampling_of,
    top_logprobs_of,
    whole,
)
from llmlora.features.openai.fine_tuning_errors import problem_of
from llmlora.features.openai.route import OpenAIRoute, refused_as_400
from llmlora.features.openai.schemas import ChatCompletion, ChatCompletionRequest, ModelCard, ModelList
from llmlora.kit.errors import AppError
from llmlora.kit.web.problems import openai_error
from llmlora.kit.web.state import Web, WebState

router = APIRouter(prefix="/v1", tags=["openai"], route_class=OpenAIRoute)

OWNER = "llmlora"
# nginx's number for a client that left; nobody reads it but the log.
CLIENT_LEFT = 499
LOOK_INTERVAL_S = 0.5

_log = structlog.get_logger()

AnyModelName = Annotated[
    str, Path(min_length=1, max_length=1024, pattern=r"^[^\x00]*$", description="Name of a model.")
]


async def _open_streams() -> AsyncIterator[AsyncExitStack]:
    """What a streamed answer holds; closed when the client has left, whatever the stream was doing."""
    async with AsyncExitStack() as stack:
        yield stack


@router.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def create_chat_completion(
    web: Web,
    engines: ChatEngines,
    request: Request,
    given: ChatCompletionRequest,
    streams: Annotated[AsyncExitStack, Depends(_open_streams)],
) -> Response | ChatCompletion:
    """Answer a conversation; with `stream`, as Server-Sent Events that end with `[DONE]`."""
    refuse_unsupported(given)
    messages = messages_of(given)
    try:
        model = await resolve_model(web.database, web.settings.data_dir, engines.ollama, given.model)
    except AppError as error:
        error.fields = error.fields or (problem_of(error, "model"),)
        raise
    completion, sampling = Completion(model), sampling_of(given, model)
    if not given.stream:
        asked = whole_answer(engines, model, messages, sampling, top_logprobs=top_logprobs_of(given))
        answer = await _unless_client_leaves(request, asyncio.ensure_future(asked))
        return Response(status_code=CLIENT_LEFT) if answer is None else whole(completion, given, answer)
    pieces = await streams.enter_async_context(aclosing(stream_answer(engines, model, messages, sampling)))
    # The first piece is awaited here, so that an engine's refusal has a status of its own.
    begun = _from_first(await anext(pieces, None), pieces)
    include_usage = given.stream_options is not None and given.stream_options.include_usage
    lines = _lines(chunks(completion, begun, include_usage=include_usage))
    return StreamingResponse(lines, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


@router.get("/models")
async def list_openai_models(web: Web, engines: ChatEngines) -> ModelList:
    """Every model that can be talked to."""
    return ModelList(object="list", data=[_card(one) for one in await _servable(web, engines)])


@router.get("/models/{model:path}")
async def get_openai_model(web: Web, engines: ChatEngines, model: AnyModelName) -> ModelCard:
    """One model by its name or id."""
    known = await _servable(web, engines)
    for one in known:
        if model in (one.name, one.id):
            return _card(one)
    unknown = ModelNotFoundError(name=model, known=", ".join(one.name for one in known) or "–")
    unknown.fields = (problem_of(unknown, "model"),)
    raise unknown


async def _servable(web: WebState, engines: ChatEngines) -> list[ChatModelOut]:
    known = await list_chat_models(web.database, web.settings.data_dir, engines.ollama)
    return [one for one in known if one.servable]


def _card(one: ChatModelOut) -> ModelCard:
    created = int(one.created_at.timestamp())
    return ModelCard(id=one.name, object="model", created=created, owned_by=OWNER)


async def _unless_client_leaves(
    request: Request, answering: "asyncio.Future[ChatAnswer]"
) -> ChatAnswer | None:
    """The answer, or None: nobody waits for it any more, and the engine was stopped."""
    try:
        while not answering.done():
            await asyncio.wait({answering}, timeout=LOOK_INTERVAL_S)
            if not answering.done() and await request.is_disconnected():
                return None
        return answering.result()
    finally:
        answering.cancel()
        with suppress(asyncio.CancelledError, AppError):
            await answering


async def _from_first(first: ChatDelta | None, rest: AsyncIterator[ChatDelta]) -> AsyncIterator[ChatDelta]:
    if first is not None:
        yield first
    async for piece in rest:
        yield piece


async def _lines(parts: AsyncIterator[dict[str, object]]) -> AsyncIterator[str]:
    """Chunks as Server-Sent Events. An engine that fails halfway ends the stream with OpenAI's error form."""
    try:
        async for part in parts:
            yield f"data: {json.dumps(part, ensure_ascii=False)}\n\n"
        yield "data: [DONE]\n\n"
    except AppError as error:
        _log.warning("chat completion failed", code=error.code)
        yield f"data: {json.dumps(openai_error(refused_as_400(error)), ensure_ascii=False)}\n\n"
