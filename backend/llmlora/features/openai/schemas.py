"""Chat completions and models in OpenAI's own shapes.

Unlike elsewhere, keys we do not know are ignored: clients of OpenAI-compatible servers send the newest ones.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from llmlora.kit.typed import Typed

ModelName = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]*$")]
StopWord = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MessageText = Annotated[str, StringConstraints(max_length=1_000_000)]


class _Given(Typed):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContentPart(_Given):
    """A part of a message. Only `text` can be answered."""

    type: str = Field(max_length=64)
    text: MessageText | None = None


class CompletionMessage(_Given):
    """One turn. `developer` is OpenAI's newer word for `system`."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: MessageText | Annotated[list[ContentPart], Field(max_length=1000)] | None = None
    tool_calls: list[JsonValue] | None = Field(default=None, max_length=128)


class StreamOptions(_Given):
    """What a stream carries besides the answer."""

    include_usage: bool = False


class ChatCompletionRequest(_Given):
    """`POST /v1/chat/completions`. Parameters from `n` on that differ from their default are refused, not ignored."""

    model: ModelName
    messages: list[CompletionMessage] = Field(min_length=1, max_length=2000)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=131_072)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=131_072)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)
    stop: StopWord | Annotated[list[StopWord], Field(max_length=8)] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    n: int | None = Field(default=None, ge=1, le=128)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    logit_bias: dict[str, float] | None = Field(default=None, max_length=1024)
    response_format: dict[str, JsonValue] | None = None
    modalities: list[str] | None = Field(default=None, max_length=8)
    audio: dict[str, JsonValue] | None = None
    tools: list[JsonValue] | None = Field(default=None, max_length=128)
    functions: list[JsonValue] | None = Field(default=None, max_length=128)


class TopLogprob(_Sent):
    """A token that could have been chosen."""

    token: str
    logprob: float
    bytes: list[int]


class ContentLogprob(TopLogprob):
    """A token that was chosen, and the likeliest at its place."""

    top_logprobs: list[TopLogprob]


class ChoiceLogprobs(_Sent):
    """Log probabilities of an answer's tokens."""

    content: list[ContentLogprob]
    refusal: None


class CompletionAnswer(_Sent):
    """What the model said."""

    role: Literal["assistant"]
    content: str
    refusal: None


class Choice(_Sent):
    """The one answer."""

    index: int
    message: CompletionAnswer
    logprobs: ChoiceLogprobs | None
    finish_reason: str


class CompletionUsage(_Sent):
    """Counts of tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(_Sent):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: CompletionUsage
    system_fingerprint: str


class ModelCard(_Sent):
    """A model by its name."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(_Sent):
    """All models."""

    object: Literal["list"]
    data: list[ModelCard]


Chunk = dict[str, Any]
"""One `chat.completion.chunk`; its shape varies: `usage` is there only where the client asked for it."""
