"""Evaluations: what runs have found on rows that they had not learned from, to be found again and compared."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel


class EvaluationRow(SQLModel, table=True):
    """One evaluation, of the job that made it and gone with it. `body` is a `contracts.evaluation.Evaluation` without its
    outcomes, which lie in the job's artifact. The data set is kept by its hash: it may be deleted before."""

    __tablename__ = "evaluation"
    __table_args__ = (Index("ix_evaluation_created_at", "created_at", "id"),)

    id: str = Field(primary_key=True, max_length=64)
    job_id: str = Field(
        sa_column=Column(String(64), ForeignKey("job.id", ondelete="CASCADE"), nullable=False, unique=True)
    )
    dataset_id: str | None = Field(
        default=None,
        sa_column=Column(
            String(64), ForeignKey("dataset.id", ondelete="SET NULL"), nullable=True, index=True
        ),
    )
    dataset_sha256: str = Field(max_length=64, index=True)
    kind: str = Field(max_length=64)
    rows: int = Field(sa_column=Column(Integer, nullable=False))
    figures: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    """The report's figures, for lists."""
    body: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
