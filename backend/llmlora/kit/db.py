"""PostgreSQL by SQLAlchemy and asyncpg. Transactions begin and end in `unit_of_work`; everything below it flushes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Mapped

from llmlora.kit.errors import AppError

Row = TypeVar("Row")
Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])

# SQLSTATE classes: connection exception, rollback (a deadlock), insufficient resources, operator intervention (a
# shutdown), system error.
_OUTAGE_CLASSES = frozenset({"08", "40", "53", "57", "58"})
# Text that PostgreSQL cannot hold: character_not_in_repertoire, untranslatable_character.
_UNSTORABLE = frozenset({"22021", "22P05"})


class Database:
    """A pool of connections to one database."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(asyncpg_url(url), pool_pre_ping=True)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        async with self._sessions() as session, session.begin():
            yield session

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


@dataclass(frozen=True)
class Order:
    """An order of rows that was asked for. `text`: as it was asked, with `-` in front for the largest first."""

    text: str
    value: ColumnElement[Any]

    @property
    def descending(self) -> bool:
        """Whether the largest come first."""
        return self.text.startswith("-")


def or_refuse(row: Row | None, refused: type[AppError], **facts: object) -> Row:
    """What was looked for.

    Raises:
        AppError: `refused`, with these facts, where there is none.
    """
    if row is None:
        raise refused(**facts)
    return row


def one_page(
    query: Rows,
    *keys: Mapped[Any],
    behind: tuple[Any, ...] | None,
    limit: int,
    newest_first: bool = True,
) -> Rows:
    """So many rows of a query in the order of some columns, behind the row in which those have these values.

    The columns name every row, such as a time and an id: two rows of one moment are neither lost nor given twice.
    """
    if behind is not None:
        place, seen = tuple_(*keys), tuple_(*map(literal, behind))
        query = query.where(place < seen if newest_first else place > seen)
    return query.order_by(*(key.desc() if newest_first else key.asc() for key in keys)).limit(limit)


def one_sorted_page(
    query: Rows,
    asked: Order,
    *keys: Mapped[Any],
    behind: tuple[Any, ...] | None,
    limit: int,
) -> Rows:
    """So many rows of a query in the order of a value, behind the row with these values (that of the order as `sorting_text`
    gave it). Rows without a value stand last, whichever way the others go; among equals the order is that of `one_page`.

    The value may be of any type that JSON has: numbers come before words, and are ordered by size.
    """
    order = _ordered(asked.value)
    if behind is not None:
        query = query.where(_is_behind(order, *keys, behind=behind, descending=asked.descending))
    first = order.desc() if asked.descending else order.asc()
    return query.order_by(first.nulls_last(), *(key.desc() for key in keys)).limit(limit)


def sorting_text(value: ColumnElement[Any]) -> ColumnElement[str | None]:
    """What `one_sorted_page` goes on behind: the value as it was compared, to the last digit; null where there is none."""
    return cast(_ordered(value), Text)


def _ordered(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.nullif(func.to_jsonb(value), cast(literal("null", Text), JSONB))


def _is_behind(
    order: ColumnElement[Any], *keys: Mapped[Any], behind: tuple[Any, ...], descending: bool
) -> ColumnElement[bool]:
    text, *rest = behind
    is_later = tuple_(*keys) < tuple_(*map(literal, rest))
    if text is None:
        return and_(order.is_(None), is_later)
    seen = cast(literal(text, Text), JSONB)
    is_next = order < seen if descending else order > seen
    return or_(is_next, and_(order == seen, is_later), order.is_(None))


def asyncpg_url(url: str) -> str:
    """`url` with the driver named, for those who write `postgresql://` or `postgres://` as elsewhere."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+asyncpg{separator}{rest}" if scheme in {"postgres", "postgresql"} else url


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the database is away or restarting, so that trying again can help."""
    if isinstance(error, DBAPIError) and (error.connection_invalidated or isinstance(error, InterfaceError)):
        return True
    cause = _cause(error)
    if isinstance(cause, asyncpg.PostgresError):
        return str(cause.sqlstate or "")[:2] in _OUTAGE_CLASSES
    return isinstance(cause, OSError | TimeoutError | asyncpg.InterfaceError)


def is_unstorable(error: BaseException) -> bool:
    """Whether an error says that a text holds what PostgreSQL cannot store (NUL, half of a surrogate pair)."""
    cause = _cause(error)
    if isinstance(cause, asyncpg.PostgresError):
        return cause.sqlstate in _UNSTORABLE
    return isinstance(cause, UnicodeError)


def _cause(error: BaseException) -> BaseException:
    """The driver's own error below SQLAlchemy's."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error
