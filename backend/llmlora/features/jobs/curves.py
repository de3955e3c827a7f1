"""Curves for charts, thinned in SQL: what is read grows with the points that are shown, not with those there are.

A curve that fits is given as it is. Of a longer one, `metric_bucket` holds first, last and extremes of every few steps:
the coarsest buckets that are fine enough are put together into as many groups as the width allows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.features.jobs.schemas import Series
from llmlora.tables.metric_bucket import SPANS

LAST_STEP = 2**53
# First, last, least and greatest.
KEPT_OF_A_GROUP = 4

_EXTENTS = text(
    """
    SELECT name, sum(points) AS points, min(first_step) AS low, max(last_step) AS high
    FROM metric_bucket
    WHERE job_id = :job_id AND span = :span AND (:all_names OR name = ANY (:names))
        AND bucket >= :low / :span AND bucket <= :high / :span
    GROUP BY name
    ORDER BY name
    """
).bindparams(bindparam("names", type_=ARRAY(String)))

_POINTS = text(
    """
    SELECT step, value FROM metric_point
    WHERE job_id = :job_id AND name = :name AND step BETWEEN :low AND :high
    ORDER BY step
    LIMIT :limit
    """
)

# Whole buckets inside the range, and the points beside them: a bucket that crosses an end would tell of what lies outside.
# The least and the greatest of pairs stand for aggregates in order, which would sort every group.
_GROUPS = text(
    """
    WITH pieces AS (
        SELECT points, first_step, first_value, last_step, last_value,
            min_step, min_value, max_step, max_value, odd_step, odd_value
        FROM metric_bucket
        WHERE job_id = :job_id AND name = :name AND span = :span AND bucket BETWEEN :first_bucket AND :last_bucket
        UNION ALL
        SELECT 1, step, value, step, value,
            CASE WHEN finite THEN step END, CASE WHEN finite THEN value END,
            CASE WHEN finite THEN step END, CASE WHEN finite THEN value END,
            CASE WHEN NOT finite THEN step END, CASE WHEN NOT finite THEN value END
        FROM (
            SELECT step, value, value > '-Infinity' AND value < 'Infinity' AS finite FROM metric_point
            WHERE job_id = :job_id AND name = :name AND (
                step BETWEEN :low AND LEAST(:high, :first_bucket * :span - 1)
                OR step BETWEEN GREATEST(:low, (:last_bucket + 1) * :span) AND :high
            )
        ) AS beside
    )
    SELECT points, a[1] AS first_step, a[2] AS first_value, z[1] AS last_step, z[2] AS last_value,
        least[2] AS min_step, least[1] AS min_value, -most[2] AS max_step, most[1] AS max_value,
        odd[1] AS odd_step, odd[2] AS odd_value
    FROM (
        SELECT sum(points) AS points,
            min(ARRAY[first_step, first_value]) AS a,
            max(ARRAY[last_step, last_value]) AS z,
            min(ARRAY[min_value, min_step]) FILTER (WHERE min_step IS NOT NULL) AS least,
            max(ARRAY[max_value, -max_step]) FILTER (WHERE max_step IS NOT NULL) AS most,
            min(ARRAY[odd_step, odd_value]) FILTER (WHERE odd_step IS NOT NULL) AS odd
        FROM pieces
        GROUP BY (first_step - :low) * :groups / (:high - :low + 1)
    ) AS grouped
    ORDER BY 2
    """
)


@dataclass(frozen=True)
class Extent:
    """Where a curve has points. `points` may count some that lie beside the range."""

    name: str
    points: int
    low: int
    high: int


async def thinned_curves(
    session: AsyncSession, job_id: str, names: Sequence[str], *, width: int, first: int, last: int | None
) -> dict[str, Series]:
    """The curves of a job (all, or those named) from step `first` to `last`, each in at most `width` points.

    Of every group of neighbours, the first and the last point and the extremes stay, and the first value that is not
    finite.
    """
    extents = await _extents(session, job_id, names, first, last)
    return {one.name: await _series(session, job_id, one, width) for one in extents}


async def _extents(
    session: AsyncSession, job_id: str, names: Sequence[str], first: int, last: int | None
) -> list[Extent]:
    asked = {"job_id": job_id, "names": list(names), "all_names": not names}
    rows = (
        await session.execute(
            _EXTENTS, {**asked, "span": SPANS[-1], "low": first, "high": LAST_STEP if last is None else last}
        )
    ).all()
    found = [
        Extent(
            row.name, int(row.points), max(row.low, first), row.high if last is None else min(row.high, last)
        )
        for row in rows
    ]
    return [one for one in found if one.low <= one.high]


async def _series(session: AsyncSession, job_id: str, curve: Extent, width: int) -> Series:
    where = {"job_id": job_id, "name": curve.name, "low": curve.low, "high": curve.high}
    steps_a_group = (curve.high - curve.low + 1) * KEPT_OF_A_GROUP / width
    span = max((span for span in SPANS if span <= steps_a_group), default=None)
    if (span is None or curve.points <= width) and (whole := await _whole(session, where, width)):
        return whole
    span = span or SPANS[0]
    asked = {
        **where,
        "span": span,
        "first_bucket": -(-curve.low // span),
        "last_bucket": (curve.high + 1) // span - 1,
        "groups": max(1, width // KEPT_OF_A_GROUP),
    }
    kept: dict[int, float] = {}
    total = 0
    for row in (await session.execute(_GROUPS, asked)).all():
        total += int(row.points)
        for name in ("first", "last", "min", "max", "odd"):
            step = getattr(row, f"{name}_step")
            if step is not None:
                kept[int(step)] = getattr(row, f"{name}_value")
    if total <= width and (whole := await _whole(session, where, width)):
        return whole
    steps = sorted(kept)
    return Series(steps=steps, values=[kept[step] for step in steps], total=total)


async def _whole(session: AsyncSession, where: Mapping[str, Any], width: int) -> Series | None:
    """Every point of a curve in its range; None where there are more than the width allows."""
    points = (await session.execute(_POINTS, {**where, "limit": width + 1})).all()
    if len(points) > width:
        return None
    return Series(steps=[p.step for p in points], values=[p.value for p in points], total=len(points))
