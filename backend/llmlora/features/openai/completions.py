"""Turns chat completion requests into our own, refuses what we cannot honour, and answers in OpenAI's shapes."""

import hashlib
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from llmlora.contracts.inference import ChatAnswer, ChatDelta, ChatMessage, Sampling, TokenLogprob
from llmlora.features.chat.models import ChatModel
from llmlora.features.openai.errors import ParameterUnsupportedError
from llmlora.features.openai.schemas import (
    ChatCompletion,
    ChatCompletionRequest,
    Choice,
    ChoiceLogprobs,
    Chunk,
    CompletionAnswer,
    CompletionMessage,
    CompletionUsage,
    ContentLogprob,
    TopLogprob,
)

# llama.cpp takes 32 bits and reads the largest value as "choose a seed".
SEEDS = 2**32 - 1


@dataclass(frozen=True)
class Completion:
    """What all parts of one answer say about themselves."""

    model: ChatModel
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def fingerprint(self) -> str:
        """The same for the same files and settings of the server."""
        return f"fp_{hashlib.sha256(self.model.spec.model_dump_json().encode()).hexdigest()[:12]}"


def refuse_unsupported(given: ChatCompletionRequest) -> None:
    """Refuse what would silently be answered otherwise than asked.

    Raises:
        ParameterUnsupportedError: names the parameter.
    """
    named = {
        "n": (given.n or 1) > 1,
        "tools": bool(given.tools),
        "functions": bool(given.functions),
        "response_format": (given.response_format or {"type": "text"}).get("type") != "text",
        "modalities": any(kind != "text" for kind in given.modalities or ()),
        "audio": given.audio is not None,
        "frequency_penalty": bool(given.frequency_penalty),
        "presence_penalty": bool(given.presence_penalty),
        "logit_bias": bool(given.logit_bias),
    }
    for name, is_asked_for in named.items():
        if is_asked_for:
            raise ParameterUnsupportedError(name)
    if given.top_logprobs is not None and not given.logprobs:
        raise ParameterUnsupportedError(
            "top_logprobs", "logprobs を true にしてください。", "Set logprobs to true with it."
        )
    if given.stream and given.logprobs:
        raise ParameterUnsupportedError(
            "logprobs", "stream と同時には使えません。", "It cannot be combined with stream."
        )
    if given.stream_options is not None and not given.stream:
        raise ParameterUnsupportedError(
            "stream_options", "stream を true にしてください。", "Set stream to true with it."
        )


def messages_of(given: ChatCompletionRequest) -> tuple[ChatMessage, ...]:
    """The conversation in our own words.

    Raises:
        ParameterUnsupportedError: a message holds more than text.
    """
    return tuple(_message(number, one) for number, one in enumerate(given.messages))


def sampling_of(given: ChatCompletionRequest, model: ChatModel) -> Sampling:
    """OpenAI's defaults: temperature 1, top_p 1, answers as long as the context."""
    stop = (given.stop,) if isinstance(given.stop, str) else tuple(given.stop or ())
    return Sampling(
        temperature=1.0 if given.temperature is None else given.temperature,
        top_p=1.0 if given.top_p is None else given.top_p,
        seed=None if given.seed is None else given.seed % SEEDS,
        max_tokens=given.max_completion_tokens or given.max_tokens or min(model.spec.n_ctx, 131_072),
        stop=stop,
    )


def top_logprobs_of(given: ChatCompletionRequest) -> int:
    """How many the engine has to tell; it tells the chosen token's only beside at least one."""
    return max(1, given.top_logprobs or 0) if given.logprobs else 0


def whole(completion: Completion, given: ChatCompletionRequest, answer: ChatAnswer) -> ChatCompletion:
    """An answer as one document."""
    logprobs = None
    if given.logprobs:
        tokens = [_logprob(token, given.top_logprobs or 0) for token in answer.tokens]
        logprobs = ChoiceLogprobs(content=tokens, refusal=None)
    choice = Choice(
        index=0,
        message=CompletionAnswer(role="assistant", content=answer.text, refusal=None),
        logprobs=logprobs,
        finish_reason=answer.finish_reason,
    )
    return ChatCompletion(
        id=completion.id,
        object="chat.completion",
        created=completion.created,
        model=completion.model.name,
        choices=[choice],
        usage=_usage(answer.prompt_tokens, answer.completion_tokens),
        system_fingerprint=completion.fingerprint,
    )


async def chunks(
    completion: Completion, pieces: AsyncIterator[ChatDelta], *, include_usage: bool
) -> AsyncIterator[Chunk]:
    """An answer as `chat.completion.chunk`s: the role, the text, the finish reason and, if wanted, the counts.

    Raises:
        AppError: as `pieces` does.
    """
    more = {"usage": None} if include_usage else {}
    yield _chunk(completion, [_choice({"role": "assistant", "content": "", "refusal": None}, None)]) | more
    async for piece in pieces:
        if piece.text:
            yield _chunk(completion, [_choice({"content": piece.text}, None)]) | more
        if piece.finish_reason is not None:
            yield _chunk(completion, [_choice({}, piece.finish_reason)]) | more
            if include_usage:
                usage = _usage(piece.prompt_tokens or 0, piece.completion_tokens or 0)
                yield _chunk(completion, []) | {"usage": usage.model_dump()}


def _message(number: int, given: CompletionMessage) -> ChatMessage:
    at = f"messages.{number}"
    if given.role in ("tool", "function") or given.tool_calls:
        raise ParameterUnsupportedError(f"{at}.{'tool_calls' if given.tool_calls else 'role'}")
    if given.content is None:
        raise ParameterUnsupportedError(
            f"{at}.content", "文字列を指定してください。", "Pass text instead of null."
        )
    text = given.content
    if not isinstance(text, str):
        for place, part in enumerate(text):
            if part.type != "text" or part.text is None:
                raise ParameterUnsupportedError(
                    f"{at}.content.{place}.{'text' if part.type == 'text' else 'type'}",
                    "使えるのは text だけです。",
                    "Use text parts only.",
                )
        text = "".join(part.text or "" for part in text)
    role = "system" if given.role == "developer" else given.role
    return ChatMessage.model_validate({"role": role, "content": text})


def _logprob(token: TokenLogprob, shown: int) -> ContentLogprob:
    top = [TopLogprob(**_token(bytes_, logprob)) for _, bytes_, logprob in token.top[:shown]]
    return ContentLogprob(**_token(token.bytes_, token.logprob), top_logprobs=top)


def _token(bytes_: bytes, logprob: float) -> dict[str, object]:
    return {"token": bytes_.decode(errors="replace"), "logprob": logprob, "bytes": list(bytes_)}


def _usage(prompt_tokens: int, completion_tokens: int) -> CompletionUsage:
    return CompletionUsage(
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        total_tokens=prompt_tokens + completion_tokens,
    )


def _choice(delta: dict[str, object], finish_reason: str | None) -> dict[str, object]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _chunk(completion: Completion, choices: list[dict[str, object]]) -> Chunk:
    return {
        "id": completion.id,
        "object": "chat.completion.chunk",
        "created": completion.created,
        "model": completion.model.name,
        "system_fingerprint": completion.fingerprint,
        "choices": choices,
    }
