"""What had arrived from the hub is of use to the next try."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from llmlora.contracts.run import RunCancelledError

from tests.plugins.hub import FakeHub, Fault
from tests.recipes.hub.testbed import WEIGHTS, Recorder, Testbed, held


class TestInterrupted:
    def interrupted(self, testbed: Testbed, at_bytes: int = 200_000, **patience: float) -> None:
        """A download that is cancelled when so many bytes have arrived."""
        ctx = Recorder(testbed.models.parent)

        def cancel() -> None:
            while not testbed.parts or testbed.parts[0].stat().st_size < at_bytes:
                time.sleep(0.01)
            ctx.cancelled = True

        threading.Thread(target=cancel, daemon=True).start()
        with pytest.raises(RunCancelledError):
            testbed.bring("hf:owner/tiny", ctx=ctx, **patience)

    def test_what_arrived_is_kept_and_gone_on_with(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        known = hub.serve("owner/tiny", model)
        known.pause_s = 0.05
        self.interrupted(testbed)
        assert testbed.left == [".downloads"]
        [part] = testbed.parts
        have = part.stat().st_size
        assert 0 < have < (model / WEIGHTS).stat().st_size
        known.pause_s = 0
        ctx = Recorder(testbed.models.parent)
        directory = testbed.bring("hf:owner/tiny", ctx=ctx)
        assert hub.ranges == [f"bytes={have}-"]
        assert ctx.progress[0].done == have
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert testbed.left == [directory.name]

    def test_it_goes_on_with_its_commit_and_says_that_the_branch_has_moved(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        known = hub.serve("owner/tiny", model)
        first, known.pause_s = known.commit, 0.05
        self.interrupted(testbed)
        known.pause_s = 0
        hub.commit("owner/tiny", held(model) | {"generation_config.json": b'{"top_k": 3}'})
        ctx = Recorder(testbed.models.parent)
        directory = testbed.bring("hf:owner/tiny", ctx=ctx)
        assert json.loads((directory / "origin.json").read_text())["reference"] == f"hf:owner/tiny@{first}"
        assert known.commit in ctx.said
        assert first in ctx.said
        again = testbed.bring("hf:owner/tiny")
        assert json.loads((again / "origin.json").read_text())["reference"] == f"hf:owner/tiny@{known.commit}"

    def test_commit_that_is_gone_gives_way_and_its_bytes_are_of_use(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        known = hub.serve("owner/tiny", model)
        first, known.pause_s = known.commit, 0.05
        self.interrupted(testbed)
        have = testbed.parts[0].stat().st_size
        known.pause_s = 0
        hub.commit("owner/tiny", held(model) | {"generation_config.json": b'{"top_k": 3}'})
        del known.commits[first]
        ctx = Recorder(testbed.models.parent)
        directory = testbed.bring("hf:owner/tiny", ctx=ctx)
        assert (
            json.loads((directory / "origin.json").read_text())["reference"]
            == f"hf:owner/tiny@{known.commit}"
        )
        assert "なくなったため" in ctx.said
        assert hub.ranges == [f"bytes={have}-"]

    def test_damaged_part_is_fetched_anew(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        known = hub.serve("owner/tiny", model)
        known.pause_s = 0.05
        self.interrupted(testbed)
        known.pause_s = 0
        testbed.parts[0].write_bytes(bytes(testbed.parts[0].stat().st_size))
        directory = testbed.bring("hf:owner/tiny")
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()

    def test_cancel_is_heard_while_the_hub_is_waited_for(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/api/", 429, {"Retry-After": "200"})]
        ctx = Recorder(testbed.models.parent)
        timer = threading.Timer(0.3, lambda: setattr(ctx, "cancelled", True))
        timer.start()
        began = time.monotonic()
        with pytest.raises(RunCancelledError):
            testbed.bring("hf:owner/tiny", ctx=ctx)
        assert time.monotonic() - began < 30  # the grace of a cancel

    def test_cancel_is_heard_on_a_silent_line(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).silences = [300_000]
        began = time.monotonic()
        self.interrupted(testbed, 300_000, silence_s=120.0)
        assert time.monotonic() - began < 60
        assert [part.stat().st_size for part in testbed.parts] == [300_000]

    def test_abandoned_download_goes_with_the_next_import(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        known = hub.serve("owner/tiny", model)
        known.pause_s = 0.05
        self.interrupted(testbed)
        old = time.time() - 8 * 86_400
        [directory] = (testbed.models / ".downloads").iterdir()
        for path in (*directory.iterdir(), directory):
            os.utime(path, (old, old))
        testbed.refused("hf:owner/missing")
        assert testbed.left == []
