"""Groups: jobs of one purpose."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Index, String, Text, text
from sqlmodel import Field, SQLModel

from llmlora.contracts.states import GroupKind

_KINDS = ", ".join(f"'{kind}'" for kind in GroupKind)


class JobGroupRow(SQLModel, table=True):
    """One group. Its jobs name it (`job.group_id`); with the last of them, and the last group inside it, it goes.

    The trigger of migration 0009 sees to that.
    """

    __tablename__ = "job_group"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="job_group_kind_check"),
        Index("ix_job_group_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
    )

    id: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=16)
    name: str = Field(sa_column=Column(Text, nullable=False))
    objective: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """What its jobs are compared by, where they are."""
    created_by: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    """Who asked for it; None: whoever uses this installation."""
    parent_id: str | None = Field(
        default=None, sa_column=Column(String(64), ForeignKey("job_group.id"), nullable=True)
    )
    """The group that it is a part of: a chain inside a sweep."""
    paused: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    """None of its jobs, nor of the groups inside it, is begun; those that run go on."""
    continue_on_error: bool = Field(default=True, sa_column=Column(Boolean, nullable=False))
    """Of a batch: whether the others are begun after one has failed."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
