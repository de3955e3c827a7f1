"""Learns to predict a column of a table: rows → folds → model → evaluation → `predictor/`, proved by a new process."""

from llmlora.contracts.events import Progress
from llmlora.contracts.run import Context
from llmlora.kit.limits import usable_cores
from llmlora.recipes.tabular.evaluating import evaluate
from llmlora.recipes.tabular.folds import cross_validate
from llmlora.recipes.tabular.models import fit
from llmlora.recipes.tabular.results import publish
from llmlora.recipes.tabular.rows import read_rows
from llmlora.recipes.tabular.spec import TabularConfig


def run(config: TabularConfig, ctx: Context) -> None:
    """Cross-validate, train on all rows that are not held out, judge and publish.

    An end in between loses the fold that is computed: each that is over is in a checkpoint, whole.

    Raises:
        AppError: data or settings do not allow it, or what was saved does not predict as what was trained.
        RunCancelledError: SIGTERM was seen.
    """
    rows = read_rows(config, ctx.spec.inputs.dataset(), ctx)
    resources = ctx.spec.resources
    threads = resources.threads or min(resources.cores or usable_cores(), usable_cores())
    crossed = cross_validate(config, rows, threads, ctx)
    ctx.emit(Progress(stage="fit", done=0, total=1, unit="models"))
    fitted = fit(config, rows, rows.train, crossed.threads)
    ctx.emit(Progress(stage="fit", done=1, total=1, unit="models"))
    if not fitted.converged:
        ctx.log(
            "学習が収束する前に、反復の上限に達しました。max_iter を大きくすると、よくなることがあります / "
            "the iterations ended before the model converged; a larger max_iter may do better",
            level="warning",
        )
    publish(config, rows, fitted, crossed, evaluate(config, rows, fitted, crossed, ctx), ctx)
