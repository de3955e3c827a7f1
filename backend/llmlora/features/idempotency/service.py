"""`Idempotency-Key` (IETF draft-ietf-httpapi-idempotency-key-header-07): the first answer is kept for a day.

Guarantee: key and work are stored in one transaction; a second request with the key waits for the first and gets its
answer, a different request with the same key is refused.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.responses import Response

from llmlora.kit.clock import utc_now
from llmlora.kit.errors import InvalidInputError
from llmlora.tables.idempotency import IdempotencyRow

KEPT = timedelta(hours=24)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Sent again with the same key, the request is not done again: its first answer comes back.",
    ),
]


class KeyReusedError(InvalidInputError):
    """The same key came with another request."""

    code = "idempotency_key_reused"
    ja = "この Idempotency-Key は、内容の違うリクエストで使われています。新しいキーを指定してください。"
    en = "This Idempotency-Key was already used for a different request. Choose a new key."


async def once(
    session: AsyncSession,
    key: str | None,
    route: str,
    request: BaseModel,
    work: Callable[[], Awaitable[tuple[int, BaseModel, dict[str, str]]]],
) -> Response:
    """Do `work` (status, body, headers) in this transaction and keep its answer, or give the answer that is kept.

    Raises:
        KeyReusedError: the key belongs to another request.
    """
    if key is None:
        status, body, headers = await work()
        return _response(status, body.model_dump_json(), headers)
    digest = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
    await session.execute(delete(IdempotencyRow).where(col(IdempotencyRow.created_at) < func.now() - KEPT))
    new = insert(IdempotencyRow).values(key=key, route=route, request_sha256=digest, created_at=utc_now())
    mine = (await session.execute(new.on_conflict_do_nothing().returning(col(IdempotencyRow.key)))).first()
    row = await session.get_one(IdempotencyRow, (key, route))
    if mine is None:
        if row.request_sha256 != digest:
            raise KeyReusedError
        assert row.status is not None
        return _response(
            row.status, row.response or "", {**(row.headers or {}), "idempotency-replayed": "true"}
        )
    status, body, headers = await work()
    row.status, row.response, row.headers = status, body.model_dump_json(), headers
    await session.flush()
    return _response(status, row.response, headers)


def _response(status: int, body: str, headers: dict[str, str]) -> Response:
    return Response(body, status_code=status, media_type="application/json", headers=headers)
