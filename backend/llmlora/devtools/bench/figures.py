"""What was measured, beside its budget: how figures come from raw findings, and how they are shown."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from llmlora.devtools.bench.stream import step_value

FRAME_MS = 1000 / 60
# Scripts that a page's HTML names, its scripts and styles until it is quiet (kB, gzip); LCP, CLS; from `ctx.emit` to the painted chart; frames that a screen of 60 Hz misses.
BUDGETS = {"named": 215.0, "code": 260.0, "lcp": 1000.0, "cls": 0.02, "latency_p95": 300.0, "dropped": 5.0}
# What they are called in tables.
NAMED, CODE = "HTML names", "until quiet"
# The page that shows nothing but the shell: what every page costs.
REFERENCE = "not-found"


@dataclass(frozen=True)
class Figure:
    """One measured value of a page, or of what `subject` says else.

    `budget`: the most it may be, `least`: the least; None: reported only. `beside`: the same of a peer in the same run.
    `spread`: the least and the largest of the ratios whose median the value is.
    """

    subject: str
    name: str
    value: float
    unit: str
    budget: float | None = None
    beside: float | None = None
    note: str = ""
    least: float | None = None
    spread: tuple[float, float] | None = None

    @property
    def passed(self) -> bool | None:
        """Whether it keeps its budget; None where it has none."""
        if self.budget is None and self.least is None:
            return None
        is_enough = self.least is None or self.value >= self.least
        return is_enough and (self.budget is None or self.value <= self.budget)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "subject": self.subject,
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "spread": self.spread,
            "budget": self.budget,
            "least": self.least,
            "passed": self.passed,
            "beside": self.beside,
            "note": self.note,
        }


def load_figures(loads: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """Figures of every page, medians over its loads; the reference's stand beside them."""
    by_page: dict[str, list[Mapping[str, Any]]] = {}
    for load in loads:
        by_page.setdefault(load["page"], []).append(load)
    middle = {page: {key: _median(ofs, key) for key in _KEYS} for page, ofs in by_page.items()}
    reference = middle.get(REFERENCE)
    figures = []
    for page, found in middle.items():
        named, framework = found["named_bytes"] / 1000, found["framework_bytes"] / 1000
        note = f"{framework:.1f} + {named - framework:.1f}"
        peer = reference if reference is not None and page != REFERENCE else {}
        figures += [
            Figure(page, NAMED, named, "kB", BUDGETS["named"], None, note),
            Figure(page, CODE, found["code_bytes"] / 1000, "kB", BUDGETS["code"]),
            Figure(page, "LCP", found["lcp_ms"], "ms", BUDGETS["lcp"], peer.get("lcp_ms")),
            Figure(page, "CLS", max(one["cls"] for one in by_page[page]), "", BUDGETS["cls"]),
            Figure(page, "TBT", found["tbt_ms"], "ms", None, peer.get("tbt_ms")),
        ]
    return figures


def latencies_ms(painted: Iterable[Sequence[float]], emitted: Mapping[int, datetime]) -> list[float]:
    """Milliseconds from each step's event to the first frame that showed this step or a later one.

    `painted`: [value of the step curve, Unix milliseconds], in order; steps before the first label are left out, for
    the page may have loaded them.
    """
    step_of = {step_value(step): step for step in emitted}
    found: list[float] = []
    shown: int | None = None
    for value, at_ms in painted:
        step = step_of.get(value)
        if step is None or (shown is not None and step <= shown):
            continue
        if shown is not None:
            found += [
                at_ms - emitted[s].timestamp() * 1000 for s in range(shown + 1, step + 1) if s in emitted
            ]
        shown = step
    return found


def latency_figures(found: Sequence[float]) -> list[Figure]:
    """Median and p95 of what `latencies_ms` found."""
    note = f"{len(found)} events"
    return [
        Figure("event → chart", "p50", percentile(found, 50), "ms", note=note),
        Figure("event → chart", "p95", percentile(found, 95), "ms", BUDGETS["latency_p95"], note=note),
    ]


def frame_figures(frames: Sequence[float], empty: Sequence[float]) -> list[Figure]:
    """How evenly frames come, and how they come to an empty page under the same load."""
    subject = "8 charts × 10 metrics/s"
    return [
        Figure(
            subject,
            "dropped frames",
            dropped_percent(frames),
            "%",
            BUDGETS["dropped"],
            dropped_percent(empty),
        ),
        Figure(subject, "p50 frame", percentile(frames, 50), "ms", beside=percentile(empty, 50)),
        Figure(subject, "p95 frame", percentile(frames, 95), "ms", beside=percentile(empty, 95)),
    ]


def long_chart_figures(turns: Sequence[Mapping[str, Any]], steps: int) -> list[Figure]:
    """Medians of drawing and zooming a run of so many steps."""
    words = {"as_pixels": "sampled to pixels", "all": "every point in the chart"}
    figures = []
    for points, said in words.items():
        ofs = [turn for turn in turns if turn["points"] == points]
        for key, doing in (("first", "first draw"), ("zoom", "zoom")):
            took = _median(ofs, "first_draw_ms" if key == "first" else "zoom_ms")
            note = f"longest task {_median(ofs, f'{key}_block_ms'):.0f} ms"
            figures.append(Figure(f"{steps:,} points, {said}", doing, took, "ms", note=note))
    return figures


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed (nearest rank).

    Raises:
        ValueError: there are none.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def dropped_percent(frames: Sequence[float]) -> float:
    """Share of a 60 Hz screen's refreshes that had no new frame."""
    missed = sum(max(0, round(between / FRAME_MS) - 1) for between in frames)
    return 100 * missed / max(1, missed + len(frames))


_KEYS = ("named_bytes", "framework_bytes", "code_bytes", "lcp_ms", "tbt_ms")


def _median(findings: Sequence[Mapping[str, Any]], key: str) -> float:
    return float(statistics.median(one[key] for one in findings))
