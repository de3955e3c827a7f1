"""Who needs what, on the wire."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class NeedOut(BaseModel):
    """Somebody who needs a thing. `state` is that of a job or of a deployment's record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["deployment", "job", "base_model"]
    id: str
    name: str
    state: str


class MentionOut(BaseModel):
    """Somebody who stays, but names what would be gone: a chat with a model, a job that has read its data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["chat", "job"]
    id: str
    name: str


class NeededOut(BaseModel):
    """A thing that is to be deleted: who needs it (then it cannot be), and who names it. At most 50 of each.

    A job that has not ended needs itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    needs: list[NeedOut]
    mentions: list[MentionOut]


class NeededList(BaseModel):
    """Those of the things asked about that there are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: list[NeededOut]
