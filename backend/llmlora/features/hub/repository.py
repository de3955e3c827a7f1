"""SQL of stored secrets. Flushes, never commits."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.tables.secret import SecretRow


async def find_secret(session: AsyncSession, name: str) -> SecretRow | None:
    """The secret of that name."""
    return await session.get(SecretRow, name)


async def keep_secret(session: AsyncSession, row: SecretRow) -> None:
    """Store a secret in place of the one of its name."""
    await session.merge(row)
    await session.flush()


async def forget_secret(session: AsyncSession, name: str) -> None:
    """Delete it, if it is there."""
    await session.execute(delete(SecretRow).where(col(SecretRow.name) == name))
