"""Deliveries: what each webhook is told, once an event, and how that went."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class WebhookDeliveryRow(SQLModel, table=True):
    """One message. `state`: `waiting` until `next_at`, `sending` until then at most, `delivered`, `failed`.

    It is written in the transaction that ends the job, so that no event is lost or told twice; `about` holds what is
    said of the job, which may be deleted before it is sent.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "job_id", "event", name="uq_webhook_delivery_event"),
        Index("ix_webhook_delivery_due", "next_at", postgresql_where=text("state IN ('waiting', 'sending')")),
        Index("ix_webhook_delivery_history", "webhook_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True, max_length=64)
    webhook_id: str = Field(
        sa_column=Column(String(40), ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False)
    )
    job_id: str | None = Field(default=None, sa_column=Column(String(64), nullable=True))
    event: str = Field(sa_column=Column(String(16), nullable=False))
    about: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    state: str = Field(sa_column=Column(String(16), nullable=False))
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    next_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    status: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    """The HTTP status of the last answer."""
    problem: str | None = Field(default=None, sa_column=Column(String(32), nullable=True))
    """Why the last try did not deliver it: a code of `contracts.webhooks`."""
