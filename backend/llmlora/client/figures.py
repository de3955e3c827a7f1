"""The figures of a job by the names that scikit-learn gives them."""

from dataclasses import dataclass
from typing import Literal

from llmlora.client.errors import ClientError, said
from llmlora.client.generated.models import EvaluationDetail, JobDetail, RecipeOut

ALSO = {
    "f1_score": ("f1", "macro_f1", "f1_macro"),
    "accuracy_score": ("accuracy",),
    "roc_auc_score": ("roc_auc",),
    "r2_score": ("r2",),
    "root_mean_squared_error": ("rmse",),
    "mean_absolute_error": ("mae",),
}
"""scikit-learn's name, and those under which recipes report the same."""
Direction = Literal["maximize", "minimize"]


@dataclass(frozen=True)
class Found:
    """A figure of a job, and which way it gets better; `direction` is None where the recipe does not say."""

    name: str
    value: float
    direction: Direction | None


def figures_of(
    job: JobDetail, evaluation: EvaluationDetail | None, recipe: RecipeOut | None
) -> dict[str, Found]:
    """What was measured, by its own name, by that without its split, and by scikit-learn's: on held-out rows first."""
    better = {} if recipe is None else {one.name: one.better for one in recipe.metrics}
    found: dict[str, Found] = {}
    for figure in [] if evaluation is None else evaluation.figures:
        found[figure.name] = Found(figure.name, figure.value, _direction(figure.better))
    for name in sorted(job.latest_metrics, key=_place):
        value = job.latest_metrics[name].value
        if value is not None:
            one = Found(name, value, _direction(better.get(name)))
            found.setdefault(name, one)
            found.setdefault(name.rpartition("/")[2], one)
    for name, others in ALSO.items():
        for other in others:
            if other in found:
                found.setdefault(name, found[other])
    return found


def figure_of(job: JobDetail, found: dict[str, Found], metric: str) -> Found:
    """One figure.

    Raises:
        ClientError: the job has not measured it.
    """
    if metric in found:
        return found[metric]
    known = ", ".join(sorted(found)) or "-"
    raise ClientError(
        code="metric_unknown",
        detail=said(
            ja=f"ジョブ {job.id} に指標「{metric}」はありません。あるもの: {known}",
            en=f"The job {job.id} has no metric “{metric}”. It has: {known}",
        ),
    )


def _place(name: str) -> tuple[bool, str]:
    """What was measured on held-out rows comes before what was measured while training."""
    return name.startswith("train/"), name


def _direction(better: str | None) -> Direction | None:
    return {"up": "maximize", "down": "minimize"}.get(better or "")  # type: ignore[return-value]
