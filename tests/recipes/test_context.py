"""What a recipe says reaches the pipe as JSON that every reader takes, and SIGTERM reaches the recipe wherever it is."""

import asyncio
import math
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.events import Event, LogBatch, MetricBatch, event_adapter
from llmlora.contracts.run import RunCancelledError, RunInputs, RunSpec
from llmlora.kit.processes import fork
from llmlora.recipes import context as context_room
from llmlora.recipes.context import ChildContext


def test_figures_that_are_no_numbers_travel_in_words(tmp_path: Path) -> None:
    read_fd, write_fd = os.pipe()
    spec = RunSpec(
        job_id="job_1", epoch=1, recipe="text_lora", config={}, inputs=RunInputs(), data_dir=tmp_path
    )
    context = ChildContext(spec, tmp_path, write_fd)
    values = {"train/loss": math.nan, "train/grad_norm": math.inf, "eval/loss": -math.inf, "train/epoch": 1.0}
    context.emit(MetricBatch(step=7, values=values))
    os.close(write_fd)
    with os.fdopen(read_fd, "rb") as stream:
        metrics, line = (event_adapter.validate_json(line) for line in stream)
    assert isinstance(line.body, LogBatch)
    assert isinstance(metrics.body, MetricBatch)
    assert metrics.body.values == {"train/epoch": 1.0}
    assert metrics.body.not_finite == {"train/loss": "nan", "train/grad_norm": "inf", "eval/loss": "-inf"}


class TestSigterm:
    """In a process of its own each, since signals belong to processes."""

    @pytest.fixture
    def in_child(self, tmp_path: Path) -> Callable[[Callable[[ChildContext], None]], list[Event]]:
        def run(do: Callable[[ChildContext], None]) -> list[Event]:
            output, events = tmp_path / "output", tmp_path / "events"
            spec = RunSpec(
                job_id="job_1", epoch=1, recipe="x", config={}, inputs=RunInputs(), data_dir=tmp_path
            )

            def live() -> int:
                with events.open("wb") as stream:
                    context = ChildContext(spec, tmp_path, stream.fileno())
                    context.watch_signals()
                    do(context)
                return 0

            with output.open("wb") as stream:
                pid = fork(live, env=dict(os.environ), output=stream.fileno())
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            assert status == 0, output.read_text()
            return [event_adapter.validate_json(line) for line in events.read_bytes().splitlines()]

        return run

    def test_ends_what_waits_computes_or_serves(self, in_child: Any) -> None:
        def waits() -> None:
            time.sleep(60)

        def computes() -> None:
            while True:
                sum(range(1000))

        def serves() -> None:
            asyncio.run(asyncio.sleep(60))

        def handles_every_exception() -> None:
            while True:
                with suppress(Exception):
                    time.sleep(60)

        def live(context: ChildContext) -> None:
            for block in (waits, computes, serves, handles_every_exception):
                context._cancelled.clear()
                threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
                began = time.monotonic()
                with pytest.raises(RunCancelledError), context.interruptible():
                    block()
                assert time.monotonic() - began < 30

        in_child(live)

    def test_is_raised_again_where_it_was_swallowed(self, in_child: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(context_room, "AGAIN_S", 0.05)
        swallowed: list[bool] = []

        def swallows() -> None:
            while True:
                try:
                    time.sleep(60)
                except BaseException:
                    if len(swallowed) == 2:
                        raise
                    swallowed.append(True)

        def live(context: ChildContext) -> None:
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
            with pytest.raises(RunCancelledError), context.interruptible():
                swallows()

        in_child(live)

    def test_only_tells_a_block_that_looks_by_itself(self, in_child: Any) -> None:
        def live(context: ChildContext) -> None:
            with context.interruptible():
                with context.without_interruption():
                    os.kill(os.getpid(), signal.SIGTERM)
                    assert context.cancelled
                    context.log("saved")
                context.spec.config["completed"] = True
            assert context.spec.config["completed"]

        assert [event.body.message for event in in_child(live)] == ["saved"]

    def test_that_came_before_ends_what_begins(self, in_child: Any) -> None:
        def live(context: ChildContext) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            with pytest.raises(RunCancelledError), context.interruptible():
                time.sleep(60)

        in_child(live)

    def test_never_tears_an_event(self, in_child: Any) -> None:
        """Threads emit beside the main thread, which is interrupted thirty times while it emits."""

        def live(context: ChildContext) -> None:
            over = threading.Event()

            def beside() -> None:
                while not over.is_set():
                    context.log("y" * 5000)

            thread = threading.Thread(target=beside)
            thread.start()
            for turn in range(30):
                context._cancelled.clear()
                threading.Timer(0.0005 * (turn % 7), os.kill, (os.getpid(), signal.SIGTERM)).start()
                with suppress(RunCancelledError), context.interruptible():
                    while True:
                        context.log("x" * 5000)
            over.set()
            thread.join()

        events = in_child(live)
        assert [event.src_seq for event in events] == list(range(1, len(events) + 1))
