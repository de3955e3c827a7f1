"""Curves for charts, thinned in SQL: what is read grows with the points that are shown, not with those there are.

A curve that fits is given as it is. Of a longer one, `metric_bucket` holds first, last and extremes of every few steps:
the finest buckets of which the width takes all are read, and at the ends of a range, where a bucket would tell of what
lies outside, finer and finer ones down to single points.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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

# OFFSET 0 keeps the inner query a query of its own: each part is looked up by span and bucket, whatever the planner
# believes about a table that it has not counted yet.
_BUCKETS = text(
    """
    SELECT found.*
    FROM unnest(CAST(:spans AS bigint[]), CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[])) AS part (span, first, last)
    CROSS JOIN LATERAL (
        SELECT points, first_step, first_value, last_step, last_value,
            min_step, min_value, max_step, max_value, odd_step, odd_value
        FROM metric_bucket
        WHERE job_id = :job_id AND name = :name AND span = part.span AND bucket BETWEEN part.first AND part.last
        OFFSET 0
    ) AS found
    """
)

_SINGLES = text(
    """
    SELECT step, value FROM metric_point
    WHERE job_id = :job_id AND name = :name
        AND (step >= :low AND step < :begin OR step >= :stop AND step < :end)
    """
)


@dataclass(frozen=True)
class Extent:
    """Where a curve has points. `points` may count some that lie beside the range.

    `begins`, `ends`: the curve has none before `low`, or behind `high`, in the buckets of these.
    """

    name: str
    points: int
    low: int
    high: int
    begins: bool
    ends: bool


@dataclass(frozen=True)
class Cover:
    """Buckets that fill the steps `[low, end)` exactly, but for `[low, begin)` and `[stop, end)`: fewer than eight each.

    `whole_low`, `whole_end`: what is filled by the coarsest. `parts`: (span, first bucket, last bucket).
    """

    parts: tuple[tuple[int, int, int], ...]
    whole_low: int
    whole_end: int
    begin: int
    stop: int


class Piece(NamedTuple):
    """Neighbouring points: how many, and those that stand for them; what there is not is None."""

    points: int
    first_step: int
    first_value: float
    last_step: int
    last_value: float
    min_step: int | None
    min_value: float | None
    max_step: int | None
    max_value: float | None
    odd_step: int | None
    odd_value: float | None


async def thinned_curves(
    session: AsyncSession, job_id: str, names: Sequence[str], *, width: int, first: int, last: int | None
) -> dict[str, Series]:
    """The curves of a job (all, or those named) from step `first` to `last`, each in at most about `width` points.

    Of every group of neighbours, the first and the last point and the extremes stay, and the first value that is not
    finite.
    """
    extents = await _extents(session, job_id, names, first, LAST_STEP if last is None else last)
    return {one.name: await _series(session, job_id, one, width) for one in extents}


async def _extents(
    session: AsyncSession, job_id: str, names: Sequence[str], first: int, last: int
) -> list[Extent]:
    asked = {"job_id": job_id, "names": list(names), "all_names": not names}
    rows = (await session.execute(_EXTENTS, {**asked, "span": SPANS[-1], "low": first, "high": last})).all()
    found = [
        Extent(
            row.name,
            int(row.points),
            low=max(row.low, first),
            high=min(row.high, last),
            begins=row.low >= first,
            ends=row.high <= last,
        )
        for row in rows
    ]
    return [one for one in found if one.low <= one.high]


async def _series(session: AsyncSession, job_id: str, curve: Extent, width: int) -> Series:
    where = {"job_id": job_id, "name": curve.name}
    everything = {**where, "low": curve.low, "high": curve.high}
    steps = curve.high - curve.low + 1
    if min(curve.points, steps) <= width and (whole := await _whole(session, everything, width)):
        return whole
    groups = max(1, width // KEPT_OF_A_GROUP)
    span = next((span for span in SPANS if span * groups >= steps), SPANS[-1])
    low = curve.low // span * span if curve.begins else curve.low
    end = (curve.high // span + 1) * span if curve.ends else curve.high + 1
    pieces = await _pieces(session, where, low, end, span)
    total = sum(piece.points for piece in pieces)
    if total <= width and (whole := await _whole(session, everything, width)):
        return whole
    kept = _kept(pieces)
    ordered = sorted(kept)
    return Series(steps=ordered, values=[kept[step] for step in ordered], total=total)


async def _pieces(
    session: AsyncSession, where: Mapping[str, Any], low: int, end: int, span: int
) -> list[Piece]:
    """What stands for the points at `[low, end)`: a piece for each bucket of `span`, and one for either end."""
    cover = cover_of(low, end, span)
    spans, firsts, lasts = ([part[n] for part in cover.parts] for n in range(3))
    asked = {**where, "spans": spans, "firsts": firsts, "lasts": lasts}
    found = [Piece(*row) for row in await session.execute(_BUCKETS, asked)]
    if low < cover.begin or cover.stop < end:
        beside = {**where, "low": low, "begin": cover.begin, "stop": cover.stop, "end": end}
        found += [_single(row.step, row.value) for row in await session.execute(_SINGLES, beside)]
    inside = [one for one in found if cover.whole_low <= one.first_step < cover.whole_end]
    left = [one for one in found if one.first_step < cover.whole_low]
    right = [one for one in found if one.first_step >= cover.whole_end]
    return [*inside, *(_together(side) for side in (left, right) if side)]


def cover_of(low: int, end: int, span: int) -> Cover:
    """The fewest buckets, none wider than `span`, that fill `[low, end)`."""
    while (whole_low := -(-low // span) * span) >= (whole_end := end // span * span):
        if span == SPANS[0]:
            return Cover((), end, end, end, end)
        span = SPANS[SPANS.index(span) - 1]
    parts = [(span, whole_low // span, whole_end // span - 1)]
    begin, stop = whole_low, whole_end
    for finer in reversed(SPANS[: SPANS.index(span)]):
        if begin - finer >= low:
            begin -= finer
            parts.append((finer, begin // finer, begin // finer))
        if stop + finer <= end:
            parts.append((finer, stop // finer, stop // finer))
            stop += finer
    return Cover(tuple(parts), whole_low, whole_end, begin, stop)


def _single(step: int, value: float) -> Piece:
    point: tuple[int, float] = (step, value)
    none = (None, None)
    return Piece(
        1, *point, *point, *((*point, *point, *none) if math.isfinite(value) else (*none, *none, *point))
    )


def _together(pieces: Sequence[Piece]) -> Piece:
    first, last = min(pieces, key=lambda one: one.first_step), max(pieces, key=lambda one: one.last_step)
    lows = [(one.min_value, one.min_step) for one in pieces if one.min_value is not None]
    highs = [(one.max_value, one.max_step) for one in pieces if one.max_value is not None]
    odds = [(one.odd_step, one.odd_value) for one in pieces if one.odd_step is not None]
    least, most = min(lows, default=(None, None)), max(highs, default=(None, None))
    odd = min(odds, default=(None, None))
    points = sum(one.points for one in pieces)
    ends = (first.first_step, first.first_value, last.last_step, last.last_value)
    return Piece(points, *ends, least[1], least[0], most[1], most[0], odd[0], odd[1])


def _kept(pieces: Sequence[Piece]) -> dict[int, float]:
    """The points that stand for the pieces."""
    kept: dict[int, float] = {}
    for one in pieces:
        kept[one.first_step] = one.first_value
        kept[one.last_step] = one.last_value
        if one.min_step is not None and one.min_value is not None:
            kept[one.min_step] = one.min_value
        if one.max_step is not None and one.max_value is not None:
            kept[one.max_step] = one.max_value
        if one.odd_step is not None and one.odd_value is not None:
            kept[one.odd_step] = one.odd_value
    return kept


async def _whole(session: AsyncSession, where: Mapping[str, Any], width: int) -> Series | None:
    """Every point of a curve in its range; None where there are more than the width allows."""
    points = (await session.execute(_POINTS, {**where, "limit": width + 1})).all()
    if len(points) > width:
        return None
    return Series(steps=[p.step for p in points], values=[p.value for p in points], total=len(points))
