"""A GGUF is imported tensor by tensor: what comes out is what transformers makes of the whole, and memory stays small."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.run import RunCancelledError
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.model_files import inspect_directory

from tests.plugins.base_models import TOKENIZER_FILES

GIB = 1 << 30
SMALL = {
    "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 512, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
OWN_WIDTHS = ("head_dim", "moe_intermediate_size", "query_pre_attn_scalar")
"""What transformers does not read from a GGUF, where it takes the class's own: here what the model was made with."""
# Qwen2 reads every tokenizer its own way, this one too, which llama.cpp then does not know: see tests/families for it.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "qwen3": ("Qwen3", {"head_dim": 16, "tie_word_embeddings": True}),
    "qwen3moe": ("Qwen3Moe", {"head_dim": 16, "decoder_sparse_step": 1, **EXPERTS}),
    "gemma3": ("Gemma3", {"head_dim": 16, "query_pre_attn_scalar": 16}),
    "starcoder2": ("Starcoder2", {}),
}


def made(kind: str, tokenizer: Path, directory: Path, **other: Any) -> Path:
    """A random model of a class, with SmolLM2's tokenizer."""
    import torch
    import transformers

    name, more = KINDS[kind]
    settings = {"Gemma3": "Gemma3TextConfig"}.get(name, f"{name}Config")
    config = getattr(transformers, settings)(vocab_size=49152, **SMALL | more | other)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        getattr(transformers, f"{name}ForCausalLM")(config).save_pretrained(directory)
    for file in TOKENIZER_FILES:
        shutil.copyfile(tokenizer / file, directory / file)
    return directory


def converted(model: Path, gguf: Path, outtype: str) -> Path:
    from llmlora.recipes.blocks.gguf.model import convert_model

    convert_model(model, gguf, outtype=outtype, log=gguf.with_suffix(".log"), cancelled=lambda: False)
    return gguf


