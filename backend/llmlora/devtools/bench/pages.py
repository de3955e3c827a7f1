"""The pages as a browser has them, with everything running: cold loads, a long curve, the charts of a running job."""

import json
from typing import Any

import httpx

from llmlora.devtools.bench.figures import (
    REFERENCE,
    Figure,
    frame_figures,
    latencies_ms,
    latency_figures,
    load_figures,
    long_chart_figures,
)
from llmlora.devtools.bench.lines import line_figures
from llmlora.devtools.bench.worker import store_stream, with_streams
from llmlora.devtools.node_script import run_script
from llmlora.devtools.seeding import Seeded, ask, emitted_steps, pages_of, seed, until_over
from llmlora.devtools.studio import Studio, running_studio, say, temporary_settings

LONG_STEPS = 100_000
LONG_TURNS = 3
PER_S = 10.0
WATCH_S = 30
FRAMES_S = 15
CHARTS = 8
# Ends by itself should nobody cancel it.
LIVE_STEPS = 6000


async def measure_pages(loads: int) -> list[Figure]:
    """Start a platform of its own, fill it, and measure; each page is loaded so many times.

    Raises:
        UnavailableError: no Chromium, no Node.js, or a platform that does not start.
    """
    with temporary_settings() as settings:
        async with running_studio(settings, with_streams) as studio, studio.client() as client:
            seeded = await seed(client)
            say(f"{LONG_STEPS} ステップの記録を作っています", f"recording a run of {LONG_STEPS} steps")
            long_run = await store_stream(settings, "100,000 steps", steps=LONG_STEPS, per_s=0)
            await until_over(client, long_run)
            figures = await _loads(studio, seeded, loads)
            figures += await _long_chart(studio, long_run)
            return [*figures, *await _live(studio, client, seeded), *line_figures()]


async def _loads(studio: Studio, seeded: Seeded, loads: int) -> list[Figure]:
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


async def _long_chart(studio: Studio, job_id: str) -> list[Figure]:
    say("長い曲線を描いています", "drawing a long curve")
    task = {
        "pages_url": studio.pages_url, "api_url": studio.api_url, "job_id": job_id,
        "job_path": f"/training/{job_id}", "steps": LONG_STEPS, "turns": LONG_TURNS,
    }  # fmt: skip
    turns = [turn async for turn in run_script("bench/long-chart.mjs", task)]
    return long_chart_figures(turns, LONG_STEPS)


async def _live(studio: Studio, client: httpx.AsyncClient, seeded: Seeded) -> list[Figure]:
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


def _framework_files(studio: Studio) -> list[str]:
    """Scripts that every page of Next.js loads before any of ours: React and the router."""
    assert studio.pages is not None
    manifest = json.loads((studio.pages.folder / ".next" / "build-manifest.json").read_bytes())
    return [str(file) for file in manifest["rootMainFiles"]]
