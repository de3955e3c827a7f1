"""Sweeps: what is searched, by whom, until when. Their points stand in `trial`, their name and pause in `job_group`."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Double, ForeignKey, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class SweepRow(SQLModel, table=True):
    """One sweep; its id is that of its group, in which every trial has a chain of its own.

    Nothing of the sampler is kept here but its seed: it is made again of the rows of `trial` at each ask (ADR 0045).
    """

    __tablename__ = "sweep"
    __table_args__ = (
        Index("ix_sweep_created_at", "created_at", "id"),
        Index("ix_sweep_open", "id", postgresql_where=text("ended_at IS NULL")),
    )

    id: str = Field(
        sa_column=Column(String(64), ForeignKey("job_group.id", ondelete="CASCADE"), primary_key=True)
    )
    recipe: str = Field(max_length=64)
    request: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    """The job that is tried with each point's settings, as it was asked for."""
    space: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    sampler: str = Field(max_length=16)
    objectives: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    pruner: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    trials: int = Field(sa_column=Column(Integer, nullable=False))
    """How many points are tried at most."""
    time_s: float | None = Field(default=None, sa_column=Column(Double, nullable=True))
    """No point is begun after that; those that run are waited for."""
    no_progress: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    """No point is begun after so many complete trials without a better one."""
    parallel: int = Field(sa_column=Column(Integer, nullable=False))
    keep_best: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    """So many trials keep their weights; None: all."""
    seed: int = Field(sa_column=Column(BigInteger, nullable=False))
    spent_s: float = Field(default=0.0, sa_column=Column(Double, nullable=False))
    """How long it was active before `active_since`; pauses do not count."""
    active_since: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    extended_from: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """Number of the first trial after it was last extended."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=True))
    end_reason: str | None = Field(default=None, max_length=32)
    failure: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    importance: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """What was last reckoned, and of how many complete trials."""
