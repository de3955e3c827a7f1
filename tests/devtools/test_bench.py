"""Figures of `bench ui`: from what a browser found to what stands in the table."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llmlora.devtools.bench.figures import (
    CODE,
    NAMED,
    Figure,
    dropped_percent,
    latencies_ms,
    latency_figures,
    load_figures,
    percentile,
)
from llmlora.devtools.bench.lines import line_figures
from llmlora.devtools.bench.stream import step_value

BEGIN = datetime(2026, 11, 21, tzinfo=UTC)
FRAME_MS = 1000 / 60


def emitted(steps: int) -> dict[int, datetime]:
    """A step every 100 ms."""
    return {step: BEGIN + timedelta(milliseconds=100 * step) for step in range(1, steps + 1)}


def painted(step: int, after_ms: float) -> tuple[float, float]:
    """A label that showed a step so many milliseconds after BEGIN."""
    return step_value(step), BEGIN.timestamp() * 1000 + after_ms


class TestLatency:
    def test_steps_that_came_together_were_each_late_by_their_own_time(self) -> None:
        found = latencies_ms([painted(1, 150), painted(3, 350)], emitted(5))
        assert found == pytest.approx([150, 50])  # steps 2 and 3; 1 may have been loaded with the page

    def test_label_drawn_again_is_not_counted_twice(self) -> None:
        found = latencies_ms([painted(1, 150), painted(2, 260), painted(2, 900)], emitted(5))
        assert found == pytest.approx([60])

    def test_p95_above_its_budget_is_red_and_p50_is_reported_only(self) -> None:
        p50, p95 = latency_figures([100.0] * 94 + [400.0] * 6)
        assert (p50.value, p50.passed) == (100, None)
        assert (p95.value, p95.passed) == (400, False)


class TestFrames:
    def test_even_frames_drop_nothing(self) -> None:
        assert dropped_percent([FRAME_MS + 0.4, FRAME_MS - 0.4] * 50) == 0

    def test_frame_of_three_refreshes_dropped_two(self) -> None:
        assert dropped_percent([FRAME_MS] * 97 + [3 * FRAME_MS]) == pytest.approx(2)


class TestLoads:
    def test_page_stands_beside_the_reference_with_medians(self) -> None:
        def load(page: str, lcp_ms: float) -> dict[str, float | str]:
            sizes = {"named_bytes": 220_000, "framework_bytes": 131_000, "code_bytes": 255_000}
            return {"page": page, "lcp_ms": lcp_ms, "cls": 0.0, "tbt_ms": 10.0, **sizes}

        figures = load_figures(
            [load("home", 900), load("home", 300), load("home", 400), load("not-found", 200)]
        )
        of_home = {one.name: one for one in figures if one.subject == "home"}
        assert of_home["LCP"] == Figure("home", "LCP", 400, "ms", 1000, 200)
        assert of_home[NAMED] == Figure("home", NAMED, 220, "kB", 215, note="131.0 + 89.0")
        assert of_home[NAMED].passed is False
        assert of_home[CODE].passed is True


class TestLines:
    def test_page_has_its_folder_and_its_route_and_no_tests(self, tmp_path: Path) -> None:
        files = {
            "app/x/page.tsx": 'import { X } from "@/views/x/x-view";\n',
            "views/x/x-view.tsx": "1\n2\n",
            "views/x/x.test.tsx": "1\n",
            "lib/y.ts": "1\n2\n3\n",
            "lib/api/generated/z.ts": "1\n",
        }
        for name, text in files.items():
            (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "src" / name).write_text(text)
        own, all_pages = line_figures(tmp_path)
        assert (own.subject, own.value) == ("TypeScript of x", 3)
        assert (all_pages.value, all_pages.note) == (6, "6 lines, 1 pages, 3 of no page alone")


class TestPercentile:
    @pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (95, 4.0), (100, 4.0)])
    def test_nearest_rank(self, percent: float, expected: float) -> None:
        assert percentile([4.0, 1.0, 3.0, 2.0], percent) == expected

    def test_nothing_measured_is_no_figure(self) -> None:
        with pytest.raises(ValueError, match="no values"):
            percentile([], 95)
