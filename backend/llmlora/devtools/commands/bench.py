"""`bench NAME`: measurements. `ui` and `reads` measure the product itself; every folder of `bench/` ours beside a peer's work."""

import os
import platform
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from llmlora.devtools.bench.workloads import Workload, all_workloads
from llmlora.entry.console import AsJson, print_json, run_async
from llmlora.entry.language import words

if TYPE_CHECKING:
    from llmlora.devtools.bench.figures import Figure

LOADS = 3

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _root() -> None:
    """The group of all measurements, also while it has but one."""


@app.command(
    help=words(
        ja="すべてを動かし、画面の速さを Chromium で計測します。\n\n"
        "値は、このマシンのいまの状態によります。負荷の平均も表示します。目標値を超えたものがあるときの終了コードは 1 です。",
        en="Measure the pages in headless Chromium, with everything running.\n\n"
        "The figures are those of this machine at this moment, so its load average is shown, too. The exit code is 1 when something is over its budget.",
    )
)
def ui(
    as_json: AsJson = False,
    loads: Annotated[
        int,
        typer.Option(
            "--loads",
            min=1,
            max=50,
            help=words(
                ja="各ページを、キャッシュのない状態で読み込む回数です。",
                en="How often each page is loaded without a cache.",
            ),
        ),
    ] = LOADS,
) -> None:
    """Measure the pages.

    Raises:
        UnavailableError: no Chromium, no Node.js, or a platform that does not start.
    """
    from llmlora.devtools.bench.pages import measure_pages

    _tell(lambda: run_async(measure_pages(loads)), as_json)


@app.command(
    help=words(
        ja="50,000 ステップのジョブについて API が応答する時間を、50 ステップのジョブと比べます。\n\n"
        "3 倍を超える応答があるときの終了コードは 1 です。",
        en="Compare how long the API takes to answer about a job of 50,000 steps and one of 50.\n\n"
        "The exit code is 1 when an answer takes more than three times as long.",
    )
)
def reads(as_json: AsJson = False) -> None:
    """Measure the answers of the API.

    Raises:
        UnavailableError: the services do not start.
    """
    from llmlora.devtools.bench.reads import measure_reads
    from llmlora.devtools.studio import temporary_settings

    with temporary_settings() as settings:
        _tell(lambda: run_async(measure_reads(settings)), as_json)


def _compared(workload: Workload) -> Callable[..., None]:
    """The command of a folder of `bench/`.

    It raises UnavailableError where the peer's packages cannot be had or a program fails, and JobFailedError where the
    two sides have not done the same work.
    """

    def compare(
        as_json: AsJson = False,
        pairs: Annotated[
            int,
            typer.Option(
                "--pairs",
                min=1,
                max=101,
                help=words(ja="双方を計測する回数です。", en="How often each side is measured."),
            ),
        ] = workload.pairs,
    ) -> None:
        from llmlora.devtools.bench.paired import measure_pairs
        from llmlora.entry.console import err

        def tell(line: str) -> None:
            err().print(f"[dim]{workload.name} {line}[/]", highlight=False)

        _tell(lambda: measure_pairs(workload, pairs, tell), as_json)

    return compare


def _help_of(workload: Workload) -> str:
    peer, title = workload.peer.name, workload.title
    return words(
        ja=f"{peer} と比べます: {title.ja}。\n\n比が目標に届かないときの終了コードは 1 です。",
        en=f"Compare with {peer}: {title.en}.\n\nThe exit code is 1 when the ratio is below the one to reach.",
    )


for one in all_workloads().values():
    app.command(one.name, help=_help_of(one))(_compared(one))


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
