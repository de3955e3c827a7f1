"""Fewer bits as llama.cpp gives them: which tensor gets how many, and what is left of its numbers."""

from collections import Counter
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as Type

from llmlora.contracts.run import RunCancelledError
from llmlora.recipes.blocks.gguf.quantise import FORMATS, quantise, tensor_types

# Root mean square of what is lost, as a share of the numbers' own, by ggml's formats at these widths.
LOSS = {"q8_0": 0.01, "q4_K_M": 0.1, "q4_K_S": 0.1}


def layout(layers: int, width: int, inner: int, vocabulary: int = 512) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a Llama whose embeddings are its output, too."""
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (vocabulary, width),
        "output_norm.weight": (width,),
    }
    for n in range(layers):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[f"blk.{n}.{part}.weight"] = (width, width)
        shapes |= {
            f"blk.{n}.attn_norm.weight": (width,),
            f"blk.{n}.ffn_up.weight": (inner, width),
            f"blk.{n}.ffn_gate.weight": (inner, width),
            f"blk.{n}.ffn_down.weight": (width, inner),
        }
    return shapes


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """An f16 GGUF of random numbers, whose rows are of whole 256s or not."""
    path = tmp_path / "wide.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_token_list(["a", "ん"])
    rng = np.random.default_rng(0)
    for name, shape in layout(8, 96, 256).items():
        kind = np.float32 if len(shape) == 1 else np.float16
        writer.add_tensor(name, rng.normal(size=shape).astype(kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_types_of_a_32_layer_model_are_those_of_llama_cpp() -> None:
    """A Llama of 32 layers in q4_K_M: 16 of 32 value and down matrices in q6_K, beside the output."""
    shapes = layout(32, 4096, 14336)
    medium = tensor_types(shapes, "q4_K_M")
    assert Counter(medium.values()) == {Type.Q6_K: 33, Type.Q4_K: 192}
    wide = [n for n in range(32) if medium[f"blk.{n}.ffn_down.weight"] is Type.Q6_K]
    assert wide == [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]
    small = tensor_types(shapes, "q4_K_S")
    assert Counter(small.values()) == {Type.Q6_K: 1, Type.Q5_K: 8, Type.Q4_K: 216}
    assert set(tensor_types(shapes, "q8_0").values()) == {Type.Q8_0}


def test_values_count_as_such_where_queries_and_keys_are_in_the_same_matrix() -> None:
    """Phi-3's layers, and the compressed values of DeepSeek's."""
    apart = layout(8, 256, 512)
    medium = tensor_types(apart, "q4_K_M")
    for name in ("attn_qkv", "attn_kv_b"):
        joined = {one.replace("attn_v", name): shape for one, shape in apart.items()}
        found = tensor_types(joined, "q4_K_M")
        assert [found[f"blk.{n}.{name}.weight"] for n in range(8)] == [
            medium[f"blk.{n}.attn_v.weight"] for n in range(8)
        ]


def test_attention_beside_eight_experts_gets_more_bits_and_downs_go_by_their_layer() -> None:
    def mixed(experts: int) -> dict[str, Type]:
        shapes = layout(16, 256, 512)
        for n in range(16):
            shapes[f"blk.{n}.ffn_down_exps.weight"] = (experts, *shapes.pop(f"blk.{n}.ffn_down.weight"))
            shapes[f"blk.{n}.ffn_down_shexp.weight"] = (256, 512)
        return tensor_types(shapes, "q4_K_M")

    eight, four = mixed(8), mixed(4)
    assert (eight["blk.5.attn_v.weight"], eight["blk.5.attn_k.weight"]) == (Type.Q8_0, Type.Q8_0)
    assert eight["blk.5.attn_output.weight"] is Type.Q5_K
    assert four["blk.5.attn_k.weight"] is Type.Q4_K
    for kind in ("exps", "shexp"):
        wide = [n for n in range(16) if four[f"blk.{n}.ffn_down_{kind}.weight"] is Type.Q6_K]
        assert wide == [0, 1, 4, 7, 10, 13, 14, 15]


def test_rows_of_no_whole_blocks_get_the_next_type_that_fits() -> None:
    medium = tensor_types(layout(8, 96, 256), "q4_K_M")
    assert medium["token_embd.weight"] is Type.Q8_0
    assert medium["blk.1.attn_q.weight"] is Type.Q5_0
    assert medium["blk.0.attn_v.weight"] is Type.Q8_0
    assert medium["blk.1.ffn_down.weight"] is Type.Q4_K
    assert medium["blk.0.ffn_down.weight"] is Type.Q6_K
    assert "blk.0.attn_norm.weight" not in medium
    assert not tensor_types({"blk.0.attn_q.weight": (4, 33)}, "q4_K_M")


@pytest.mark.parametrize("wanted", FORMATS)
def test_little_is_lost_and_nothing_is_forgotten(model: Path, tmp_path: Path, wanted: str) -> None:
    target, told = tmp_path / "narrow.gguf", list[tuple[int, int]]()
    quantise(model, target, wanted, threads=2, on_bytes=lambda done, total: told.append((done, total)))
    before, after = gguf.GGUFReader(model), gguf.GGUFReader(target)
    assert told[-1][0] == told[-1][1] > 0
    assert target.stat().st_size < 0.7 * model.stat().st_size
    assert after.fields["tokenizer.ggml.tokens"].contents() == ["a", "ん"]
    assert after.fields["general.file_type"].contents() == FORMATS[wanted][1]
    assert [one.name for one in after.tensors] == [one.name for one in before.tensors]
    for old, new in zip(before.tensors, after.tensors, strict=True):
        assert list(old.shape) == list(new.shape)
        was = gguf.quants.dequantize(old.data, old.tensor_type).astype(np.float64)
        now = gguf.quants.dequantize(new.data, new.tensor_type).astype(np.float64)
        assert np.sqrt(np.mean((now - was) ** 2) / np.mean(was**2)) < LOSS[wanted]


def test_cancelling_stops_it(model: Path, tmp_path: Path) -> None:
    def stop(done: int, _total: int) -> None:
        if done:
            raise RunCancelledError

    with pytest.raises(RunCancelledError):
        quantise(model, tmp_path / "narrow.gguf", "q8_0", threads=1, on_bytes=stop)
