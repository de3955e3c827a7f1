"""Whether a trial goes on, decided from the steps that it and the others have reported to the database.

Nobody in the run is asked: the row of its job says `prune`, and whoever runs it (one process or many ranks) stops at the same
word. Each decision is made of rows alone, so that it is the same whichever worker makes it.
"""

from collections.abc import Sequence
from math import erfc, sqrt
from statistics import median

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.sweep import Objective, TrialOutcome
from llmlora.features.jobs.results import direction_of
from llmlora.features.recipes.configs import find_recipe
from llmlora.features.sweeps import repository
from llmlora.features.sweeps.ranking import best_first
from llmlora.features.sweeps.schemas import Pruner
from llmlora.tables.job import JobRow
from llmlora.tables.sweep import SweepRow
from llmlora.tables.trial import TrialRow

MOST_POINTS = 1000
"""Of a curve, for the test over folds."""
_EXACT = 60
"""Up to so many pairs the distribution of the rank sum is counted; above, it is normal."""


class Judge:
    """Decides about the trials of one sweep."""

    def __init__(self, session: AsyncSession, sweep: SweepRow) -> None:
        self._session, self._sweep = session, sweep
        self._pruner = Pruner.model_validate(sweep.pruner)
        self._objectives = [Objective.model_validate(one) for one in sweep.objectives]
        self._metric = self._pruner.metric or self._objectives[0].metric
        self._sign = -1.0 if self._direction() == "maximize" else 1.0

    def _direction(self) -> str:
        told = next((one.direction for one in self._objectives if one.metric == self._metric), None)
        return told or direction_of(find_recipe(self._sweep.recipe), self._metric) or "minimize"

    async def is_beaten(self, trial: TrialRow, job: JobRow) -> bool:
        """Whether a running trial is to be stopped. Notes in its row how far it was judged."""
        latest = job.latest_metrics.get(self._metric)
        if self._pruner.name == "none" or latest is None or latest.get("value") is None:
            return False
        step, judged = int(latest["step"]), trial.judged_step
        if (judged is not None and step <= judged) or step <= self._pruner.warmup_steps:
            return False
        trial.judged_step = step
        match self._pruner.name:
            case "median":
                return await self._below_median(trial, step)
            case "asha" | "hyperband":
                return await self._behind_at_rung(trial, step, -1 if judged is None else judged)
            case "patience":
                return await self._has_stopped_improving(job, step)
            case "wilcoxon":
                return await self._loses_by_ranks(job)
        return False

    async def _below_median(self, trial: TrialRow, step: int) -> bool:
        others = await self._reached(step, [TrialOutcome.COMPLETE])
        if len(others) < max(1, self._pruner.startup_trials):
            return False
        assert trial.job_id is not None
        best = await repository.extreme_of(self._session, trial.job_id, self._metric, smallest=self._sign > 0)
        return best is not None and self._sign * best > median(others.values())

    async def _behind_at_rung(self, trial: TrialRow, step: int, judged: int) -> bool:
        """Not among the best of every `reduction` of its bracket that have come to a rung (asynchronous successive halving,
        Li et al. 2018): who comes first goes on."""
        brackets = self._pruner.brackets if self._pruner.name == "hyperband" else 1
        own = trial.number % brackets
        rung = self._pruner.min_steps * self._pruner.reduction**own
        while rung <= step:
            if rung > judged:
                reached = await self._reached(rung)
                rivals = sorted(value for number, value in reached.items() if number % brackets == own)
                place = max(1, len(rivals) // self._pruner.reduction) - 1
                if trial.number in reached and reached[trial.number] > rivals[place]:
                    return True
            rung *= self._pruner.reduction
        return False

    async def _has_stopped_improving(self, job: JobRow, step: int) -> bool:
        points = await repository.curve_of(self._session, job.id, self._metric, MOST_POINTS * 100)
        best_step, best = points[0] if points else (step, 0.0)
        for at, value in points:
            if self._sign * value < self._sign * best:
                best_step, best = at, value
        return step - best_step >= self._pruner.patience

    async def _loses_by_ranks(self, job: JobRow) -> bool:
        complete = await repository.trials_of(self._session, self._sweep.id, [TrialOutcome.COMPLETE])
        if len(complete) < max(1, self._pruner.startup_trials):
            return False
        best = best_first(self._objectives, complete)[0]
        if best.job_id is None:
            return False
        theirs = dict(await repository.curve_of(self._session, best.job_id, self._metric, MOST_POINTS))
        ours = await repository.curve_of(self._session, job.id, self._metric, MOST_POINTS)
        worse_by = [self._sign * (value - theirs[step]) for step, value in ours if step in theirs]
        return sum(worse_by) > 0 and chance_of_ranks(worse_by) < self._pruner.p

    async def _reached(self, step: int, outcomes: Sequence[TrialOutcome] = ()) -> dict[int, float]:
        found = await repository.reached_by(self._session, self._sweep.id, self._metric, step, outcomes)
        return {number: self._sign * value for number, value in found.items()}


def chance_of_ranks(differences: Sequence[float]) -> float:
    """How likely it is that the ranks of positive differences add up to this or more where the sign of each is a toss: the
    one-sided signed-rank test (Wilcoxon 1945), differences of zero left out, equal ones with their mean rank."""
    kept = [one for one in differences if one != 0]
    if not kept:
        return 1.0
    order = sorted(abs(one) for one in kept)
    # Twice the mean rank of each size: whole numbers.
    doubled = {one: order.index(one) + 1 + len(order) - order[::-1].index(one) for one in set(order)}
    ranks = [doubled[abs(one)] for one in kept]
    reached = sum(rank for rank, one in zip(ranks, kept, strict=True) if one > 0)
    if len(kept) > _EXACT:
        mean, variance = sum(ranks) / 2, sum(rank * rank for rank in ranks) / 4
        return _upper_tail((reached - mean) / sqrt(variance))
    ways = [1]
    for rank in ranks:
        longer = [0] * (len(ways) + rank)
        for total, count in enumerate(ways):
            longer[total] += count
            longer[total + rank] += count
        ways = longer
    return sum(ways[reached:]) / sum(ways)


def _upper_tail(z: float) -> float:
    """Of the standard normal distribution, above `z`."""
    return erfc(z / sqrt(2)) / 2
