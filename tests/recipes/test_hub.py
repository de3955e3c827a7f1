"""Models come from the hub whole, at one commit, or not at all; what had arrived is of use to the next try."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from llmlora.contracts.events import ArtifactKind, EventBody, LogBatch, Progress
from llmlora.contracts.recipe import RunCancelledError, RunInputs, RunSpec
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks import hub_errors
from llmlora.recipes.import_base_model.reference import parse

from tests.plugins.hub import FakeHub, Fault, Files

WEIGHTS = "model.safetensors"


class Recorder:
    """A `contracts.recipe.Context` that keeps what is emitted, and is cancelled when it is told to be."""

    def __init__(self, data_dir: Path, token: str | None = None) -> None:
        inputs = RunInputs()
        self.spec = RunSpec(
            job_id="job_test",
            epoch=1,
            recipe="import_base_model",
            config={},
            inputs=inputs,
            data_dir=data_dir,
        )
        self.run_dir = data_dir
        self.secrets = {"HF_TOKEN": token} if token else {}
        self.bodies: list[EventBody] = []
        self.cancelled = False

    def emit(self, body: EventBody) -> None:
        self.bodies.append(body)

    def log(self, message: str, *, level: str = "info") -> None:
        self.bodies.append(LogBatch(level=level, message=message))

    def publish(self, kind: ArtifactKind, name: str, path: Path, facts: object = None) -> None:
        raise AssertionError("these checks publish nothing")

    @property
    def said(self) -> str:
        return "\n".join(body.message for body in self.bodies if isinstance(body, LogBatch))

    @property
    def progress(self) -> list[Progress]:
        return [body for body in self.bodies if isinstance(body, Progress) and body.stage == "download"]


class Ground:
    """A data directory beside a hub."""

    def __init__(self, hub: FakeHub, data_dir: Path) -> None:
        self.hub, self.models = hub, data_dir / "models"
        self.models.mkdir(parents=True)

    def bring(
        self, reference: str, token: str | None = None, *, ctx: Recorder | None = None, **patience: float
    ) -> Path:
        """The directory of the model, imported as a job imports it, but for the child."""
        from llmlora.recipes.import_base_model.hub import from_hub
        from llmlora.recipes.import_base_model.hub_client import Patience

        ctx = ctx or Recorder(self.models.parent, token)
        quick = {"silence_s": 0.5, "pause_s": 0.02, "tries": 3} | patience
        return from_hub(parse(reference), self.models, ctx, Patience(**quick)).directory

    def refused(self, reference: str, token: str | None = None, **patience: float) -> AppError:
        with pytest.raises(AppError) as caught:
            self.bring(reference, token, **patience)
        assert caught.value.detail("ja") != caught.value.detail("en")
        return caught.value

    @property
    def parts(self) -> list[Path]:
        return list(self.models.glob(".downloads/*/*.part"))

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.models.iterdir())


@pytest.fixture
def ground(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    return Ground(hub, tmp_path / "data")


@pytest.fixture
def model(tiny_model_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_dir, tmp_path / "model"))


def edited(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def sharded(directory: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(directory)
    (directory / WEIGHTS).unlink()
    model.save_pretrained(directory, max_shard_size="100KB")


def held(directory: Path) -> Files:
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


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
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        from huggingface_hub import HfApi

        known = hub.serve("owner/tiny", model)
        ground.bring(f"hf:owner/tiny@{known.commit}")
        ours, hub.asked = hub.asked[0], []
        HfApi(endpoint=hub.url, token=False).model_info(
            "owner/tiny", revision=known.commit, files_metadata=True
        )
        assert hub.asked == [ours]


class TestDownload:
    def test_every_byte_arrives_and_nothing_else_is_left(
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model, readme="---\nlicense: mit\n---\n")
        directory = ground.bring("hf:owner/tiny")
        assert held(model).items() <= held(directory).items()
        assert ground.left == [directory.name]

    def test_progress_is_in_bytes_and_ends_at_the_size(
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model).pause_s = 0.005
        ctx = Recorder(ground.models.parent)
        ground.bring("hf:owner/tiny", ctx=ctx)
        size = (model / WEIGHTS).stat().st_size
        told = [(one.done, one.total, one.unit) for one in ctx.progress]
        assert told[0] == (0, size, "bytes")
        assert told[-1] == (size, size, "bytes")
        assert len(told) > 3
        assert told == sorted(told)

    def test_pickles_are_left_where_they_are(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        (model / "pytorch_model.bin").write_bytes(b"pickle")
        (model / "consolidated.safetensors").write_bytes(b"the same weights again")
        hub.serve("owner/both", model)
        directory = ground.bring("hf:owner/both")
        assert not {"pytorch_model.bin", "consolidated.safetensors"} & held(directory).keys()
        assert hub.fetched("pytorch_model.bin") == hub.fetched("consolidated.safetensors") == 0

    def test_shards_come_as_their_index_names_them(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        sharded(model)
        hub.serve("owner/shards", model)
        directory = ground.bring("hf:owner/shards")
        assert len(list(directory.glob("model-*.safetensors"))) > 1
        assert held(model).items() <= held(directory).items()

    def test_renamed_repository_is_followed(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/new-name", model)
        hub.moved["owner/old-name"] = "owner/new-name"
        assert held(model).items() <= held(ground.bring("hf:owner/old-name")).items()

    def test_mirror_that_lists_no_hashes(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).has_hashes = False
        assert held(model).items() <= held(ground.bring("hf:owner/tiny")).items()

    def test_token_opens_a_gated_repository_and_stays_with_the_hub(
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        hub.gate("owner/gated", model).granted = {"hf_good"}
        assert (
            ground.bring("hf:owner/gated", "hf_good") / WEIGHTS
        ).is_file()  # the store refuses whoever shows it
        assert hub.tokens == {"Bearer hf_good"}

    def test_token_opens_a_private_repository(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        known = hub.serve("owner/private", model)
        known.private, known.granted = True, {"hf_good"}
        assert (ground.bring("hf:owner/private", "hf_good") / WEIGHTS).is_file()


class TestBrokenLines:
    def test_cut_transfers_go_on_where_they_stopped(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).cuts = [100_000, 1_000_000, 0, 2_000_000]
        ctx = Recorder(ground.models.parent)
        directory = ground.bring("hf:owner/tiny", ctx=ctx)
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert hub.ranges == ["bytes=100000-", "bytes=1100000-", "bytes=1100000-", "bytes=3100000-"]
        assert "続きから" in ctx.said

    def test_silent_transfer_goes_on(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).silences = [700_000]
        directory = ground.bring("hf:owner/tiny")
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert hub.ranges == ["bytes=700000-"]

    def test_silence_without_end_is_told_and_costs_nothing_that_arrived(
        self, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        known = hub.serve("owner/tiny", model)
        known.silences = [700_000, 0, 0, 0]
        error = ground.refused("hf:owner/tiny", silence_s=0.2)
        assert error.code == "hub_transfer_stalled"
        assert f"700000 / {(model / WEIGHTS).stat().st_size}" in error.detail("ja")
        assert [part.stat().st_size for part in ground.parts] == [700_000]
        hub.ranges.clear()
        assert (ground.bring("hf:owner/tiny") / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert hub.ranges == ["bytes=700000-"]

    def test_slow_transfer_is_waited_for(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model).pause_s = 0.02  # two seconds in all, four times the allowed silence
        assert (ground.bring("hf:owner/tiny") / WEIGHTS).is_file()
        assert hub.ranges == []

    def test_server_without_ranges_sends_it_anew(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        known = hub.serve("owner/tiny", model)
        known.cuts, known.ignores_ranges = [1_000_000], True
        ctx = Recorder(ground.models.parent)
        directory = ground.bring("hf:owner/tiny", ctx=ctx)
        assert (directory / WEIGHTS).read_bytes() == (model / WEIGHTS).read_bytes()
        assert ctx.progress[-1].done == ctx.progress[-1].total

    def test_other_bytes_than_listed_are_refused(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        content = bytearray((model / WEIGHTS).read_bytes())
        content[-1] ^= 1
        hub.serve("owner/tiny", model).swapped = {WEIGHTS: bytes(content)}
        assert ground.refused("hf:owner/tiny").code == "hub_file_broken"
        assert ground.parts == []

    def test_other_small_file_than_listed_is_refused(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        content = (model / "config.json").read_bytes().replace(b'"silu"', b'"gelu"')
        hub.serve("owner/tiny", model).swapped = {"config.json": content}
        assert ground.refused("hf:owner/tiny").code == "hub_file_broken"
        assert hub.fetched(WEIGHTS) == 0

    def test_more_bytes_than_listed_are_not_taken(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        content = (model / WEIGHTS).read_bytes()
        hub.serve("owner/tiny", model).swapped = {WEIGHTS: content + bytes(5_000_000)}
        assert ground.refused("hf:owner/tiny").code == "hub_file_broken"
        assert all(part.stat().st_size <= len(content) for part in ground.parts)

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
        self, status: int, where: str, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault(where, status)]
        assert (ground.bring("hf:owner/tiny") / WEIGHTS).is_file()

    @pytest.mark.parametrize("where", ["/api/models/owner/tiny", "/resolve/"])
    def test_hub_that_limits_us_is_waited_for_as_long_as_it_asks(
        self, where: str, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault(where, 429, {"Retry-After": "1"})]
        ctx, began = Recorder(ground.models.parent), time.monotonic()
        ground.bring("hf:owner/tiny", ctx=ctx)
        assert time.monotonic() - began >= 1
        assert "HTTP 429" in ctx.said

    def test_limit_told_by_ratelimit_alone(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/api/models/owner/tiny", 429, {"ratelimit": '"api";r=0;t=4000'})]
        error = ground.refused("hf:owner/tiny")
        assert error.code == "hub_rate_limited"
        assert "4001" in error.detail("ja")

    def test_limit_for_longer_than_we_wait_is_told(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/api/", 429, {"Retry-After": "3600"})]
        error = ground.refused("hf:owner/tiny")
        assert error.code == "hub_rate_limited"
        assert "3600" in error.detail("en")

    def test_outage_without_end_is_told(self, ground: Ground, hub: FakeHub) -> None:
        hub.faults = [Fault("/api/", 500, times=100)]
        assert ground.refused("hf:owner/tiny").code == "hub_unreachable"
        assert len(hub.asked) == 3


def with_auto_map(directory: Path) -> None:
    edited(directory / "config.json", auto_map={"AutoModelForCausalLM": "modeling_x.X"})


def with_python(directory: Path) -> None:
    (directory / "modeling_x.py").write_text("raise SystemExit")


def with_pickles_alone(directory: Path) -> None:
    (directory / WEIGHTS).rename(directory / "pytorch_model.bin")


def of_unknown_architecture(directory: Path) -> None:
    edited(directory / "config.json", model_type="t5", architectures=["T5EncoderModel"])


def quantised(directory: Path) -> None:
    edited(directory / "config.json", quantization_config={"quant_method": "awq"})


def without_a_shard(directory: Path) -> None:
    sharded(directory)
    (directory / "model-00002-of-00003.safetensors").unlink(missing_ok=True)
    next(iter(sorted(directory.glob("model-*.safetensors")))).unlink()


def with_an_index_that_leads_out(directory: Path) -> None:
    (directory / WEIGHTS).unlink()
    index = {"weight_map": {"lm_head.weight": "../other/model.safetensors"}}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index))


def with_an_empty_index(directory: Path) -> None:
    (directory / WEIGHTS).unlink()
    (directory / "model.safetensors.index.json").write_text("{}")


class TestRefusal:
    @pytest.mark.parametrize(
        ("plant", "code"),
        [
            (with_auto_map, "base_model_auto_map"),
            (with_python, "base_model_python_code"),
            (with_pickles_alone, "base_model_pickled_weights"),
            (of_unknown_architecture, "base_model_architecture_unsupported"),
            (quantised, "base_model_quantised"),
            (without_a_shard, "base_model_file_missing"),
            (with_an_index_that_leads_out, "base_model_file_missing"),
            (with_an_empty_index, "base_model_file_malformed"),
        ],
    )
    def test_before_a_byte_of_the_weights(
        self, plant: Callable[[Path], None], code: str, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        plant(model)
        hub.serve("owner/odd", model)
        assert ground.refused("hf:owner/odd").code == code
        assert not any("/resolve/" in path and path.endswith(".safetensors") for path in hub.asked)
        assert ground.left == []

    @pytest.mark.parametrize(
        ("reference", "token", "code"),
        [
            ("hf:owner/gated", None, "hub_repository_gated"),
            ("hf:owner/gated", "hf_other", "hub_access_not_granted"),
            ("hf:owner/private", None, "hub_repository_missing"),
            ("hf:owner/private", "hf_other", "hub_repository_missing"),
            ("hf:owner/missing", None, "hub_repository_missing"),
            ("hf:owner/tiny", "hf_expired", "hub_token_refused"),
            ("hf:owner/tiny@absent", None, "hub_revision_missing"),
            (f"hf:owner/tiny@{'a' * 40}", None, "hub_revision_missing"),
            ("hf:owner/disabled", None, "hub_repository_closed"),
        ],
    )
    def test_each_has_its_own_words(
        self, reference: str, token: str | None, code: str, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        hub.accepted = {"hf_other"}
        hub.serve("owner/tiny", model)
        hub.gate("owner/gated", model)
        hub.serve("owner/private", model).private = True
        hub.serve("owner/disabled", model).disabled = True
        error = ground.refused(reference, token)
        assert error.code == code
        if code in ("hub_repository_gated", "hub_access_not_granted"):
            assert f"{hub.url}/owner/gated" in error.detail("ja")
        assert ground.left == []

    @pytest.mark.parametrize(
        ("status", "code"),
        [(400, "hub_request_refused"), (410, "hub_repository_closed"), (451, "hub_repository_closed")],
    )
    def test_other_answers_are_not_taken_for_an_outage(
        self, status: int, code: str, ground: Ground, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/api/models/", status)]
        assert ground.refused("hf:owner/tiny").code == code
        assert len(hub.asked) == 1

    def test_listed_file_that_is_not_there(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/tokenizer.json", 404, {"X-Error-Code": "EntryNotFound"})]
        error = ground.refused("hf:owner/tiny")
        assert error.code == "hub_file_missing"
        assert "tokenizer.json" in error.detail("ja")

    def test_model_larger_than_the_disk(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/vast", model).claimed = {WEIGHTS: 10**18}
        error = ground.refused("hf:owner/vast")
        assert error.code == "import_disk_short"
        assert "1000000000.00 GB" in error.detail("ja")
        assert hub.fetched(WEIGHTS) == 0

    def test_what_answers_is_no_hub(self, ground: Ground, hub: FakeHub) -> None:
        hub.faults = [Fault("/api/models/", 200)]
        assert ground.refused("hf:owner/tiny").code == "hub_unreachable"

    def test_nothing_answers(self, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_ENDPOINT", "http://someone:passw0rd@127.0.0.1:9")
        error = ground.refused("hf:owner/tiny")
        assert error.code == "hub_unreachable"
        assert "passw0rd" not in error.detail("en") + error.detail("ja")

    def test_signed_addresses_are_not_shown(self, ground: Ground, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault(f"/store/{WEIGHTS}", 500, times=9)]
        error = ground.refused("hf:owner/tiny")
        assert "s3cr3t" not in error.detail("en") + error.detail("ja")

    def test_every_leaf_says_what_to_do_in_both_languages(self) -> None:
        leaves = [
            one
            for one in vars(hub_errors).values()
            if isinstance(one, type) and one.__module__ == hub_errors.__name__
        ]
        assert len(leaves) >= 13
        assert len({leaf.code for leaf in leaves}) == len(leaves)
        for leaf in leaves:
            assert leaf.ja.rstrip().endswith("。")
            assert leaf.en.rstrip().endswith(".")


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
        assert "なくなりました" in ctx.said
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
