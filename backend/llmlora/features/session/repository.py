"""SQL of the sessions of browsers. Flushes, never commits."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.tables.browser_session import BrowserSessionRow


async def add_session(session: AsyncSession, row: BrowserSessionRow) -> None:
    """Store one."""
    session.add(row)
    await session.flush()


async def is_open(session: AsyncSession, secret_hash: bytes, token_mark: bytes, now: datetime) -> bool:
    """Whether there is one of this token that has not expired."""
    found = await session.execute(
        select(col(BrowserSessionRow.secret_hash)).where(
            col(BrowserSessionRow.secret_hash) == secret_hash,
            col(BrowserSessionRow.token_mark) == token_mark,
            col(BrowserSessionRow.expires_at) > now,
        )
    )
    return found.first() is not None


async def end_session(session: AsyncSession, secret_hash: bytes) -> None:
    """Delete it, if it is there."""
    await session.execute(delete(BrowserSessionRow).where(col(BrowserSessionRow.secret_hash) == secret_hash))


async def end_sessions_of_other_tokens(
    session: AsyncSession, token_mark: bytes | None, now: datetime
) -> None:
    """Delete what an earlier token opened, and what has expired; None: there is no token now."""
    kept = col(BrowserSessionRow.expires_at) > now
    if token_mark is None:
        await session.execute(delete(BrowserSessionRow))
        return
    await session.execute(
        delete(BrowserSessionRow).where(or_(col(BrowserSessionRow.token_mark) != token_mark, ~kept))
    )
