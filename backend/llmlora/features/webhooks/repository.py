"""SQL of webhooks and what they are told. Flushes, never commits."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.tables.webhook import WebhookRow
from llmlora.tables.webhook_delivery import WebhookDeliveryRow

KEPT = 100
"""Messages of a webhook that are remembered."""


async def list_webhooks(session: AsyncSession) -> list[WebhookRow]:
    """All of them, in the order in which they came."""
    found = select(WebhookRow).order_by(col(WebhookRow.created_at), col(WebhookRow.id))
    return list((await session.scalars(found)).all())


async def find_webhook(session: AsyncSession, webhook_id: str) -> WebhookRow | None:
    """The webhook of an id."""
    return await session.get(WebhookRow, webhook_id)


async def keep_webhook(session: AsyncSession, row: WebhookRow) -> None:
    """Store one in place of that of its id."""
    await session.merge(row)
    await session.flush()


async def forget_webhook(session: AsyncSession, webhook_id: str) -> None:
    """Delete it, and what it was told."""
    await session.execute(delete(WebhookRow).where(col(WebhookRow.id) == webhook_id))


async def forget_others_of_settings(session: AsyncSession, kept: Collection[str]) -> None:
    """Delete those that stood in the settings and no longer do."""
    gone = delete(WebhookRow).where(col(WebhookRow.from_settings), col(WebhookRow.id).not_in(kept))
    await session.execute(gone)


async def forget_waiting(session: AsyncSession, webhook_id: str) -> None:
    """Delete what it was still to be told."""
    waiting = and_(_of(webhook_id), col(WebhookDeliveryRow.state) == "waiting")
    await session.execute(delete(WebhookDeliveryRow).where(waiting))


async def add_delivery(session: AsyncSession, row: WebhookDeliveryRow) -> None:
    """Store a message that is to go out."""
    session.add(row)
    await session.flush()


async def list_deliveries(
    session: AsyncSession, webhook_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[WebhookDeliveryRow]:
    """What a webhook was told, newest first."""
    found = select(WebhookDeliveryRow).where(_of(webhook_id))
    place = tuple_(col(WebhookDeliveryRow.created_at), col(WebhookDeliveryRow.id))
    if before is not None:
        found = found.where(place < before)
    newest = col(WebhookDeliveryRow.created_at).desc(), col(WebhookDeliveryRow.id).desc()
    return list((await session.scalars(found.order_by(*newest).limit(limit))).all())


async def claim_due(session: AsyncSession, *, limit: int, lease: timedelta) -> Sequence[WebhookDeliveryRow]:
    """Take messages whose time has come, by the database's clock; whoever dies with one loses it after the lease."""
    due = (
        select(WebhookDeliveryRow)
        .where(
            col(WebhookDeliveryRow.state).in_(("waiting", "sending")),
            col(WebhookDeliveryRow.next_at) <= func.now(),
        )
        .order_by(col(WebhookDeliveryRow.next_at), col(WebhookDeliveryRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    claimed = (await session.scalars(due)).all()
    for one in claimed:
        one.state, one.attempts = "sending", one.attempts + 1
        one.next_at = func.now() + lease  # type: ignore[assignment]
    await session.flush()
    for one in claimed:
        await session.refresh(one)
    return claimed


async def settle(
    session: AsyncSession,
    told: WebhookDeliveryRow,
    *,
    state: str,
    status: int | None,
    problem: str | None,
    again_in: timedelta | None = None,
) -> None:
    """Write down how a try went, unless another has taken the message meanwhile."""
    mine = and_(
        col(WebhookDeliveryRow.id) == told.id,
        col(WebhookDeliveryRow.state) == "sending",
        col(WebhookDeliveryRow.attempts) == told.attempts,
    )
    ended = {} if again_in is not None else {"ended_at": func.now()}
    again = {} if again_in is None else {"next_at": func.now() + again_in}
    change = {"state": state, "status": status, "problem": problem, **ended, **again}
    await session.execute(update(WebhookDeliveryRow).where(mine).values(change))


async def forget_old(session: AsyncSession, webhook_id: str) -> None:
    """Delete what was delivered, or could not be, beyond the newest."""
    newest = col(WebhookDeliveryRow.created_at).desc(), col(WebhookDeliveryRow.id).desc()
    kept = select(col(WebhookDeliveryRow.id)).where(_of(webhook_id)).order_by(*newest).limit(KEPT)
    over = or_(col(WebhookDeliveryRow.state) == "delivered", col(WebhookDeliveryRow.state) == "failed")
    old = delete(WebhookDeliveryRow).where(_of(webhook_id), over, col(WebhookDeliveryRow.id).not_in(kept))
    await session.execute(old)


def _of(webhook_id: str) -> ColumnElement[bool]:
    return col(WebhookDeliveryRow.webhook_id) == webhook_id
