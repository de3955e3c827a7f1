"""What had arrived from the hub is of use to the next try."""

import json
import os
import threading
import time
from pathlib import Path

import pytest

from llmlora.contracts.run import RunCancelledError

from tests.plugins.hub import FakeHub, Fault
from tests.recipes.hub.ground import WEIGHTS, Ground, Recorder, held


class TestInterrupted:
    def interrupted(self, ground: Ground, at_bytes: int = 200_000, **patience: float) -> None:
        """A download that is cancelled when so many bytes have arrived."""
        ctx = Recorder(ground.models.parent)

        def cancel() -> None:
            while not ground.parts or ground.parts[0].stat().st_size < at_bytes:
                time.sleep(0.01)
            ctx.cancelled = True

        threading.Thread(target=cancel, daemon=True).start()
        with pytest.raises(RunCancelledError):
            ground.bring("hf:owner/tiny", ctx=ctx, **patience)

    def test_what_arrived_is_kept_and_gone_on_with(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        known = hub.serve("owner/tiny", model)
        known.pause_s = 0.05
        self.interrupted(ground)
        assert ground.left == [".downloads"]
        [part] = ground.parts
        have = part.stat().st_size
        assert 0 < have < (model / WEIGHTS).stat().st_size
        known.pause_s = 0
        ctx = Recorder(ground.models.parent)
        directory = ground.bring("hf:owner/tiny", ctx=ctx)
        assert hub.ranges == [f"bytes={have}-"]
        assert ctx.progress[0].done == have
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert ground.left == [directory.name]

    def test_it_goes_on_with_its_commit_and_says_that_the_branch_has_moved(
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        known = hub.serve("owner/tiny", model)
        first, known.pause_s = known.commit, 0.05
        self.interrupted(ground)
        known.pause_s = 0
        hub.commit("owner/tiny", held(model) | {"generation_config.json": b'{"top_k": 3}'})
        ctx = Recorder(ground.models.parent)
        directory = ground.bring("hf:owner/tiny", ctx=ctx)
        assert json.loads((directory / "origin.json").read_text())["reference"] == f"hf:owner/tiny@{first}"
        assert known.commit in ctx.said
        assert first in ctx.said
        again = ground.bring("hf:owner/tiny")
        assert json.loads((again / "origin.json").read_text())["reference"] == f"hf:owner/tiny@{known.commit}"

    def test_commit_that_is_gone_gives_way_and_its_bytes_are_of_use(
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        known = hub.serve("owner/tiny", model)
        first, known.pause_s = known.commit, 0.05
        self.interrupted(ground)
        have = ground.parts[0].stat().st_size
        known.pause_s = 0
        hub.commit("owner/tiny", held(model) | {"generation_config.json": b'{"top_k": 3}'})
        del known.commits[first]
        ctx = Recorder(ground.models.parent)
        directory = ground.bring("hf:owner/tiny", ctx=ctx)
        assert (
            json.loads((directory / "origin.json").read_text())["reference"]
            == f"hf:owner/tiny@{known.commit}"
        )
        assert "なくなったため" in ctx.said
        assert hub.ranges == [f"bytes={have}-"]

    def test_damaged_part_is_fetched_anew(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        known = hub.serve("owner/tiny", model)
        known.pause_s = 0.05
        self.interrupted(ground)
        known.pause_s = 0
        ground.parts[0].write_bytes(bytes(ground.parts[0].stat().st_size))
        directory = ground.bring("hf:owner/tiny")
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()

    def test_cancel_is_heard_while_the_hub_is_waited_for(
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/api/", 429, {"Retry-After": "200"})]
        ctx = Recorder(ground.models.parent)
        timer = threading.Timer(0.3, lambda: setattr(ctx, "cancelled", True))
        timer.start()
        began = time.monotonic()
        with pytest.raises(RunCancelledError):
            ground.bring("hf:owner/tiny", ctx=ctx)
        assert time.monotonic() - began < 30  # the grace of a cancel

    def test_cancel_is_heard_on_a_silent_line(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).silences = [300_000]
        began = time.monotonic()
        self.interrupted(ground, 300_000, silence_s=120.0)
        assert time.monotonic() - began < 60
        assert [part.stat().st_size for part in ground.parts] == [300_000]

    def test_abandoned_download_goes_with_the_next_import(
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        known = hub.serve("owner/tiny", model)
        known.pause_s = 0.05
        self.interrupted(ground)
        old = time.time() - 8 * 86_400
        [directory] = (ground.models / ".downloads").iterdir()
        for path in (*directory.iterdir(), directory):
            os.utime(path, (old, old))
        ground.refused("hf:owner/missing")
        assert ground.left == []
