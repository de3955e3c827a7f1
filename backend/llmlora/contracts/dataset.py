"""What an example is, once it has entered: one canonical shape per kind."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict


class DatasetKind(StrEnum):
    """What the rows of a dataset are."""

    INSTRUCTION = "text.instruction"
    CHAT = "text.chat"
    COMPLETION = "text.completion"
    PREFERENCE = "text.preference"


KIND_WORDS: dict[DatasetKind, tuple[str, str]] = {
    DatasetKind.INSTRUCTION: ("指示と応答", "instructions"),
    DatasetKind.CHAT: ("会話", "conversations"),
    DatasetKind.COMPLETION: ("文章", "text"),
    DatasetKind.PREFERENCE: ("好みの対", "preferences"),
}
"""What a sentence calls a kind: Japanese, English."""


def kind_words(*kinds: DatasetKind | str) -> tuple[str, str]:
    """These kinds as a sentence lists them: Japanese, English."""
    named = [KIND_WORDS[DatasetKind(kind)] for kind in kinds]
    return "、".join(ja for ja, _ in named), ", ".join(en for _, en in named)


Role = Literal["system", "user", "assistant", "tool"]


class Message(BaseModel):
    """One turn. `tool_calls` is JSON text (Arrow cannot hold arguments whose types differ by row)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    content: str
    name: str | None = None
    reasoning: str | None = None
    """What the assistant thought before it answered, where the source keeps it beside the content."""
    tool_calls: str | None = None
    tool_call_id: str | None = None
    """The call that a tool's turn answers."""
    train: bool = True
    """False: an assistant turn that gives context but no loss."""


class Example(BaseModel):
    """One accepted row.

    instruction, chat: `messages` (and `tools`, JSON text). completion: `completion`, with `prompt` where the
    source had one (None: plain text). preference: `messages` (the prompt), `chosen`, `rejected`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    """Row number in the original file, from 1."""
    messages: tuple[Message, ...] = ()
    tools: str | None = None
    prompt: str | None = None
    completion: str | None = None
    chosen: str | None = None
    rejected: str | None = None
