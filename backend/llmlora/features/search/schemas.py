"""What a search finds, on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from llmlora.features.labels.things import ThingKind


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MarkOut(_Wire):
    """A part of a text that was searched for: from the character `start` to before `end`, in code points."""

    start: int
    end: int


class ExcerptOut(_Wire):
    """Where it was found, when not in the name alone."""

    of: Literal["tag", "note", "message"]
    text: str
    marks: list[MarkOut]


class FoundOut(_Wire):
    """A thing that was found. `state`: of a job or a deployment's record; `at`: made, or for a chat last used."""

    kind: ThingKind
    id: str
    name: str
    marks: list[MarkOut]
    tags: list[str]
    state: str | None
    at: datetime
    excerpt: ExcerptOut | None


class SearchOut(_Wire):
    """What was found: kind by kind, the best first. `more`: kinds of which there is more than was asked for."""

    data: list[FoundOut]
    more: list[ThingKind]
