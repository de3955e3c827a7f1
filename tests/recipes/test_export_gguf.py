"""GGUF export: what is written is what was trained, and what cannot be written is refused with a cure."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from llmlora.contracts.events import Event, Progress
from llmlora.contracts.run import BaseModelInput, FileInput, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import Outcome, run_dir_of, run_recipe
from llmlora.recipes.blocks.gguf.adapter import read_config, refuse_unsupported, stage_adapter
from llmlora.recipes.blocks.gguf.converter import LORA_SCRIPT, script_path
from llmlora.recipes.blocks.gguf.errors import AdapterUnreadableError, AdapterUnsupportedError
from llmlora.recipes.export_gguf.spec import ExportGgufConfig

from tests.factories import export_run
from tests.here import run_here

TURN_END = "<|im_end|>"
MakeAdapter = Callable[..., Path]


@pytest.fixture
def base(tiny_model_dir: Path) -> BaseModelInput:
    return BaseModelInput(
        id="bm_tiny",
        reference=f"path:{tiny_model_dir}",
        path=tiny_model_dir,
        weights_digest="d" * 64,
        tokenizer_hash="t",
        template_hash=None,
    )


@pytest.fixture
def make_adapter(base: BaseModelInput, tmp_path: Path) -> MakeAdapter:
    """PEFT adapters on the tiny Llama whose B matrices are not zero."""

    def make(**settings: Any) -> Path:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model = AutoModelForCausalLM.from_pretrained(base.path)
        chosen: dict[str, Any] = {"r": 4, "lora_alpha": 8, "target_modules": "all-linear", **settings}
        adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **chosen))
        torch.manual_seed(0)
        for name, weights in adapted.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weights)
        directory = tmp_path / f"adapter_{len(list(tmp_path.iterdir()))}"
        adapted.save_pretrained(directory)
        tokenizer = AutoTokenizer.from_pretrained(base.path)
        tokenizer.eos_token = TURN_END
        tokenizer.save_pretrained(directory)
        (directory / "training_args.json").write_text(
            json.dumps({"base_weights_digest": base.weights_digest})
        )
        return directory

    return make


def run_of(base: BaseModelInput, adapter: Path | None, data_dir: Path, **config: str) -> RunSpec:
    return export_run(
        base, None if adapter is None else FileInput(path=adapter, sha256=""), data_dir, **config
    )


def export(base: BaseModelInput, adapter: Path | None, data_dir: Path, **config: str) -> tuple[Outcome, Path]:
    spec = run_of(base, adapter, data_dir, **config)
    return run_here(spec), run_dir_of(spec)


def wide_model(tiny: Path, directory: Path) -> Path:
    """The tiny Llama with rows of whole blocks of 256."""
    from transformers import AutoConfig, LlamaForCausalLM

    shutil.copytree(tiny, directory)
    (directory / "model.safetensors").unlink()
    config = AutoConfig.from_pretrained(tiny)
    config.hidden_size, config.intermediate_size, config.head_dim = 256, 512, 64
    LlamaForCausalLM(config).save_pretrained(directory)
    return directory


def nothing_is_left(run_dir: Path) -> bool:
    left = {p.name for p in run_dir.iterdir()}
    return left <= {"spec.json", "pid", "events.jsonl", "output.log", "converter.log"}


class TestConfig:
    @pytest.mark.parametrize(
        ("target", "outtype"),
        [("adapter", "bf16"), ("adapter", "q4_K_M"), ("merged", "f32"), ("base", "f32")],
    )
    def test_format_that_the_target_does_not_have_is_refused(self, target: str, outtype: str) -> None:
        with pytest.raises(ValidationError, match=f"must be one of .* with target {target}"):
            ExportGgufConfig.model_validate({"target": target, "outtype": outtype})


class TestStaging:
    """llama.cpp multiplies B·A by alpha / rank; PEFT's own scaling must come out."""

    @pytest.mark.parametrize(
        "settings",
        [
            {},
            {"use_rslora": True},
            {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"down_proj": 3}},
            {"rank_pattern": {"layers.1.self_attn.v_proj": 8}, "use_rslora": True},
        ],
        ids=["plain", "rslora", "patterns", "rslora with patterns"],
    )
    def test_scaling_is_that_of_peft(
        self, base: BaseModelInput, make_adapter: MakeAdapter, tmp_path: Path, settings: dict[str, Any]
    ) -> None:
        import torch
        from peft import PeftModel
        from safetensors.torch import load_file
        from transformers import AutoModelForCausalLM

        directory = make_adapter(**settings)
        staged = stage_adapter(directory, read_config(directory), tmp_path / "staged")
        model: Any = PeftModel.from_pretrained(
            AutoModelForCausalLM.from_pretrained(base.path), str(directory)
        )
        tensors = load_file(staged.directory / "adapter_model.safetensors")
        modules = dict(model.named_modules())
        assert staged.pairs == 14
        for name in (n for n in tensors if n.endswith("lora_A.weight")):
            stem = name.removesuffix(".lora_A.weight")
            down, up = tensors[name], tensors[f"{stem}.lora_B.weight"]
            ours = staged.alpha / down.shape[0] * up @ down
            torch.testing.assert_close(ours, modules[stem].get_delta_weight("default"))

    def test_rslora_needs_no_changed_tensor(self, make_adapter: MakeAdapter, tmp_path: Path) -> None:
        directory = make_adapter(use_rslora=True)
        staged = stage_adapter(directory, read_config(directory), tmp_path / "staged")
        assert staged.alpha == pytest.approx(8 * 4**0.5)

    @pytest.mark.parametrize(
        "unfit", [{"modules_to_save": ["lm_head"]}, {"bias": "all"}, {"lora_bias": True}], ids=str
    )
    @pytest.mark.parametrize("merged", [True, False])
    def test_adapter_that_changes_more_is_refused(self, unfit: dict[str, Any], merged: bool) -> None:
        with pytest.raises(AdapterUnsupportedError):
            refuse_unsupported(unfit, merged=merged, vocabulary=10, tokens=10)

    def test_new_tokens_are_refused(self) -> None:
        with pytest.raises(AdapterUnsupportedError, match="2 new tokens"):
            refuse_unsupported({}, merged=True, vocabulary=10, tokens=12)

    def test_dora_is_sent_to_the_merge(self) -> None:
        with pytest.raises(AdapterUnsupportedError, match="--target merged"):
            refuse_unsupported({"use_dora": True}, merged=False, vocabulary=10, tokens=10)
        refuse_unsupported({"use_dora": True}, merged=True, vocabulary=10, tokens=10)

    @pytest.mark.parametrize(
        "content", ["{", '{"peft_type": "IA3"}', '{"peft_type": "LORA", "lora_alpha": 0}']
    )
    def test_other_adapters_are_refused(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "adapter_config.json").write_text(content)
        with pytest.raises(AdapterUnreadableError):
            read_config(tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestExport:
    @pytest.mark.parametrize("outtype", ["f16", "f32", "q8_0"])
    def test_adapter(
        self, base: BaseModelInput, make_adapter: MakeAdapter, tmp_path: Path, outtype: str
    ) -> None:
        import gguf
        import numpy as np
        from safetensors.numpy import load_file

        directory = make_adapter()
        outcome, run_dir = export(base, directory, tmp_path, target="adapter", outtype=outtype)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        artifact = outcome.artifacts[0]
        assert artifact.facts["alpha"] == 8.0
        assert artifact.facts["tensors"] == 28
        reader = gguf.GGUFReader(run_dir / artifact.path)
        written = {t.name: t for t in reader.tensors}["blk.1.ffn_down.weight.lora_b"]
        values = gguf.quants.dequantize(written.data, written.tensor_type)
        trained = load_file(directory / "adapter_model.safetensors")
        name = "base_model.model.model.layers.1.mlp.down_proj.lora_B.weight"
        np.testing.assert_allclose(values, trained[name], atol=2e-3)
        fields = b"".join(bytes(p) for f in reader.fields.values() for p in f.parts)
        assert str(base.path).encode() not in fields

    @pytest.mark.parametrize("outtype", ["f16", "bf16", "q8_0", "q4_K_M"])
    def test_merged(
        self, base: BaseModelInput, make_adapter: MakeAdapter, tmp_path: Path, outtype: str
    ) -> None:
        import gguf

        directory = make_adapter(use_dora=True)
        template = directory / "chat_template.jinja"
        template.write_text(template.read_text() + "{# trained #}")
        outcome, run_dir = export(base, directory, tmp_path, target="merged", outtype=outtype)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        reader = gguf.GGUFReader(run_dir / outcome.artifacts[0].path)
        assert reader.get_field("tokenizer.chat_template").contents() == template.read_text()
        tokens = reader.get_field("tokenizer.ggml.tokens")
        eos = reader.get_field("tokenizer.ggml.eos_token_id").contents()
        assert tokens.contents(eos) == TURN_END
        assert [one.name for one in run_dir.glob("*.gguf")] == [f"merged-{outtype}.gguf"]

    def test_model_in_four_bits_is_smaller_and_says_so(self, base: BaseModelInput, tmp_path: Path) -> None:
        """By the way of f16, which goes; what quantizes tells how far it is."""
        import gguf

        wide = wide_model(base.path, tmp_path / "wide")
        shown = base.model_copy(update={"path": wide})
        spec, seen = run_of(shown, None, tmp_path, target="base", outtype="q4_K_M"), list[Event]()
        outcome = run_here(spec, seen.append)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert "quantise" in {event.body.stage for event in seen if isinstance(event.body, Progress)}
        weights_f32_bytes = (wide / "model.safetensors").stat().st_size
        assert outcome.artifacts[0].size_bytes < 0.35 * weights_f32_bytes
        reader = gguf.GGUFReader(run_dir_of(spec) / "base-q4_K_M.gguf")
        kinds = {tensor.tensor_type.name for tensor in reader.tensors}
        assert {"Q4_K", "Q6_K"} <= kinds
        assert reader.get_field("general.file_type").contents() == gguf.LlamaFileType.MOSTLY_Q4_K_M

    def test_base(self, base: BaseModelInput, tmp_path: Path) -> None:
        outcome, _ = export(base, None, tmp_path, target="base", outtype="f16")
        assert outcome.state is JobState.COMPLETED, outcome.failure

    @pytest.mark.parametrize(
        ("fault", "code"),
        [("other base", "foreign_adapter"), ("dora", "adapter_unsupported"), ("nan", "export_check_failed"),
         ("no weights", "adapter_unreadable"), ("no adapter", "run_input_not_given")],
    )  # fmt: skip
    def test_refused_export_leaves_nothing(
        self, base: BaseModelInput, make_adapter: MakeAdapter, tmp_path: Path, fault: str, code: str
    ) -> None:
        directory = make_adapter(use_dora=fault == "dora")
        weights = directory / "adapter_model.safetensors"
        if fault == "other base":
            (directory / "training_args.json").write_text(json.dumps({"base_weights_digest": "e" * 64}))
        elif fault == "nan":
            from safetensors.torch import load_file, save_file

            save_file({n: t * float("nan") for n, t in load_file(weights).items()}, weights)
        elif fault == "no weights":
            weights.write_bytes(b"pickle?")
        given = None if fault == "no adapter" else directory
        outcome, run_dir = export(base, given, tmp_path, target="adapter", outtype="f16")
        assert outcome.failure is not None
        assert outcome.failure.code == code
        assert outcome.failure.ja != outcome.failure.en
        assert nothing_is_left(run_dir)

    def test_cancelled_export_leaves_nothing(
        self, base: BaseModelInput, make_adapter: MakeAdapter, tmp_path: Path
    ) -> None:
        def sink(event: Event) -> None:
            if isinstance(event.body, Progress) and event.body.stage == "convert":
                (pid_file,) = tmp_path.glob("jobs/*/1/pid")
                os.kill(int(pid_file.read_text()), signal.SIGTERM)

        spec = run_of(base, make_adapter(), tmp_path, target="adapter", outtype="f16")
        outcome, run_dir = asyncio.run(run_recipe(spec, sink)), run_dir_of(spec)
        assert outcome.state is JobState.CANCELLED
        assert nothing_is_left(run_dir)

    def test_program_that_other_systems_start_becomes_the_script(self) -> None:
        program = [sys.executable, "-m", "llmlora.recipes.blocks.gguf.converter"]
        done = subprocess.run(
            [*program, str(script_path(LORA_SCRIPT)), "--help"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert f"usage: {LORA_SCRIPT}" in done.stdout


class TestConverters:
    @pytest.mark.slow
    def test_every_converter_of_llama_cpp_can_be_imported(self, tmp_path: Path) -> None:
        # In a program of its own, which has PyPI's gguf loaded as our children have.
        script = tmp_path / "import_all.py"
        script.write_text(IMPORT_EVERY_CONVERTER)
        done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        failed, count = done.stdout.splitlines()
        assert failed == "[]"
        assert int(count) > 80


IMPORT_EVERY_CONVERTER = """
import importlib, gguf
from llmlora.recipes.blocks.gguf import converter, scripted

scripts = converter.script_path(converter.MODEL_SCRIPT).parent
scripted.use_own_gguf(scripts)
failed, names = [], sorted(p.stem for p in (scripts / "conversion").glob("*.py"))
for name in names:
    try:
        importlib.import_module("conversion" if name == "__init__" else f"conversion.{name}")
    except Exception as error:
        failed.append((name, repr(error)))
print(failed)
print(len(names))
"""
