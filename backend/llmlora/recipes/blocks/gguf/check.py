"""Reads a written GGUF back, as a stranger would, and compares it with what was asked for."""

from pathlib import Path
from typing import Any

import gguf
import numpy as np
from pydantic import JsonValue

from llmlora.recipes.blocks.gguf.adapter import StagedAdapter
from llmlora.recipes.blocks.gguf.errors import ExportCheckError
from llmlora.recipes.blocks.gguf.reader import GgufReader

# Tensors that a converter adds to those of the checkpoint (Llama 3's scaled rotary frequencies).
_ADDED = {"rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"}
_FLOATS = (np.float16, np.float32, np.float64)
_ADAPTER_TYPES = {"f16": {"F16", "F32"}, "f32": {"F32"}, "q8_0": {"Q8_0", "F16", "F32"}}


def check_adapter(
    path: Path, staged: StagedAdapter, *, outtype: str, experts: bool, numbers: bool = True
) -> dict[str, JsonValue]:
    """Facts of an adapter file.

    `experts`: the converter stacks experts, so pairs cannot be counted. `numbers`: look at every one.

    Raises:
        ExportCheckError: the file is not the LoRA that was staged.
    """
    reader = GgufReader(path)
    _expect("general.type", "adapter", _field(reader, "general.type"))
    _expect("adapter.type", "lora", _field(reader, "adapter.type"))
    alpha = float(_field(reader, "adapter.lora.alpha"))
    _expect("adapter.lora.alpha", np.float32(staged.alpha), np.float32(alpha))
    names = {t.name for t in reader.tensors}
    halves = [{n.removesuffix(end) for n in names if n.endswith(end)} for end in (".lora_a", ".lora_b")]
    _expect("lora_a / lora_b", len(halves[0]), len(halves[0] & halves[1]))
    _expect("tensors", len(names), len(halves[0]) + len(halves[1]))
    if not experts:
        _expect("lora pairs", staged.pairs, len(halves[0]))
    types = {t.tensor_type.name for t in reader.tensors}
    _expect("tensor types", sorted(_ADAPTER_TYPES[outtype]), sorted(types | _ADAPTER_TYPES[outtype]))
    if numbers:
        _refuse_not_finite(reader)
    return _facts(reader, outtype) | {"target": "adapter", "alpha": alpha}


def check_model(
    path: Path,
    *,
    target: str,
    outtype: str,
    tensors: int | None,
    experts: bool,
    eos_id: int,
    template: str | None,
    numbers: bool = True,
) -> dict[str, JsonValue]:
    """Facts of a model file. `tensors`: how many the checkpoint has, if that is known. `numbers`: look at every one.

    Raises:
        ExportCheckError: a tensor is missing or not finite, or EOS or template are not the given ones.
    """
    reader = GgufReader(path)
    _expect("general.type", "model", _field(reader, "general.type"))
    _expect("tokenizer.ggml.eos_token_id", eos_id, _field(reader, "tokenizer.ggml.eos_token_id"))
    if template is not None:
        _expect("tokenizer.chat_template", template, _field(reader, "tokenizer.chat_template"))
    if tensors is not None and not experts:
        _expect("tensors", tensors, sum(t.name not in _ADDED for t in reader.tensors))
    wanted = getattr(gguf.LlamaFileType, f"MOSTLY_{outtype.upper()}")
    _expect("general.file_type", int(wanted), _field(reader, "general.file_type"))
    if numbers:
        _refuse_not_finite(reader)
    return _facts(reader, outtype) | {"target": target, "eos_token_id": eos_id}


def _facts(reader: Any, outtype: str) -> dict[str, JsonValue]:
    return {
        "outtype": outtype,
        "arch": str(_field(reader, "general.architecture")),
        "tensors": len(reader.tensors),
    }


def _field(reader: Any, key: str) -> Any:
    field = reader.get_field(key)
    return None if field is None else field.contents()


def _expect(what: str, expected: object, found: object) -> None:
    if expected != found:
        raise ExportCheckError(what=what, expected=expected, found=found)


def _refuse_not_finite(reader: Any) -> None:
    """Look at every number, one tensor at a time."""
    for tensor in reader.tensors:
        plain = tensor.data.dtype in _FLOATS
        values = tensor.data if plain else gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        _expect(f"finite values in {tensor.name}", True, bool(np.isfinite(values).all()))
