"""One answer by one model, piece by piece. Closing the iterator stops the engine."""

from collections.abc import AsyncGenerator, Sequence

from llmlora.contracts.inference import ChatAnswer, ChatDelta, ChatMessage, ChatRequest, Sampling
from llmlora.features.chat.models import ChatModel
from llmlora.features.chat.state import Engines


async def stream_answer(
    engines: Engines, model: ChatModel, messages: Sequence[ChatMessage], sampling: Sampling
) -> AsyncGenerator[ChatDelta, None]:
    """Continue a conversation piece by piece; the last piece has the finish reason and the counts.

    Raises:
        UnavailableError: no server runs, or it cannot be reached, fails or is too slow.
        InvalidInputError: the conversation is too long, or the model's template refuses it.
        AppError: the server does not start, see `Engines.serving`.
    """
    async with engines.serving(model) as backend:
        async for delta in backend.stream(_request(model, messages, sampling, 0)):
            yield delta


async def whole_answer(
    engines: Engines,
    model: ChatModel,
    messages: Sequence[ChatMessage],
    sampling: Sampling,
    *,
    top_logprobs: int = 0,
) -> ChatAnswer:
    """Continue a conversation to the end of the answer; cancelling stops the engine.

    Raises:
        AppError: as `stream_answer`.
    """
    async with engines.serving(model) as backend:
        return await backend.answer(_request(model, messages, sampling, top_logprobs))


def _request(
    model: ChatModel, messages: Sequence[ChatMessage], sampling: Sampling, top_logprobs: int
) -> ChatRequest:
    return ChatRequest(
        model=model.spec.model_name,
        messages=tuple(messages),
        sampling=sampling,
        adapter=model.adapter,
        top_logprobs=top_logprobs,
    )
