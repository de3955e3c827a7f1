"""Models come from the hub whole and at one commit, however the line behaves."""

import time
from pathlib import Path

import pytest

from tests.plugins.hub import FakeHub, Fault
from tests.recipes.hub.testbed import WEIGHTS, Recorder, Testbed, held, sharded


class TestStandIn:
    def test_installed_client_is_content_with_it(self, hub: FakeHub, model: Path, tmp_path: Path) -> None:
        from huggingface_hub import HfApi, snapshot_download

        known = hub.serve("owner/tiny", model)
        info = HfApi(endpoint=hub.url, token=False).model_info("owner/tiny", files_metadata=True)
        assert info.sha == known.commit
        files = {one.rfilename: one for one in info.siblings or ()}
        assert files[WEIGHTS].lfs is not None
        assert files[WEIGHTS].size == (model / WEIGHTS).stat().st_size
        snapshot_download("owner/tiny", local_dir=tmp_path / "theirs", endpoint=hub.url, token="hf_any")
        theirs = {n: c for n, c in held(tmp_path / "theirs").items() if not n.startswith(".cache")}
        assert theirs == held(model)

    def test_we_ask_for_listings_as_the_installed_client_does(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        from huggingface_hub import HfApi

        known = hub.serve("owner/tiny", model)
        testbed.bring(f"hf:owner/tiny@{known.commit}")
        ours, hub.asked = hub.asked[0], []
        HfApi(endpoint=hub.url, token=False).model_info(
            "owner/tiny", revision=known.commit, files_metadata=True
        )
        assert hub.asked == [ours]


class TestDownload:
    def test_every_byte_arrives_and_nothing_else_is_left(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model, readme="---\nlicense: mit\n---\n")
        directory = testbed.bring("hf:owner/tiny")
        assert held(model).items() <= held(directory).items()
        assert testbed.left == [directory.name]

    def test_progress_is_in_bytes_and_ends_at_the_size(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model).pause_s = 0.005
        ctx = Recorder(testbed.models.parent)
        testbed.bring("hf:owner/tiny", ctx=ctx)
        size = (model / WEIGHTS).stat().st_size
        told = [(one.done, one.total, one.unit) for one in ctx.progress]
        assert told[0] == (0, size, "bytes")
        assert told[-1] == (size, size, "bytes")
        assert len(told) > 3
        assert told == sorted(told)

    def test_pickles_are_left_where_they_are(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        (model / "pytorch_model.bin").write_bytes(b"pickle")
        (model / "consolidated.safetensors").write_bytes(b"the same weights again")
        hub.serve("owner/both", model)
        directory = testbed.bring("hf:owner/both")
        assert not {"pytorch_model.bin", "consolidated.safetensors"} & held(directory).keys()
        assert hub.fetched("pytorch_model.bin") == hub.fetched("consolidated.safetensors") == 0

    def test_shards_come_as_their_index_names_them(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        sharded(model)
        hub.serve("owner/shards", model)
        directory = testbed.bring("hf:owner/shards")
        assert len(list(directory.glob("model-*.safetensors"))) > 1
        assert held(model).items() <= held(directory).items()

    def test_renamed_repository_is_followed(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/new-name", model)
        hub.moved["owner/old-name"] = "owner/new-name"
        assert held(model).items() <= held(testbed.bring("hf:owner/old-name")).items()

    def test_mirror_that_lists_no_hashes(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).has_hashes = False
        assert held(model).items() <= held(testbed.bring("hf:owner/tiny")).items()

    def test_token_opens_a_gated_repository_and_stays_with_the_hub(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.gate("owner/gated", model).granted = {"hf_good"}
        assert (
            testbed.bring("hf:owner/gated", "hf_good") / WEIGHTS
        ).is_file()  # the store refuses whoever shows it
        assert hub.tokens == {"Bearer hf_good"}

    def test_token_opens_a_private_repository(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        known = hub.serve("owner/private", model)
        known.private, known.granted = True, {"hf_good"}
        assert (testbed.bring("hf:owner/private", "hf_good") / WEIGHTS).is_file()


class TestBrokenLines:
    def test_cut_transfers_go_on_where_they_stopped(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model).cuts = [100_000, 1_000_000, 0, 2_000_000]
        ctx = Recorder(testbed.models.parent)
        directory = testbed.bring("hf:owner/tiny", ctx=ctx)
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert hub.ranges == ["bytes=100000-", "bytes=1100000-", "bytes=1100000-", "bytes=3100000-"]
        assert "続きから" in ctx.said

    def test_silent_transfer_goes_on(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).silences = [700_000]
        directory = testbed.bring("hf:owner/tiny")
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert hub.ranges == ["bytes=700000-"]

    def test_silence_without_end_is_told_and_costs_nothing_that_arrived(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        known = hub.serve("owner/tiny", model)
        known.silences = [700_000, 0, 0, 0]
        error = testbed.refused("hf:owner/tiny", silence_s=0.2)
        assert error.code == "hub_transfer_stalled"
        assert f"700000 / {(model / WEIGHTS).stat().st_size}" in error.detail("ja")
        assert [part.stat().st_size for part in testbed.parts] == [700_000]
        hub.ranges.clear()
        assert (testbed.bring("hf:owner/tiny") / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert hub.ranges == ["bytes=700000-"]

    def test_slow_transfer_is_waited_for(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).pause_s = 0.02  # two seconds in all, four times the allowed silence
        assert (testbed.bring("hf:owner/tiny") / WEIGHTS).is_file()
        assert hub.ranges == []

    def test_server_without_ranges_sends_it_anew(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        known = hub.serve("owner/tiny", model)
        known.cuts, known.ignores_ranges = [1_000_000], True
        ctx = Recorder(testbed.models.parent)
        directory = testbed.bring("hf:owner/tiny", ctx=ctx)
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert ctx.progress[-1].done == ctx.progress[-1].total

    def test_other_bytes_than_listed_are_refused(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        content = bytearray((model / WEIGHTS).read_bytes())
        content[-1] ^= 1
        hub.serve("owner/tiny", model).swapped = {WEIGHTS: bytes(content)}
        assert testbed.refused("hf:owner/tiny").code == "hub_file_broken"
        assert testbed.parts == []

    def test_other_small_file_than_listed_is_refused(
        self, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        content = (model / "config.json").read_bytes().replace(b'"silu"', b'"gelu"')
        hub.serve("owner/tiny", model).swapped = {"config.json": content}
        assert testbed.refused("hf:owner/tiny").code == "hub_file_broken"
        assert hub.fetched(WEIGHTS) == 0

    def test_more_bytes_than_listed_are_not_taken(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        content = (model / WEIGHTS).read_bytes()
        hub.serve("owner/tiny", model).swapped = {WEIGHTS: content + bytes(5_000_000)}
        assert testbed.refused("hf:owner/tiny").code == "hub_file_broken"
        assert all(part.stat().st_size <= len(content) for part in testbed.parts)

    @pytest.mark.parametrize(
        ("status", "where"),
        [
            (408, "/api/models/owner/tiny"),
            (500, "/config.json"),
            (502, "/resolve/"),
            (503, "/api/models/owner/tiny"),
            (504, f"/store/{WEIGHTS}"),
        ],
    )
    def test_passing_outage_is_waited_out(
        self, status: int, where: str, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault(where, status)]
        assert (testbed.bring("hf:owner/tiny") / WEIGHTS).is_file()

    @pytest.mark.parametrize("where", ["/api/models/owner/tiny", "/resolve/"])
    def test_hub_that_limits_us_is_waited_for_as_long_as_it_asks(
        self, where: str, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault(where, 429, {"Retry-After": "1"})]
        ctx, began = Recorder(testbed.models.parent), time.monotonic()
        testbed.bring("hf:owner/tiny", ctx=ctx)
        assert time.monotonic() - began >= 1
        assert "HTTP 429" in ctx.said

    def test_limit_told_by_ratelimit_alone(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/api/models/owner/tiny", 429, {"ratelimit": '"api";r=0;t=4000'})]
        error = testbed.refused("hf:owner/tiny")
        assert error.code == "hub_rate_limited"
        assert "4001" in error.detail("ja")

    def test_limit_for_longer_than_we_wait_is_told(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/api/", 429, {"Retry-After": "3600"})]
        error = testbed.refused("hf:owner/tiny")
        assert error.code == "hub_rate_limited"
        assert "3600" in error.detail("en")

    def test_outage_without_end_is_told(self, testbed: Testbed, hub: FakeHub) -> None:
        hub.faults = [Fault("/api/", 500, times=100)]
        assert testbed.refused("hf:owner/tiny").code == "hub_unreachable"
        assert len(hub.asked) == 3
