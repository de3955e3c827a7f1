"""`bench`: measurements whose budgets are written down. `bench ui` measures the pages as a browser has them."""

import json
import os
import platform
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmlora.entry.console import AsJson, print_json, run_async

if TYPE_CHECKING:
    import httpx

    from llmlora.devtools.bench.figures import Figure
    from llmlora.devtools.seeding import Seeded
    from llmlora.devtools.studio import Studio

LOADS = 3
LONG_STEPS = 100_000
LONG_TURNS = 3
PER_S = 10.0
WATCH_S = 30
FRAMES_S = 15
CHARTS = 8
# Ends by itself should nobody cancel it.
LIVE_STEPS = 6000

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
    _tell(lambda: run_async(_measure(loads)), as_json)


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


async def _measure(loads: int) -> "list[Figure]":
    from llmlora.devtools.bench.worker import store_stream, with_streams
    from llmlora.devtools.seeding import seed, until_over
    from llmlora.devtools.studio import running_studio, say, temporary_settings

    with temporary_settings() as settings:
        async with running_studio(settings, with_streams) as studio, studio.client() as client:
            seeded = await seed(client)
            say(f"{LONG_STEPS} ステップの記録を作っています", f"recording a run of {LONG_STEPS} steps")
            long_run = await store_stream(settings, "100,000 steps", steps=LONG_STEPS, per_s=0)
            await until_over(client, long_run)
            figures = await _loads(studio, seeded, loads)
            figures += await _long_chart(studio, long_run)
            return figures + await _live(studio, client, seeded)


async def _loads(studio: "Studio", seeded: "Seeded", loads: int) -> "list[Figure]":
    from llmlora.devtools.bench.figures import REFERENCE, load_figures
    from llmlora.devtools.node_script import run_script
    from llmlora.devtools.seeding import pages_of
    from llmlora.devtools.studio import say

    pages = {**pages_of(seeded), REFERENCE: "/nothing/stands/here"}
    task = {
        "pages_url": studio.pages_url,
        "pages": pages,
        "loads": loads,
        "framework": _framework_files(studio),
    }
    found: list[dict[str, Any]] = []
    async for load in run_script("bench/loads.mjs", task):
        found.append(load)
        say(f"読み込み {len(found)}/{len(pages) * loads} {load['page']}", f"{load['lcp_ms']:.0f} ms")
    return load_figures(found)


async def _long_chart(studio: "Studio", job_id: str) -> "list[Figure]":
    from llmlora.devtools.bench.figures import long_chart_figures
    from llmlora.devtools.node_script import run_script
    from llmlora.devtools.studio import say

    say("長い曲線を描いています", "drawing a long curve")
    task = {
        "pages_url": studio.pages_url, "api_url": studio.api_url, "job_id": job_id,
        "job_path": f"/training/{job_id}", "steps": LONG_STEPS, "turns": LONG_TURNS,
    }  # fmt: skip
    turns = [turn async for turn in run_script("bench/long-chart.mjs", task)]
    return long_chart_figures(turns, LONG_STEPS)


async def _live(studio: "Studio", client: "httpx.AsyncClient", seeded: "Seeded") -> "list[Figure]":
    from llmlora.devtools.bench.figures import frame_figures, latencies_ms, latency_figures
    from llmlora.devtools.bench.worker import store_stream
    from llmlora.devtools.node_script import run_script
    from llmlora.devtools.seeding import ask, emitted_steps, until_over
    from llmlora.devtools.studio import say

    say(
        "動いているジョブのグラフを見ています（1〜2 分）",
        "watching the charts of a running job (1–2 minutes)",
    )
    job_id = await store_stream(studio.settings, "10 metrics/s", steps=LIVE_STEPS, per_s=PER_S)
    task = {
        "pages_url": studio.pages_url, "job_path": f"/training/{job_id}", "watch_s": WATCH_S,
        "charts_path": f"/training/compare?ids={job_id},{seeded.trained_id}", "charts": CHARTS,
        "frames_s": FRAMES_S,
    }  # fmt: skip
    found: dict[str, Any] = {}
    async for line in run_script("bench/live.mjs", task):
        found |= line
    await ask(client, "POST", f"/api/training/jobs/{job_id}/cancel", json={"checkpoint": "discard"})
    await until_over(client, job_id, wanted="cancelled")
    emitted = await emitted_steps(client, job_id)
    return [
        *latency_figures(latencies_ms(found["painted"], emitted)),
        *frame_figures(found["frames"], found["empty_frames"]),
    ]


def _framework_files(studio: "Studio") -> list[str]:
    """Scripts that every page of Next.js loads before any of ours: React and the router."""
    assert studio.pages is not None
    manifest = json.loads((studio.pages.folder / ".next" / "build-manifest.json").read_bytes())
    return [str(file) for file in manifest["rootMainFiles"]]
