"""Which points a sweep tries next: of a grid and by chance here, else by Optuna in a process of its own (ADR 0045)."""

import asyncio
import math
import random
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.sweep import (
    Answer,
    Ask,
    Asked,
    Dimension,
    Objective,
    Space,
    TrialOutcome,
    Tried,
    hash_of,
    in_order,
    points_of,
)
from llmlora.engine.hosts.process import child_environment
from llmlora.features.sweeps import repository
from llmlora.features.sweeps.errors import SamplerDiedError
from llmlora.features.sweeps.schemas import MOST_TRIALS
from llmlora.kit.processes import how_ended, reporting_child
from llmlora.tables.sweep import SweepRow
from llmlora.tables.trial import TrialRow

SAMPLER = (sys.executable, "-m", "llmlora.recipes.blocks.search.ask")
ANSWER_S = 120.0
"""Longer than the Gaussian process takes over a thousand trials on one slow core."""
_GRACE_S = 2.0
_LONGEST_BYTES = 16 << 20
_CHANCES = 100
"""Draws for a point that was not tried yet, before all that are left are listed."""


def space_of(sweep: SweepRow) -> Space:
    """The space as it is searched."""
    return {name: Dimension.model_validate(one) for name, one in sweep.space.items()}


def objectives_of(sweep: SweepRow) -> list[Objective]:
    """What trials are compared by."""
    return [Objective.model_validate(one) for one in sweep.objectives]


async def choose(
    session: AsyncSession, sweep: SweepRow, tried: Sequence[TrialRow], count: int
) -> list[Asked]:
    """The next points, none of which was tried; fewer than `count` where there are no others.

    Raises:
        SamplerDiedError: the sampler's process has ended without an answer; to ask again gives what it would have given.
    """
    space, known = space_of(sweep), {one.point_hash for one in tried}
    first = max((one.number for one in tried), default=-1) + 1
    numbers = range(first, first + count)
    if sweep.sampler == "grid":
        untried = (point for point in points_of(space) if hash_of(point) not in known)
        return [Asked(number=number, point=point) for number, point in zip(numbers, untried, strict=False)]
    if sweep.sampler == "random":
        found: list[Asked] = []
    else:
        wanted = await asked_of(session, sweep, tried, numbers)
        found = (await run_sampler(wanted)).points
        known |= {hash_of(one.point) for one in found}
    for number in numbers[len(found) :]:
        point = _by_chance(space, sweep.seed, number, known)
        if point is None:
            break
        known.add(hash_of(point))
        found.append(Asked(number=number, point=point))
    return found


async def asked_of(
    session: AsyncSession, sweep: SweepRow, tried: Sequence[TrialRow], numbers: Sequence[int]
) -> Ask:
    """All that the sampler is told: the rows of the trials. Of those that were pruned, how far they had come."""
    objectives = objectives_of(sweep)
    jobs = await repository.jobs_of(session, [one for one in tried if one.outcome == TrialOutcome.PRUNED])
    return Ask(
        sweep_id=sweep.id,
        sampler=sweep.sampler,
        space=space_of(sweep),
        objectives=objectives,
        seed=sweep.seed,
        numbers=list(numbers),
        tried=[
            Tried(
                number=one.number,
                outcome=TrialOutcome(one.outcome),
                point=one.point,
                values=one.values if one.outcome == TrialOutcome.COMPLETE else None,
                curve=_last_point(jobs[one.job_id].latest_metrics, objectives[0].metric)
                if one.job_id in jobs
                else [],
                attrs=one.sampler_attrs,
            )
            for one in tried
        ],
    )


async def run_sampler(wanted: Ask, *what: str) -> Answer:
    """Ask in a process of its own, which loads Optuna (and torch, for a Gaussian process) and ends.

    Raises:
        SamplerDiedError: it has ended without an answer, or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="llmlora-ask-") as scratch:
        file, output = Path(scratch) / "ask.json", Path(scratch) / "output.log"
        await asyncio.to_thread(file.write_text, wanted.model_dump_json())
        try:
            async with reporting_child(
                [*SAMPLER, str(file), *what],
                env=child_environment(),
                output=output,
                longest_bytes=_LONGEST_BYTES,
                grace_s=_GRACE_S,
            ) as child:
                async with asyncio.timeout(ANSWER_S):
                    line = await child.lines.readline()
                try:
                    return Answer.model_validate_json(line)
                except ValidationError as error:  # killed before, or in the middle of, its answer
                    raise _died(how_ended(await child.ended()), output) from error
        except TimeoutError as error:
            raise _died(f"{ANSWER_S:.0f} s", output) from error


def _died(how: str, output: Path) -> SamplerDiedError:
    lines = output.read_text(errors="replace").strip().splitlines() if output.exists() else []
    return SamplerDiedError(how=how, last=lines[-1][-300:] if lines else "-")


def _last_point(latest: dict[str, Any], metric: str) -> list[tuple[int, float]]:
    known = latest.get(metric)
    return [(known["step"], known["value"])] if known and known.get("value") is not None else []


def _by_chance(space: Space, seed: int, number: int, known: set[str]) -> dict[str, Any] | None:
    """A point that was not tried, the same for the same trial; None where every one was."""
    for place in range(_CHANCES):
        point = random_point(space, random.Random(f"{seed}:{number}:{place}"))  # noqa: S311 - nothing is secret
        if hash_of(point) not in known:
            return point
    try:
        left = [one for one in islice(points_of(space), MOST_TRIALS + 1) if hash_of(one) not in known]
    except ValueError:  # no end of values, and yet a hundred draws were known: of no use any more
        return None
    return random.Random(f"{seed}:{number}").choice(left) if left else None  # noqa: S311


def random_point(space: Space, chance: random.Random) -> dict[str, Any]:
    """A point of a space, every value as likely as another (by magnitude, where it says `log`)."""
    point: dict[str, Any] = {}
    for name in in_order(space):
        if space[name].is_active(point):
            point[name] = _random_value(space[name], chance)
    return point


def _random_value(one: Dimension, chance: random.Random) -> Any:
    if one.type == "categorical":
        return chance.choice(one.choices or [None])
    low, high = one.bounds
    if one.log:
        # A whole number gets the room that lies half around it (as in Optuna).
        around = 0.5 if one.type == "int" else 0.0
        value = math.exp(chance.uniform(math.log(low - around), math.log(high + around)))
        return one.number(min(max(value, low), high))
    step = one.step or (1.0 if one.type == "int" else None)
    if step is not None:
        return one.number(low + step * chance.randint(0, int((high - low) / step + 1e-9)))
    return min(max(one.number(chance.uniform(low, high)), low), high)
