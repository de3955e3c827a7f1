"""Artifacts and checkpoints: what exists, because its row does."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class ArtifactRow(SQLModel, table=True):
    """Files that a job produced. `path` is relative to the data root; `step` is set for checkpoints."""

    __tablename__ = "artifact"
    __table_args__ = (Index("ix_artifact_kind", "job_id", "kind", "created_at"),)

    id: str = Field(primary_key=True, max_length=64)
    job_id: str = Field(
        sa_column=Column(String(64), ForeignKey("job.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    epoch: int = Field(sa_column=Column(Integer, nullable=False))
    kind: str = Field(max_length=32)
    name: str = Field(sa_column=Column(Text, nullable=False))
    path: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str = Field(max_length=64)
    size_bytes: int = Field(sa_column=Column(BigInteger, nullable=False))
    step: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
