"""What a job has come to, as a number: by what jobs are compared."""

import math
from typing import Any, Literal

from llmlora.contracts.evaluation import REPORT as EVALUATION
from llmlora.contracts.recipe import RecipeSpec
from llmlora.tables.job import JobRow

Direction = Literal["minimize", "maximize"]
_DIRECTIONS: dict[str, Direction] = {"up": "maximize", "down": "minimize"}


def last_value(job: JobRow, metric: str) -> float | None:
    """The last value of one of its curves, or a figure of its evaluation on held-out rows; None where it has reported none,
    or one that is no number."""
    known: dict[str, Any] | None = job.latest_metrics.get(metric)
    value = known.get("value") if known else _figures(job).get(metric, {}).get("value")
    return float(value) if value is not None and math.isfinite(value) else None


def direction_of(recipe: RecipeSpec, metric: str, job: JobRow | None = None) -> Direction | None:
    """Which way a metric gets better, as its recipe says, or as the evaluation of a job does; None: neither says."""
    declared = next((one.better for one in recipe.metrics if one.name == metric), None)
    if declared is None and job is not None:
        declared = _figures(job).get(metric, {}).get("better")
    return _DIRECTIONS.get(declared or "")


def usual_metric(recipe: RecipeSpec) -> str | None:
    """What jobs of a recipe are compared by where nobody says: its main curve that can be better or worse, else the first."""
    judged = [one for one in recipe.metrics if one.better != "neither"]
    return next((one.name for one in sorted(judged, key=lambda one: not one.main)), None)


def _figures(job: JobRow) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in job.reports.get(EVALUATION, {}).get("figures", ())}
