"""Trials: the points of a sweep, each with the ordinary job that tries it."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from llmlora.contracts.sweep import TrialOutcome

_OUTCOMES = ", ".join(f"'{one}'" for one in TrialOutcome)


class TrialRow(SQLModel, table=True):
    """One point. No sweep has two of one number, nor of one point: the database refuses both, whoever asks twice."""

    __tablename__ = "trial"
    __table_args__ = (
        CheckConstraint(f"outcome IN ({_OUTCOMES})", name="trial_outcome_check"),
        UniqueConstraint("sweep_id", "number", name="trial_sweep_id_number_key"),
        UniqueConstraint("sweep_id", "point_hash", name="trial_sweep_id_point_hash_key"),
    )

    id: str = Field(primary_key=True, max_length=64)
    sweep_id: str = Field(
        sa_column=Column(String(64), ForeignKey("sweep.id", ondelete="CASCADE"), nullable=False)
    )
    number: int = Field(sa_column=Column(Integer, nullable=False))
    point: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    point_hash: str = Field(max_length=64)
    job_id: str | None = Field(
        default=None,
        sa_column=Column(String(64), ForeignKey("job.id", ondelete="SET NULL"), nullable=True, index=True),
    )
    """None: its job could not be made, or was deleted since."""
    outcome: str = Field(max_length=16)
    values: list[float] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """Of the objectives, in their order; of a trial that did not complete, what was last known."""
    failure: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    judged_step: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    """The last step at which it was decided whether it goes on."""
    sampler_attrs: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))
    """What the sampler wants to find again with this trial."""
    released: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """Kind, hash and size of the weights that were deleted because others were better; None: nothing was."""
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    finished_at: datetime | None = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=True)
    )
