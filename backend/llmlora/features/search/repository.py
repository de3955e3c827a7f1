"""SQL of searches. Every word has to stand in the same thing; rows are read as `searchable` (migration 0011) folds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.features.labels.things import THINGS, ThingKind
from llmlora.recipes import RECIPES
from llmlora.tables.chat_message import SEARCHED, ChatMessageRow
from llmlora.tables.chat_session import ChatSessionRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow


@dataclass(frozen=True)
class Found:
    """A row that has all the words: in its name, tags and note together, or in one `message`."""

    id: str
    name: str
    tags: list[str]
    note: str
    state: str | None
    at: datetime
    message: str | None = None


_STATES: dict[ThingKind, Any] = {
    "job": col(JobRow.state),
    "deployment": col(DeploymentRow.state),
}


async def find_things(
    session: AsyncSession, kind: ThingKind, words: Sequence[str], limit: int
) -> list[Found]:
    """Things of a kind: one that is called just so, one whose name begins so, or has it, then by tags, then by notes."""
    thing = THINGS[kind]
    name, note = func.searchable(thing.name), func.searchable(thing.column("note"))
    tags = func.searchable(func.array_to_string(thing.column("tags"), "\n"))
    whole = func.searchable(" ".join(words))
    rank = case(
        (name == whole, 0),
        (func.starts_with(name, whole), 1),
        (_has(name, words), 2),
        (_has(name + "\n" + tags, words), 3),
        else_=4,
    )
    found = (
        _columns(kind, null())
        .where(_has(name + "\n" + tags + "\n" + note, words))
        .order_by(rank, *_first(kind), thing.column(thing.moved_at).desc(), thing.column("id"))
    )
    return [Found(*row) for row in await session.execute(found.limit(limit))]


async def find_chats_by_messages(
    session: AsyncSession, words: Sequence[str], limit: int, but: Sequence[str]
) -> list[Found]:
    """Other chats in which a question or an answer has the words, each with the last of those, the one used last first."""
    hits = (
        select(col(ChatMessageRow.session_id), col(ChatMessageRow.id))
        .where(_has(SEARCHED, words), col(ChatMessageRow.session_id).not_in(but))
        .distinct(col(ChatMessageRow.session_id))
        .order_by(col(ChatMessageRow.session_id), col(ChatMessageRow.position).desc(), col(ChatMessageRow.id))
        .subquery()
    )
    found = (
        _columns("chat", col(ChatMessageRow.content))
        .join(hits, hits.c.session_id == col(ChatSessionRow.id))
        .join(ChatMessageRow, col(ChatMessageRow.id) == hits.c.id)
        .order_by(col(ChatSessionRow.updated_at).desc(), col(ChatSessionRow.id))
    )
    return [Found(*row) for row in await session.execute(found.limit(limit))]


def _columns(kind: ThingKind, message: Any) -> Select[*tuple[Any, ...]]:
    thing = THINGS[kind]
    columns: list[Any] = [
        thing.column("id"),
        thing.name,
        thing.column("tags"),
        thing.column("note"),
        _STATES.get(kind, null()),
        thing.column(thing.moved_at),
        message,
    ]
    return select(*columns)


def _first(kind: ThingKind) -> list[ColumnElement[Any]]:
    """Of jobs that are called alike, those that train come before what followed them."""
    training = [recipe.name for recipe in RECIPES.values() if recipe.trains]
    return [col(JobRow.recipe).in_(training).desc()] if kind == "job" else []


def _has(text: ColumnElement[Any], words: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(func.strpos(text, func.searchable(word)) > literal(0) for word in words))
