"""What goes over the wire about chats."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from llmlora.contracts.inference import Sampling
from llmlora.features.deployments.schemas import Target
from llmlora.kit.typed import Typed
from llmlora.kit.web.pages import Page

# PostgreSQL's text holds every character but NUL.
NO_NUL = r"^[^\x00]*$"
ModelName = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=NO_NUL)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=NO_NUL)]
Content = Annotated[str, StringConstraints(min_length=1, max_length=200_000, pattern=NO_NUL)]
System = Annotated[str, StringConstraints(max_length=50_000, pattern=NO_NUL)]
StopWord = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
ModelNames = Annotated[list[ModelName], Field(min_length=1, max_length=2)]
# llama.cpp reads 2^32 - 1 as "choose a seed".
LARGEST_SEED = 2**32 - 2


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Asked(Typed):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SamplingIn(_Asked):
    """How tokens are chosen. Temperature 0 is greedy; `seed` null: another one each time."""

    temperature: float = Field(default=0.7, ge=0, le=2)
    top_p: float = Field(default=0.95, gt=0, le=1)
    seed: int | None = Field(default=None, ge=0, le=LARGEST_SEED)
    max_tokens: int = Field(default=512, ge=1, le=131_072)
    stop: list[StopWord] = Field(default=[], max_length=8)

    def as_sampling(self) -> Sampling:
        """The same for an engine."""
        return Sampling.model_validate(self.model_dump())


class SamplingOut(_Wire):
    """How tokens are chosen."""

    temperature: float
    top_p: float
    seed: int | None
    max_tokens: int
    stop: list[str]


class SessionIn(_Asked):
    """A new conversation. Without a title it takes the first question's words."""

    title: Title = ""
    system: System | None = None
    models: ModelNames
    sampling: SamplingIn = SamplingIn()


class SessionPatch(_Asked):
    """What changes; what is left out stays. `system` null takes the system prompt away."""

    title: Title | None = None
    system: System | None = None
    models: ModelNames | None = None
    sampling: SamplingIn | None = None


class QuestionIn(_Asked):
    """A question. `models` and `sampling` hold for this turn only; left out: the conversation's own."""

    content: Content
    models: ModelNames | None = None
    sampling: SamplingIn | None = None


class QuestionAgainIn(_Asked):
    """A question asked anew, in other words (`content`) or, without them, in the same."""

    content: Content | None = None
    models: ModelNames | None = None
    sampling: SamplingIn | None = None


class MessageOut(_Wire):
    """One turn. A question has role `user` and no model; the answers to it share the next position.

    `finish_reason`: `stop` (the model ended its turn), `length`, `stopped` (by a person), `error`.
    """

    id: str
    position: int
    role: Literal["user", "assistant"]
    model: str | None
    content: str
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    tokens_per_s: float | None
    sampling: SamplingOut | None
    asked: list[str] | None = Field(
        description="Of a question: the models that were asked, in their order; some may have said nothing."
    )
    created_at: datetime


class SessionOut(_Wire):
    """A conversation without its turns."""

    id: str
    title: str
    system: str | None
    models: list[str]
    sampling: SamplingOut
    tags: list[str]
    note: str
    created_at: datetime
    updated_at: datetime


class SessionList(Page[SessionOut]):
    """One page of the conversations. Of all of them: `total` says how many, `messages` how many turns they have."""

    total: int
    messages: int


class SessionWithMessagesOut(SessionOut):
    """A conversation with its turns, by position. `answering`: a question is being answered, to whomever asked it."""

    answering: bool
    messages: list[MessageOut]


class ChatModelOut(_Wire):
    """A name to choose. `servable` false: a base model without a GGUF, or one of Ollama's while Ollama is away.

    `kind` `ollama`: one that Ollama has from elsewhere; its id is its digest.
    """

    name: str
    kind: Literal["deployment", "base", "ollama"]
    engine: Target
    id: str
    base_reference: str | None
    servable: bool
    created_at: datetime


class ChatModelsOut(_Wire):
    """All names to choose: deployments first, the newest first."""

    data: list[ChatModelOut]


class DeltaEvent(_Wire):
    """SSE `delta`: the next piece of a model's answer."""

    model: str
    text: str


class DoneEvent(_Wire):
    """SSE `done`: a model's answer has ended and is kept as `message`."""

    model: str
    message: MessageOut
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    tokens_per_s: float | None
