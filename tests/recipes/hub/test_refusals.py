"""What cannot be imported from the hub is refused in words of its own, before any weight is fetched."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from llmlora.recipes.blocks import hub_errors

from tests.plugins.hub import FakeHub, Fault
from tests.recipes.hub.testbed import WEIGHTS, Testbed, edited, sharded


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
        self, plant: Callable[[Path], None], code: str, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        plant(model)
        hub.serve("owner/odd", model)
        assert testbed.refused("hf:owner/odd").code == code
        assert not any("/resolve/" in path and path.endswith(".safetensors") for path in hub.asked)
        assert testbed.left == []

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
        self, reference: str, token: str | None, code: str, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.accepted = {"hf_other"}
        hub.serve("owner/tiny", model)
        hub.gate("owner/gated", model)
        hub.serve("owner/private", model).private = True
        hub.serve("owner/disabled", model).disabled = True
        error = testbed.refused(reference, token)
        assert error.code == code
        if code in ("hub_repository_gated", "hub_access_not_granted"):
            assert f"{hub.url}/owner/gated" in error.detail("ja")
        assert testbed.left == []

    @pytest.mark.parametrize(
        ("status", "code"),
        [(400, "hub_request_refused"), (410, "hub_repository_closed"), (451, "hub_repository_closed")],
    )
    def test_other_answers_are_not_taken_for_an_outage(
        self, status: int, code: str, testbed: Testbed, hub: FakeHub, model: Path
    ) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/api/models/", status)]
        assert testbed.refused("hf:owner/tiny").code == code
        assert len(hub.asked) == 1

    def test_listed_file_that_is_not_there(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault("/tokenizer.json", 404, {"X-Error-Code": "EntryNotFound"})]
        error = testbed.refused("hf:owner/tiny")
        assert error.code == "hub_file_missing"
        assert "tokenizer.json" in error.detail("ja")

    def test_model_larger_than_the_disk(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/vast", model).claimed = {WEIGHTS: 10**18}
        error = testbed.refused("hf:owner/vast")
        assert error.code == "import_disk_short"
        assert "1000000000.00 GB" in error.detail("ja")
        assert hub.fetched(WEIGHTS) == 0

    def test_what_answers_is_no_hub(self, testbed: Testbed, hub: FakeHub) -> None:
        hub.faults = [Fault("/api/models/", 200)]
        assert testbed.refused("hf:owner/tiny").code == "hub_unreachable"

    def test_nothing_answers(self, testbed: Testbed, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_ENDPOINT", "http://someone:passw0rd@127.0.0.1:9")
        error = testbed.refused("hf:owner/tiny")
        assert error.code == "hub_unreachable"
        assert "passw0rd" not in error.detail("en") + error.detail("ja")

    def test_signed_addresses_are_not_shown(self, testbed: Testbed, hub: FakeHub, model: Path) -> None:
        hub.serve("owner/tiny", model)
        hub.faults = [Fault(f"/store/{WEIGHTS}", 500, times=9)]
        error = testbed.refused("hf:owner/tiny")
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
