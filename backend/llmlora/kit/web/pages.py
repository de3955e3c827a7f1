"""Lists on the wire: `{"data": […], "next": cursor | null}`, ordered by time and id, newest first, or as one asks."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict

from llmlora.kit.errors import InvalidInputError

T = TypeVar("T")
Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=200, description="Largest number of entries in one page.")]
After = Annotated[str | None, Query(max_length=256, description="`next` of the page before.")]

SortedAfter = Annotated[str | None, Query(max_length=8192, description="`next` of the page before.")]
"""Where a page can be sorted: its cursor holds the value of its last row."""


class CursorInvalidError(InvalidInputError):
    """A cursor that no page gave."""

    code = "cursor_invalid"
    ja = "after の値が正しくありません。前のページの next の値をそのまま指定してください。"
    en = "The value of `after` is not valid. Pass `next` of the previous page unchanged."


class Page(BaseModel, Generic[T]):
    """One page. `next` null: the last one."""

    model_config = ConfigDict(extra="forbid")

    data: list[T]
    next: str | None


def cursor_of(at: datetime, id_: str) -> str:
    """The cursor behind an entry."""
    return _encoded([at.isoformat(), id_])


def page_of(
    rows: Sequence[Row], limit: int, place: Callable[[Row], tuple[datetime, str]]
) -> tuple[Sequence[Row], str | None]:
    """Of rows of which one more than `limit` was asked for: those of the page, and the cursor behind them if more follow.

    `place`: time and id of a row.
    """
    shown = rows[:limit]
    return shown, cursor_of(*place(shown[-1])) if len(rows) > limit else None


def parse_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """What `cursor_of` was given; None for the first page, whose cursor is None or empty.

    Raises:
        CursorInvalidError: it is something else.
    """
    if not cursor:
        return None
    match _decoded(cursor):
        case [str(at), str(id_)]:
            return _place(at, id_)
    raise CursorInvalidError


def sorted_page_of(
    rows: Sequence[Row], limit: int, sort: str, place: Callable[[Row], tuple[str | None, datetime, str]]
) -> tuple[Sequence[Row], str | None]:
    """As `page_of`, in an order that was asked for. `place`: value (`kit.db.sorting_text`), time and id of a row."""
    shown = rows[:limit]
    if len(rows) <= limit:
        return shown, None
    value, at, id_ = place(shown[-1])
    return shown, _encoded([sort, value, at.isoformat(), id_])


def parse_sorted_cursor(cursor: str | None, sort: str) -> tuple[str | None, datetime, str] | None:
    """Value, time and id of the row behind which a page in this order begins; None for the first page.

    Raises:
        CursorInvalidError: `sorted_page_of` did not give it, or for another order.
    """
    if not cursor:
        return None
    match _decoded(cursor):
        case [str(order), (str() | None) as value, str(at), str(id_)] if order == sort and _is_json(value):
            return value, *_place(at, id_)
    raise CursorInvalidError


def _is_json(text: str | None) -> bool:
    """Whether PostgreSQL takes it for a JSON value."""
    if text is None:
        return True
    try:
        json.dumps(json.loads(text), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return False
    return "\\u0000" not in text


def _encoded(parts: list[str | None]) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> object:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, binascii.Error, TypeError, UnicodeError, RecursionError) as error:
        raise CursorInvalidError from error


def _place(at: str, id_: str) -> tuple[datetime, str]:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise CursorInvalidError from error
    if moment.tzinfo is None or "\0" in id_:
        raise CursorInvalidError
    return moment, id_
