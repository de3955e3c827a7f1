"""Lists on the wire: `{"data": […], "next": cursor | null}`, ordered by time and id, newest first."""

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
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), id_]).encode()).decode().rstrip("=")


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
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, id_ = json.loads(base64.urlsafe_b64decode(padded.encode()))
        moment = datetime.fromisoformat(at)
    except (ValueError, binascii.Error, TypeError, UnicodeError, RecursionError) as error:
        raise CursorInvalidError from error
    if moment.tzinfo is None or not isinstance(id_, str) or "\0" in id_:
        raise CursorInvalidError
    return moment, id_
