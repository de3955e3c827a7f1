"""The curves of a job as a picture, by matplotlib, which is imported when one is drawn."""

import importlib
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from llmlora.client.errors import ClientError, said
from llmlora.client.following import is_final
from llmlora.client.generated.models import JobDetail, MetricsOut
from llmlora.client.synchronous import Client

DEFAULT_PLOT = Path("training_progress.png")
_WIDTH_POINTS = 1000
_CHART_INCHES = (8.0, 2.6)


def save_plot(client: Client, job_id: str, path: Path) -> Path:
    """Draw the curves as they are now into a file.

    Raises:
        ClientError: matplotlib is missing, or nothing has been measured yet.
    """
    figure = _drawn(client.jobs.get(job_id), client.jobs.get_metrics(job_id, width=_WIDTH_POINTS))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")
    return path


def draw_until_over(client: Client, job_id: str, path: Path, refresh_s: float) -> Path:
    """Show the curves in a notebook until the job is over, then save them.

    Raises:
        ClientError: matplotlib or IPython is missing, or nothing was measured.
    """
    display = _needed("IPython.display", "ipython")
    handle = display.display(display.HTML(""), display_id=True)
    while True:
        job = client.jobs.get(job_id)
        metrics = client.jobs.get_metrics(job_id, width=_WIDTH_POINTS)
        if metrics.series and handle is not None:
            handle.update(_drawn(job, metrics))
        if is_final(job.state):
            return save_plot(client, job_id, path)
        time.sleep(refresh_s)


def _drawn(job: JobDetail, metrics: MetricsOut) -> Any:
    """One chart for each name: loss of training and of evaluation in one."""
    figures = _needed("matplotlib.figure", "llmlora[plot]")
    charts: dict[str, list[str]] = defaultdict(list)
    for name in sorted(metrics.series):
        if metrics.series[name].values:
            charts[name.rpartition("/")[2]].append(name)
    if not charts:
        raise ClientError(
            code="nothing_measured",
            detail=said(
                ja=f"ジョブ {job.id} はまだ何も測定していません。",
                en=f"The job {job.id} has measured nothing yet.",
            ),
        )
    width, height = _CHART_INCHES
    figure = figures.Figure(figsize=(width, height * len(charts)), layout="constrained")
    for axes, (title, names) in zip(
        figure.subplots(len(charts), 1, squeeze=False)[:, 0], charts.items(), strict=True
    ):
        for name in names:
            axes.plot(metrics.series[name].steps, metrics.series[name].values, label=name)
        axes.set_title(title)
        axes.legend()
        axes.grid(alpha=0.3)
    axes.set_xlabel("step")
    return figure


def _needed(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ClientError(
            code="package_missing",
            detail=said(
                ja=f"この機能には {package} が必要です。pip install '{package}' で追加してください。",
                en=f"This needs {package}. Add it with: pip install '{package}'",
            ),
        ) from None
