"""The console of a run: a line a step, made of what the recipe declares, and never too many."""

import json
import os
from pathlib import Path

from llmlora.contracts.events import Finished, LogBatch, MetricBatch
from llmlora.contracts.recipe import Metric
from llmlora.contracts.run import RunInputs, RunSpec
from llmlora.contracts.text import Text
from llmlora.recipes.context import ChildContext
from llmlora.recipes.step_lines import EVERY, StepLines, stride_of, written

WORD = Text(ja="値", en="value")
METRICS = (
    Metric("quality", WORD, "quality", better="up"),
    Metric("pace", WORD, "pace", "tokens_per_s"),
    Metric("room", WORD, "room", "bytes"),
)


def lines_of(lines: StepLines, *bodies: MetricBatch | Finished) -> list[str]:
    return [line.message for body in bodies for line in lines.of(body)]


class TestLines:
    def test_figures_stand_in_the_order_and_the_units_of_their_recipe(self) -> None:
        batch = MetricBatch(
            step=7, values={"other": 1.5, "room": 2.5e9, "pace": 1234.56, "quality": 0.123456}
        )
        [line] = lines_of(StepLines(METRICS), batch)
        assert line == "step 7: quality 0.1235, pace 1235, room 2.5 GB, other 1.5"

    def test_figures_that_are_no_numbers_are_told_by_their_word(self) -> None:
        batch = MetricBatch(step=1, values={}, not_finite={"quality": "nan"})
        assert lines_of(StepLines(METRICS), batch) == ["step 1: quality nan"]

    def test_units_are_written_short(self) -> None:
        told = [
            written(2e-4, "rate"),
            written(999, "bytes"),
            written(12_345_678, "tokens"),
            written(1.5e6, "bytes"),
        ]
        assert told == ["0.0002", "999 B", "12345678", "1.5 MB"]


class TestThinning:
    def test_hundred_thousand_steps_have_few_lines_the_last_among_them_and_it_is_said(self) -> None:
        lines = StepLines(METRICS)
        told = [
            line
            for step in range(1, 100_001)
            for line in lines.of(MetricBatch(step=step, values={"quality": step}))
        ]
        assert [line.step for line in told[:EVERY]] == list(range(1, EVERY + 1))
        assert len(told) < 5 * EVERY
        assert sum("from here on one in" in line.message for line in told) == 3
        lines.of(MetricBatch(step=100_001, values={"quality": 1}))

    def test_last_step_has_a_line_though_it_was_left_out(self) -> None:
        lines = StepLines(METRICS)
        for step in range(1, EVERY + 6):
            last = list(lines.of(MetricBatch(step=step, values={"quality": step})))
        assert last == []
        assert lines_of(lines, Finished(outcome="completed")) == [f"step {EVERY + 5}: quality {EVERY + 5}"]
        assert lines_of(lines, Finished(outcome="completed")) == []

    def test_evaluations_are_not_lost_among_the_steps(self) -> None:
        lines = StepLines(METRICS)
        for step in range(1, 1000):
            list(lines.of(MetricBatch(step=step, values={"quality": step})))
        assert lines_of(lines, MetricBatch(step=999, values={"eval/quality": 0.5})) == [
            "step 999: eval/quality 0.5"
        ]

    def test_steps_grow_tenfold(self) -> None:
        assert [stride_of(n) for n in (1, EVERY, EVERY + 1, 10 * EVERY, 10 * EVERY + 1)] == [
            1,
            1,
            10,
            10,
            100,
        ]


class TestContext:
    def test_line_follows_its_figures_and_the_last_word_stays_the_last(self, tmp_path: Path) -> None:
        spec = RunSpec(
            job_id="job_x", epoch=1, recipe="text_lora", config={}, inputs=RunInputs(), data_dir=tmp_path
        )
        with (tmp_path / "events").open("wb") as sink:
            ctx = ChildContext(spec, tmp_path, os.dup(sink.fileno()))
            ctx.emit(MetricBatch(step=1, values={"train/learning_rate": 2e-4, "train/loss": float("nan")}))
            ctx.log("on its way")
            ctx.emit(Finished(outcome="completed"))
        events = [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
        assert [event["src_seq"] for event in events] == [1, 2, 3, 4]
        assert [event["body"]["type"] for event in events] == ["metrics", "log", "log", "finished"]
        line = LogBatch.model_validate(events[1]["body"])
        assert (line.step, line.message) == (1, "step 1: train/loss nan, train/learning_rate 0.0002")
        assert events[2]["body"]["step"] is None
