"""SQL of conversations. Flushes, never commits."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.features.labels.things import tagged
from llmlora.kit.db import one_page
from llmlora.tables.chat_message import ChatMessageRow
from llmlora.tables.chat_session import ChatSessionRow


async def find_session(session: AsyncSession, session_id: str) -> ChatSessionRow | None:
    """The conversation with that id."""
    return await session.get(ChatSessionRow, session_id)


async def lock_session(session: AsyncSession, session_id: str) -> ChatSessionRow | None:
    """The conversation with that id; nobody else adds turns to it until this transaction ends."""
    return await session.get(ChatSessionRow, session_id, with_for_update=True, populate_existing=True)


async def insert(session: AsyncSession, row: ChatSessionRow | ChatMessageRow) -> None:
    """Add a conversation or a turn."""
    session.add(row)
    await session.flush()


async def delete_session(session: AsyncSession, row: ChatSessionRow) -> None:
    """Remove a conversation with its turns."""
    await session.delete(row)
    await session.flush()


async def list_last_used_first(
    session: AsyncSession, *, after: tuple[datetime, str] | None, limit: int, tag: str | None
) -> Sequence[ChatSessionRow]:
    """Conversations, the one used last first, behind a cursor."""
    keys = (col(ChatSessionRow.updated_at), col(ChatSessionRow.id))
    matching = select(ChatSessionRow).where(*tagged("chat", tag))
    wanted = one_page(matching, *keys, behind=after, limit=limit)
    return (await session.scalars(wanted)).all()


async def count_all(session: AsyncSession, *, tag: str | None) -> tuple[int, int]:
    """How many conversations there are with that tag, and how many turns they have together."""
    ids = select(col(ChatSessionRow.id)).where(*tagged("chat", tag))
    turns = select(func.count()).where(col(ChatMessageRow.session_id).in_(ids))
    sessions = await session.scalar(select(func.count()).select_from(ids.subquery()))
    return sessions or 0, await session.scalar(turns) or 0


async def list_messages(session: AsyncSession, session_id: str) -> Sequence[ChatMessageRow]:
    """All turns by position."""
    query = select(ChatMessageRow).where(col(ChatMessageRow.session_id) == session_id)
    by_position = query.order_by(col(ChatMessageRow.position), col(ChatMessageRow.id))
    return (await session.execute(by_position)).scalars().all()


async def find_message(session: AsyncSession, message_id: str) -> ChatMessageRow | None:
    """The turn with that id."""
    return await session.get(ChatMessageRow, message_id)


async def last_question_position(session: AsyncSession, session_id: str) -> int | None:
    """Where the newest question stands."""
    query = select(func.max(col(ChatMessageRow.position))).where(
        col(ChatMessageRow.session_id) == session_id, col(ChatMessageRow.role) == "user"
    )
    return (await session.execute(query)).scalar_one()


async def find_question(session: AsyncSession, session_id: str, position: int) -> ChatMessageRow | None:
    """The question at that position."""
    query = select(ChatMessageRow).where(
        col(ChatMessageRow.session_id) == session_id,
        col(ChatMessageRow.position) == position,
        col(ChatMessageRow.role) == "user",
    )
    return (await session.execute(query)).scalar_one_or_none()


async def delete_from(session: AsyncSession, session_id: str, position: int) -> None:
    """Remove the turns from that position on."""
    await session.execute(
        delete(ChatMessageRow).where(
            col(ChatMessageRow.session_id) == session_id, col(ChatMessageRow.position) >= position
        )
    )
