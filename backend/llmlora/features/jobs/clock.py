"""How long a job had run when its steps were measured: what curves are drawn over besides steps.

Only the time in which it ran counts: neither the wait for a worker, nor the pause until somebody resumes it. A job that
goes on from another's checkpoint begins with the time that one took, what was lost behind the checkpoint included.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.states import JobState
from llmlora.features.jobs.schemas import RunClock
from llmlora.kit.clock import utc_now
from llmlora.tables.metric_bucket import SPANS

MOST_STEPS = 400
"""Steps whose time is told, of a longer curve spread over it: in between it is straight."""

_STATES = text(
    """
    WITH RECURSIVE chain AS (
        SELECT id, resumes_job_id FROM job WHERE id = :job_id
        UNION
        SELECT job.id, job.resumes_job_id FROM chain JOIN job ON job.id = chain.resumes_job_id
    )
    SELECT event.job_id, event.at, event.body ->> 'state' AS state
    FROM chain JOIN event ON event.job_id = chain.id AND event.type = 'state'
    ORDER BY event.job_id, event.seq
    """
)
_CURVES = text(
    """
    SELECT name, sum(points) AS points, min(first_step) AS low, max(last_step) AS high
    FROM metric_bucket WHERE job_id = :job_id AND span = :span GROUP BY name ORDER BY 2 DESC, 1
    """
)
_EVERY = text(
    "SELECT step, at FROM metric_point WHERE job_id = :job_id AND name = :name ORDER BY step LIMIT :most"
)
# A jump of the index to each place, not a walk over the curve.
_SOME = text(
    """
    SELECT DISTINCT found.step, found.at
    FROM generate_series(0, CAST(:most AS bigint)) AS place
    CROSS JOIN LATERAL (
        SELECT step, at FROM metric_point
        WHERE job_id = :job_id AND name = :name AND step >= CAST(:low AS bigint) + (CAST(:high AS bigint) - :low) * place / :most
        ORDER BY step LIMIT 1
    ) AS found
    ORDER BY found.step
    """
)


class Measured(NamedTuple):
    """A step and the moment at which it was measured."""

    step: int
    at: datetime


class Spell(NamedTuple):
    """A time in which the job ran; `end` None: it does so now."""

    start: datetime
    end: datetime | None

    def seconds_until(self, moment: datetime) -> float:
        """How much of it lies before a moment."""
        end = moment if self.end is None else min(self.end, moment)
        return max(0.0, (end - self.start).total_seconds())


async def run_clock(session: AsyncSession, job_id: str) -> RunClock:
    """The clock of a job; empty before it has run."""
    measured = rising(await _measured(session, job_id))
    states = (await session.execute(_STATES, {"job_id": job_id})).all()
    spells = with_forgotten(spells_of(states), measured)
    if not spells:
        return RunClock(steps=[], seconds=[], at=None, at_s=0.0, waited_s=0.0)
    now = utc_now()
    last = spells[-1]
    until = now if last.end is None else last.end
    ran_s = _seconds(spells, until)
    return RunClock(
        steps=[one.step for one in measured],
        seconds=[round(_seconds(spells, one.at), 3) for one in measured],
        at=until if last.end is None else None,
        at_s=round(ran_s, 3),
        waited_s=round(max(0.0, (until - spells[0].start).total_seconds() - ran_s), 3),
    )


def spells_of(states: Sequence[Any]) -> list[Spell]:
    """When the jobs of a chain ran, by their changes of state: each from `running` to what it became next."""
    spells: list[Spell] = []
    for place, change in enumerate(states):
        if change.state != JobState.RUNNING:
            continue
        following = states[place + 1] if place + 1 < len(states) else None
        spells.append(
            Spell(change.at, following.at if following and following.job_id == change.job_id else None)
        )
    return sorted(spells, key=lambda spell: spell.start)


def with_forgotten(spells: Sequence[Spell], measured: Sequence[Measured]) -> list[Spell]:
    """With the time in which steps were measured by a job that was deleted since: from the first of them to the last."""
    begin = spells[0].start if spells else None
    earlier = [one.at for one in measured if begin is None or one.at < begin]
    return [Spell(earlier[0], earlier[-1]), *spells] if earlier else list(spells)


def rising(measured: Sequence[Measured]) -> list[Measured]:
    """Without the steps of an earlier try that the present one has not reached again."""
    kept: list[Measured] = []
    for one in measured:
        if not kept or one.at >= kept[-1].at:
            kept.append(one)
    return kept


async def _measured(session: AsyncSession, job_id: str) -> list[Measured]:
    """Steps of the curve that has most points, and the last of all."""
    curves = (await session.execute(_CURVES, {"job_id": job_id, "span": SPANS[-1]})).all()
    if not curves:
        return []
    longest = curves[0]
    asked = {"job_id": job_id, "name": longest.name, "most": MOST_STEPS}
    if longest.points <= MOST_STEPS:
        rows = await session.execute(_EVERY, asked)
    else:
        rows = await session.execute(_SOME, {**asked, "low": longest.low, "high": longest.high})
    found = [Measured(row.step, row.at) for row in rows]
    furthest = max(curves, key=lambda curve: curve.high)
    if furthest.high > longest.high:
        asked = {
            "job_id": job_id,
            "name": furthest.name,
            "most": 1,
            "low": furthest.high,
            "high": furthest.high,
        }
        found += [Measured(row.step, row.at) for row in await session.execute(_SOME, asked)]
    return found


def _seconds(spells: Sequence[Spell], moment: datetime) -> float:
    return sum(spell.seconds_until(moment) for spell in spells)
