"""What every example is, once it has entered, and the turns of a conversation. Kinds declare the rest (`data.kinds`)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

DatasetKind = str
"""What the rows of a data set are: `family`, or `family.name`. Which there are is known by `data.kinds.registry`."""

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
    """One accepted row; each kind has an example of its own, with what its rows hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    """Row number in the original file, from 1."""
