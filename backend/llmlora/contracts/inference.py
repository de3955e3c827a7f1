"""One protocol for every inference engine: llama.cpp now, Ollama beside it."""

from collections.abc import AsyncIterator
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChatMessage(_Frozen):
    """One turn sent to a model. `tool_calls` is JSON text of a list, as in `contracts.dataset.Message`."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    name: str | None = None
    reasoning: str | None = None
    tool_calls: str | None = None
    tool_call_id: str | None = None


class Prompt(_Frozen):
    """A conversation to continue, and the tools it may call: JSON text of a list."""

    messages: tuple[ChatMessage, ...] = Field(min_length=1)
    tools: str | None = None


class Sampling(_Frozen):
    """How tokens are chosen. Temperature 0 is greedy."""

    temperature: float = Field(default=0.7, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    seed: int | None = None
    max_tokens: int = Field(default=512, ge=1, le=131_072)
    stop: tuple[str, ...] = ()


class ChatRequest(_Frozen):
    """A conversation to continue. `adapter` None asks the base model; else the slot of a loaded adapter."""

    model: str
    messages: tuple[ChatMessage, ...] = Field(min_length=1)
    tools: str | None = None
    """JSON text of a list. The model is told of them; its answer stays text as it was generated."""
    sampling: Sampling = Sampling()
    adapter: int | None = None
    top_logprobs: int = Field(default=0, ge=0, le=20)


class TokenLogprob(_Frozen):
    """One generated token, or the tokens of one character joined. `bytes_` is the truth: a token can be half a character.

    `id` where the engine gives it. Without ids `bytes_` may be rebuilt from text: U+FFFD then stands for whatever is no
    whole character, and is empty for special tokens; such an entry of `top` names no token.
    """

    id: int | None
    bytes_: bytes
    logprob: float
    top: tuple[tuple[int | None, bytes, float], ...] = ()
    joined: Literal["last", "last_or_sum"] = "last"
    """What `logprob` is where several tokens were joined: that of the last one, or either that or their sum."""


class ChatAnswer(_Frozen):
    """A whole answer. Durations in seconds; `finish_reason` is `stop` only when the model ended its turn."""

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    tokens: tuple[TokenLogprob, ...] = ()
    decode_s: float | None = None


class ChatDelta(_Frozen):
    """A piece of a streamed answer; the last one carries `finish_reason` and counts."""

    text: str = ""
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    tokens_per_s: float | None = None


class InferenceBackend(Protocol):
    """What the product asks of an engine. Calls raise `kit.errors.UnavailableError` when it cannot be reached."""

    @property
    def tells_token_ids(self) -> bool:
        """Whether log-probabilities name tokens by id. Otherwise pieces of characters cannot be told apart."""

    async def healthy(self) -> bool:
        """Whether the server answers."""

    async def prompt_ids(
        self, messages: tuple[ChatMessage, ...], tools: str | None = None
    ) -> tuple[int, ...] | None:
        """Token ids of the prompt as this engine renders it; None where the engine cannot tell."""

    async def answer(self, request: ChatRequest) -> ChatAnswer:
        """Generate to the end."""

    def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Generate piece by piece; closing the iterator stops the engine."""
