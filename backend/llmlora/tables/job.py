"""Jobs: one run of one recipe each. The trigger of migration 0002 refuses what `contracts.states` does not allow."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from llmlora.tables.labelled import Labelled


class JobRow(Labelled, table=True):
    """One job.

    `inputs` are references (`features.jobs.schemas.JobInputs`), turned into paths when the job is claimed.
    `epoch` counts claims; whoever writes with another epoch is refused. `src_head` is the last child event of that
    epoch which is stored, `head_seq` the last event of all. A final row never changes.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_queue", "priority", "created_at", postgresql_where=text("state = 'queued'")),
        Index("ix_job_lease", "lease_until", postgresql_where=text("state = 'running'")),
        Index("ix_job_created", "created_at", "id"),
        Index("ix_job_state", "state", "created_at", "id"),
        Index("ix_job_recipe", "recipe", "created_at", "id"),
        Index("ix_job_dataset", text("(inputs ->> 'dataset_id')"), "created_at", "id"),
        Index("ix_job_base_model", text("(inputs ->> 'base_model')")),
        Index("ix_job_openai", "created_at", "id", postgresql_where=text("facts ? 'openai'")),
        Index("ix_job_resumes", "resumes_job_id", postgresql_where=text("resumes_job_id IS NOT NULL")),
    )

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(sa_column=Column(Text, nullable=False))
    recipe: str = Field(max_length=64)
    state: str = Field(max_length=16)
    desired: str = Field(default="run", max_length=8)
    keep_checkpoint: bool = Field(default=True, sa_column=Column(Boolean, nullable=False))
    config: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    inputs: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    device: str = Field(default="auto", max_length=8)
    cpus: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """Cores it holds while it runs; 0: all of a worker's."""
    wants_gpu: bool = Field(default=False, sa_column=Column(Boolean, nullable=False))
    memory_bytes: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Forecast of its peak in the machine's memory; 0: not known."""
    device_memory_bytes: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Forecast of its peak in the memory of its accelerator; 0: none, or not known."""
    priority: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    attempt: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    """Infrastructure failures so far."""
    epoch: int = Field(default=0, sa_column=Column(Integer, nullable=False))
    lease_until: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    worker_id: str | None = Field(default=None, max_length=64)
    next_run_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    head_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    src_head: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    progress: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    latest_metrics: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    reports: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    failure: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    forecast: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    resumes_job_id: str | None = Field(default=None, max_length=64)
    """The job whose checkpoint this one began with."""
    group_id: str = Field(
        default="", sa_column=Column(String(64), ForeignKey("job_group.id"), nullable=False, index=True)
    )
    """Jobs of one purpose: a training, its export and its deployment, and what went on for one of them."""
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    """What the asker wants to find again: names, metadata, the shape in which it was asked."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    started_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
    finished_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
