"""Events: numbered per job under the job's row lock, so that no reader ever skips one."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class EventRow(SQLModel, table=True):
    """One `contracts.events.JobEvent`. `src_seq` is null for the platform's own facts."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("job_id", "epoch", "src_seq", name="uq_event_source"),
        Index("ix_event_type", "job_id", "type", "seq"),
        Index(
            "ix_event_history",
            "job_id",
            "at",
            "seq",
            postgresql_where=text("type IN ('state', 'metrics', 'log', 'checkpoint')"),
        ),
    )

    job_id: str = Field(
        sa_column=Column(String(64), ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    )
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    epoch: int = Field(sa_column=Column(Integer, nullable=False))
    src_seq: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    type: str = Field(max_length=16)
    body: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
