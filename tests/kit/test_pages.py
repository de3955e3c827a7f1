"""Lists in pages: nothing is lost or given twice where one ends and the next begins."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from llmlora.kit.db import Database, one_page
from llmlora.kit.web.pages import CursorInvalidError, cursor_of, page_of, parse_cursor

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class _Base(DeclarativeBase):
    """Tables of this file."""


class _Noted(_Base):
    __tablename__ = "noted"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A table of seven rows, of which three are of one moment; gone with its transaction."""
    async with database.unit_of_work() as opened:
        await opened.execute(
            text("CREATE TEMPORARY TABLE noted (id text PRIMARY KEY, at timestamptz) ON COMMIT DROP")
        )
        for number, name in enumerate("abcdefg"):
            minutes = 2 if name in "cde" else number
            row = {"id": name, "at": NOON + timedelta(minutes=minutes)}
            await opened.execute(text("INSERT INTO noted VALUES (:id, :at)"), row)
        yield opened


async def walked(session: AsyncSession, limit: int, *, newest_first: bool = True) -> list[list[str]]:
    """Ids, page by page, each asked for by the cursor of the one before."""
    pages, cursor = [], None
    while True:
        wanted = one_page(
            select(_Noted.at, _Noted.id),
            _Noted.at,  # type: ignore[arg-type]
            _Noted.id,  # type: ignore[arg-type]
            behind=parse_cursor(cursor),
            limit=limit + 1,
            newest_first=newest_first,
        )
        rows = (await session.execute(wanted)).all()
        shown, cursor = page_of(rows, limit, lambda row: (row.at, row.id))
        pages.append([row.id for row in shown])
        if cursor is None:
            return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
async def test_every_row_is_on_one_page_wherever_a_moment_is_cut(session: AsyncSession, limit: int) -> None:
    pages = await walked(session, limit)
    assert [id_ for page in pages for id_ in page] == list("gfedcba")
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]


async def test_oldest_first_is_the_same_backwards(session: AsyncSession) -> None:
    pages = await walked(session, 2, newest_first=False)
    assert [id_ for page in pages for id_ in page] == list("abcdefg")


async def test_list_without_a_row_is_one_empty_page(session: AsyncSession) -> None:
    await session.execute(text("DELETE FROM noted"))
    assert await walked(session, 3) == [[]]


def test_first_page_has_no_cursor_and_what_no_page_gave_is_refused() -> None:
    assert parse_cursor(None) is None
    assert parse_cursor("") is None
    assert parse_cursor(cursor_of(NOON, "job_x")) == (NOON, "job_x")
    for given in ("x", "bm9uZQ", cursor_of(NOON.replace(tzinfo=None), "a"), cursor_of(NOON, "a\0")):
        with pytest.raises(CursorInvalidError):
            parse_cursor(given)