def assert_same_as_whole(gguf: Path, out: Path, made_from: Path | None = None) -> None:
    """The streamed import loads as, weight by weight and setting by setting, transformers' own model of the file."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from llmlora.recipes.blocks.base_model import load_causal_lm
    from llmlora.recipes.blocks.gguf.source import convert, exact_dtype

    streamed, whole = out / "streamed", out / "whole"
    streamed.mkdir()
    convert(gguf, streamed)
    config = AutoConfig.from_pretrained(gguf.parent, gguf_file=gguf.name)
    settings = json.loads((made_from / "config.json").read_text()) if made_from else {}
    for name in settings.keys() & set(OWN_WIDTHS):
        setattr(config, name, settings[name])
    file = {"gguf_file": gguf.name, "config": config, "dtype": torch.float32}
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, **file)
    model = model.to(exact_dtype(model))
    found, expected = load_causal_lm(streamed).state_dict(), model.state_dict()
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.dtype, name
        assert torch.equal(found[name], tensor), name
    del model.config.quantization_config
    model.config.save_pretrained(whole)
    said, wanted = (json.loads((directory / "config.json").read_text()) for directory in (streamed, whole))
    told_by_tools = {"_name_or_path": None, "dtype": None, "architectures": None}
    assert said | told_by_tools == wanted | told_by_tools
    inspect_directory(streamed)


@pytest.mark.slow
class TestSameWeights:
    def test_llama(self, tiny_gguf: Path, tmp_path: Path) -> None:
        assert_same_as_whole(tiny_gguf, tmp_path)

    @pytest.mark.long
    @pytest.mark.parametrize("outtype", ["f16", "bf16", "q8_0"])
    @pytest.mark.parametrize("kind", KINDS)
    def test_other_classes(self, kind: str, outtype: str, tiny_model_dir: Path, tmp_path: Path) -> None:
        model = made(kind, tiny_model_dir, tmp_path / "model")
        gguf = converted(model, tmp_path / f"{kind}-{outtype}.gguf", outtype)
        assert_same_as_whole(gguf, tmp_path, model)


@pytest.mark.long
class TestShapes:
    def test_experts_keep_their_own_width(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        from llmlora.recipes.blocks.gguf.source import convert

        model = made("qwen3moe", tiny_model_dir, tmp_path / "model", moe_intermediate_size=96)
        gguf = converted(model, tmp_path / "narrow.gguf", "f16")
        (tmp_path / "out").mkdir()
        convert(gguf, tmp_path / "out")
        assert json.loads((tmp_path / "out" / "config.json").read_text())["moe_intermediate_size"] == 96


@pytest.mark.slow
class TestReading:
    def test_import_that_is_cancelled_reads_no_further(self, tiny_gguf: Path, tmp_path: Path) -> None:
        from llmlora.recipes.blocks.gguf.source import convert

        def stop(_size_bytes: int) -> None:
            raise RunCancelledError

        with pytest.raises(RunCancelledError):
            convert(tiny_gguf, tmp_path, stop)

    def test_weights_of_other_shapes_than_the_settings_say_are_refused(
        self, tiny_gguf: Path, tmp_path: Path
    ) -> None:
        from gguf import GGUFReader

        from llmlora.recipes.blocks.gguf.source import convert

        contradicting = tmp_path / "contradicting.gguf"
        shutil.copyfile(tiny_gguf, contradicting)
        width = GGUFReader(contradicting, "r+").fields["llama.feed_forward_length"]
        width.parts[width.data[0]][0] += 32
        (tmp_path / "out").mkdir()
        with pytest.raises(AppError, match="its settings say") as caught:
            convert(contradicting, tmp_path / "out")
        assert caught.value.code == "base_model_gguf_unreadable"

    def test_every_byte_of_the_weights_is_told_once_or_twice(self, tiny_gguf: Path, tmp_path: Path) -> None:
        from llmlora.recipes.blocks.gguf.source import convert

        told: list[int] = []
        convert(tiny_gguf, tmp_path, told.append)
        size = tiny_gguf.stat().st_size
        assert 0.8 * size < sum(told) <= 2 * size

    def test_describing_a_model_reads_no_weight(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        """Its weights are a hole in the file, larger than this machine's memory."""
        from llmlora.recipes.blocks.base_model import describe

        directory = grown(tiny_model_dir, tmp_path / "huge", layers=12, hidden=16384)
        files = inspect_directory(directory)
        Path("/proc/self/clear_refs").write_text("5")  # the peak of memory begins here
        before = peak_bytes()
        description = describe(files)
        assert files.weights_bytes > 100 * GIB
        assert description.parameters * 4 == files.weights_bytes
        assert peak_bytes() - before < GIB

    @pytest.mark.parametrize("fault", ["missing", "wider"])
    def test_describing_refuses_weights_that_do_not_fit(
        self, fault: str, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        from llmlora.recipes.blocks.base_model import describe

        directory = grown(tiny_model_dir, tmp_path / "model", layers=2, hidden=64)
        config = json.loads((directory / "config.json").read_text())
        config |= {"num_hidden_layers": 3} if fault == "missing" else {"intermediate_size": 160}
        (directory / "config.json").write_text(json.dumps(config))
        with pytest.raises(AppError) as caught:
            describe(inspect_directory(directory))
        assert caught.value.code == "base_model_weights_do_not_fit"


def grown(tiny: Path, directory: Path, *, layers: int, hidden: int) -> Path:
    """The tiny Llama with more and wider layers, whose weights are zeros that take no room on the disk."""
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig

    shutil.copytree(tiny, directory)
    config = LlamaConfig.from_pretrained(tiny)
    config.num_hidden_layers, config.hidden_size, config.intermediate_size = layers, hidden, 4 * hidden
    config.num_attention_heads, config.num_key_value_heads = 8, 8
    config.head_dim = hidden // 8
    config.save_pretrained(directory)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    header, end = {}, 0
    for name, parameter in model.named_parameters():
        begin, end = end, end + parameter.numel() * 4
        header[name] = {"dtype": "F32", "shape": list(parameter.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with (directory / "model.safetensors").open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        stream.truncate(8 + len(text) + end)
    return directory


def peak_bytes() -> int:
    """The most memory that this process has held."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024


IMPORT = """
import sys
from pathlib import Path
from llmlora.recipes.blocks.gguf.source import convert
from llmlora.recipes.blocks.base_model import describe
from llmlora.recipes.blocks.model_files import inspect_directory, weights_digest
gguf, out = map(Path, sys.argv[1:])
convert(gguf, out)
files = inspect_directory(out)
weights_digest(files.tensors)
describe(files)
status = Path("/proc/self/status").read_text()
# Of this program alone: ru_maxrss is handed down by whoever started it.
print(int(status.split("VmHWM:")[1].split()[0]) * 1024)
"""


@pytest.mark.long
class TestMemory:
    def test_import_of_a_gguf_holds_its_largest_tensor_and_not_the_model(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        """At most 1.5 times the largest tensor in fp32 and a gigabyte: here half of the model."""
        hidden, layers = 3072, 5
        gguf = tmp_path / "large-q8_0.gguf"
        written = wide_gguf(tiny_model_dir, gguf, hidden=hidden, layers=layers)
        out = tmp_path / "out"
        out.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", IMPORT, str(gguf), str(out)],
            capture_output=True, text=True, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        peak = int(done.stdout.strip().splitlines()[-1])
        files = inspect_directory(out)
        largest = max(tensor.end - tensor.start for tensor in files.tensors)
        assert largest == 49152 * hidden * 4
        assert files.weights_bytes == written * 4
        limit = 1.5 * largest + GIB
        assert peak <= limit < files.weights_bytes


def wide_gguf(tiny: Path, target: Path, *, hidden: int, layers: int) -> int:
    """A Llama in q8_0 with SmolLM2's vocabulary, written tensor by tensor; how many weights it has."""
    import gguf
    import numpy as np
    from gguf import GGMLQuantizationType

    source = converted(tiny, target.with_name("tiny.gguf"), "f16")
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, "llama")
    changed = {
        "llama.embedding_length": hidden, "llama.block_count": layers, "llama.feed_forward_length": 4 * hidden,
        "llama.attention.head_count": 16, "llama.attention.head_count_kv": 16,
        "llama.rope.dimension_count": hidden // 16,
        "llama.attention.key_length": hidden // 16, "llama.attention.value_length": hidden // 16,
    }  # fmt: skip
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key in ("general.architecture", "general.file_type"):
            continue
        value = changed.get(key, field.contents())
        inner = field.types[1] if len(field.types) > 1 else None
        writer.add_key_value(key, value, field.types[0], inner)
    shapes = {"token_embd": (49152, hidden)}
    for layer in range(layers):
        shapes |= {f"blk.{layer}.attn_{part}": (hidden, hidden) for part in ("q", "k", "v", "output")}
        shapes |= {f"blk.{layer}.ffn_{part}": (4 * hidden, hidden) for part in ("gate", "up")}
        shapes |= {f"blk.{layer}.ffn_down": (hidden, 4 * hidden)}
    norms = ["output_norm", *(f"blk.{n}.{part}_norm" for n in range(layers) for part in ("attn", "ffn"))]
    row = gguf.quantize(
        np.random.default_rng(0).standard_normal(4 * hidden).astype(np.float32), GGMLQuantizationType.Q8_0
    )
    stored = {name: (rows, width // 32 * 34) for name, (rows, width) in shapes.items()}
    for name, shape in stored.items():
        writer.add_tensor_info(
            f"{name}.weight", shape, np.dtype(np.uint8), int(np.prod(shape)), GGMLQuantizationType.Q8_0
        )
    for name in norms:
        writer.add_tensor_info(f"{name}.weight", (hidden,), np.dtype(np.float32), 4 * hidden)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for rows, width in stored.values():
        writer.write_tensor_data(np.broadcast_to(row[:width], (rows, width)).copy())
    for _ in norms:
        writer.write_tensor_data(np.ones(hidden, dtype=np.float32))
    writer.close()
    return sum(rows * width for rows, width in shapes.values()) + len(norms) * hidden
