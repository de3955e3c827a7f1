"""Metric points: one value of one name at one step; a resumed run overwrites the steps it repeats."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, Double, ForeignKey, Integer, String
from sqlmodel import Field, SQLModel


class MetricPointRow(SQLModel, table=True):
    """One point of one curve."""

    __tablename__ = "metric_point"

    job_id: str = Field(
        sa_column=Column(String(64), ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    )
    name: str = Field(sa_column=Column(String(128), primary_key=True))
    step: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    epoch: int = Field(sa_column=Column(Integer, nullable=False))
    value: float = Field(sa_column=Column(Double, nullable=False))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
