"""Curves in coarser steps: what `metric_point` holds, summed up so that a long curve is drawn without reading it whole."""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, String
from sqlmodel import Field, SQLModel

SPANS = tuple(8 * 2**level for level in range(15))
"""How many steps a bucket spans, level by level; `roll_up_points` of migration 0003 fills them."""


class MetricBucketRow(SQLModel, table=True):
    """The points of one curve at steps `[bucket * span, (bucket + 1) * span)`: the first, the last and the extremes.

    `min` and `max` are of finite values and null where there is none; `odd` is the first that is not finite.
    """

    __tablename__ = "metric_bucket"

    job_id: str = Field(
        sa_column=Column(String(64), ForeignKey("job.id", ondelete="CASCADE"), primary_key=True)
    )
    name: str = Field(sa_column=Column(String(128), primary_key=True))
    span: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    bucket: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    points: int = Field(sa_column=Column(BigInteger, nullable=False))
    first_step: int = Field(sa_column=Column(BigInteger, nullable=False))
    first_value: float = Field(sa_column=Column(Double, nullable=False))
    last_step: int = Field(sa_column=Column(BigInteger, nullable=False))
    last_value: float = Field(sa_column=Column(Double, nullable=False))
    min_step: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    min_value: float | None = Field(default=None, sa_column=Column(Double, nullable=True))
    max_step: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    max_value: float | None = Field(default=None, sa_column=Column(Double, nullable=True))
    odd_step: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    odd_value: float | None = Field(default=None, sa_column=Column(Double, nullable=True))
