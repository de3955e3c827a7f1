"""`bench NAME`: measurements. `ui` and `reads` measure the product itself; every folder of `bench/` ours beside a peer's work."""

import os
import platform
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from llmlora.devtools.bench.workloads import Workload, all_workloads
from llmlora.entry.console import AsJson, print_json, run_async

if TYPE_CHECKING:
    from llmlora.devtools.bench.figures import Figure

LOADS = 3

app = typer.Typer(no_args_is_help=True, help="Measure and compare with a budget. 計測し、目標値と比べます。")


@app.callback()
def _root() -> None:
    """Measure and compare with a budget. 計測し、目標値と比べます。"""


@app.command()
def ui(
    as_json: AsJson = False,
    loads: Annotated[
        int, typer.Option("--loads", min=1, max=50, help="Cold loads of each page. 各ページを読み込む回数。")
    ] = LOADS,
) -> None:
    """Measure the pages in headless Chromium, with everything running. 画面の速さを計測します。

    Exit code 1 when something is over its budget. Figures are this machine's now: the load average stands beside.

    Raises:
        UnavailableError: no Chromium, no Node.js, or a platform that does not start.
    """
    from llmlora.devtools.bench.pages import measure_pages

    _tell(lambda: run_async(measure_pages(loads)), as_json)


@app.command()
def reads(as_json: AsJson = False) -> None:
    """Compare what the API answers about a job of 50,000 steps with one of 50. 長いジョブの読み出しを計測します。

    Exit code 1 when an answer takes more than three times as long.

    Raises:
        UnavailableError: the services do not start.
    """
    from llmlora.devtools.bench.reads import measure_reads
    from llmlora.devtools.studio import temporary_settings

    with temporary_settings() as settings:
        _tell(lambda: run_async(measure_reads(settings)), as_json)


def _compared(workload: Workload) -> Callable[..., None]:
    """The command of a folder of `bench/`."""

    def compare(
        as_json: AsJson = False,
        pairs: Annotated[
            int, typer.Option("--pairs", min=1, max=101, help="Measurements of each side. 計測の回数。")
        ] = workload.pairs,
    ) -> None:
        from llmlora.devtools.bench.paired import measure_pairs
        from llmlora.entry.console import err

        def tell(line: str) -> None:
            err().print(f"[dim]{workload.name} {line}[/]", highlight=False)

        _tell(lambda: measure_pairs(workload, pairs, tell), as_json)

    compare.__doc__ = f"""Measure against {workload.peer.name}: {workload.title.en}. {workload.peer.name} と比べます: {workload.title.ja}。

    Exit code 1 when the ratio is below the one to reach.

    Raises:
        UnavailableError: the peer's packages cannot be had, or a program failed.
        JobFailedError: the two sides have not done the same work.
    """
    return compare


for one in all_workloads().values():
    app.command(one.name)(_compared(one))


def _tell(measure: "Callable[[], list[Figure]]", as_json: bool) -> None:
    """Show what is measured, with what the machine had to do besides."""
    from llmlora.devtools.bench.table import show

    before = os.getloadavg()
    figures = measure()
    machine = {
        "cpus": os.cpu_count(),
        "load_before": before,
        "load_after": os.getloadavg(),
        "on": platform.platform(),
    }
    if as_json:
        print_json({"machine": machine, "figures": [one.document() for one in figures]})
    else:
        show(figures, machine)
    if any(one.passed is False for one in figures):
        raise typer.Exit(1)
