"""What a GGUF says about its model and transformers leaves at the defaults of one checkpoint.

Its tables name the sizes and little else. A Llama 3.1 without its scaled rotary frequencies, a Qwen 3 with heads of
another size, a Phi 4 that turns three quarters of each head are then other models than those that llama.cpp serves.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_PLAIN_SETTINGS = {
    "attention.key_length": "head_dim",
    "attention.sliding_window": "sliding_window",
    "attn_logit_softcapping": "attn_logit_softcapping",
    "final_logit_softcapping": "final_logit_softcapping",
    "expert_feed_forward_length": "moe_intermediate_size",
    "expert_shared_feed_forward_length": "shared_expert_intermediate_size",
    "expert_weights_norm": "norm_topk_prob",
}
# These read the width of a head, or have no window although the file names one (llama.cpp does not use Phi's).
_LEFT_ALONE = {"gemma4": {"attention.key_length"}, "phi3": {"attention.sliding_window"}}
_BIASES = {"attention_bias": "attn_q.bias", "mlp_bias": "ffn_gate.bias"}
# llama.cpp, src/models/gemma*.cpp: only the largest scales by another width than that of a head.
_GEMMA_BY_EMBEDDING = {("gemma2", 46), ("gemma3", 62)}
_FACTORS, _LONG, _SHORT = "rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"
# Llama 3.1's, which every model known keeps; only `original` and `factor` differ.
_LOW, _HIGH = 1.0, 4.0


class ShapeError(ValueError):
    """The file names something that no configuration of transformers expresses."""


class File:
    """Values and small tensors of a GGUF, by the names behind its architecture's."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.architecture = str(reader.get_field("general.architecture").contents())
        self.tensors = {tensor.name: tensor for tensor in reader.tensors}

    def get(self, key: str) -> Any:
        """A value, or None."""
        field = self._reader.get_field(f"{self.architecture}.{key}")
        return None if field is None else field.contents()

    def numbers(self, name: str) -> Floats | None:
        """A tensor of float32, or None."""
        tensor = self.tensors.get(name)
        return None if tensor is None else np.asarray(tensor.data, dtype=np.float64).reshape(-1)


def complete(config: Any, reader: Any) -> None:
    """Set in `config` what the file says and transformers did not read.

    Raises:
        ShapeError: a configuration cannot say it.
    """
    file = File(reader)
    for key, name in _PLAIN_SETTINGS.items():
        value = file.get(key)
        left_alone = key in _LEFT_ALONE.get(file.architecture, ())
        if hasattr(config, name) and isinstance(value, int | float) and not left_alone:
            setattr(config, name, value)
    if file.architecture == "gpt-oss":
        config.intermediate_size = file.get("expert_feed_forward_length") or config.intermediate_size
    for name, end in _BIASES.items():
        if hasattr(config, name) and file.architecture != "gpt-oss":
            setattr(config, name, f"blk.0.{end}" in file.tensors)
    if hasattr(config, "query_pre_attn_scalar"):
        by_embedding = (file.architecture, config.num_hidden_layers) in _GEMMA_BY_EMBEDDING
        width = config.hidden_size // config.num_attention_heads
        config.query_pre_attn_scalar = width if by_embedding else config.head_dim
    _set_rotary(config, file)


def _set_rotary(config: Any, file: File) -> None:
    """The rotary embedding: how much of a head, and how its frequencies are scaled."""
    rope = getattr(config, "rope_parameters", None)
    if not rope:
        return
    # Gemma 3 scales in its layers of full attention alone.
    wide: dict[str, Any] = rope.get("full_attention", rope)
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    turned = file.get("rope.dimension_count")
    if turned and turned != head and file.architecture != "gemma4":
        wide["partial_rotary_factor"] = config.partial_rotary_factor = turned / head
    kind = file.get("rope.scaling.type")
    if file.numbers(_FACTORS) is not None:
        wide |= _llama_3(file, float(wide["rope_theta"]), int(turned or head))
    elif file.numbers(_LONG) is not None:
        wide |= _long(config, file)
    elif kind in _SCALINGS:
        wide |= _SCALINGS[kind](file)
    elif kind not in (None, "none"):
        raise ShapeError(f"rope.scaling.type {kind}")


def _linear(file: File) -> dict[str, Any]:
    return {"rope_type": "linear", "factor": float(file.get("rope.scaling.factor"))}


def _yarn(file: File) -> dict[str, Any]:
    told = {
        "attention_factor": file.get("rope.scaling.yarn_attn_factor"),
        "beta_fast": file.get("rope.scaling.yarn_beta_fast"),
        "beta_slow": file.get("rope.scaling.yarn_beta_slow"),
    }
    return {
        "rope_type": "yarn",
        "factor": float(file.get("rope.scaling.factor")),
        "original_max_position_embeddings": int(file.get("rope.scaling.original_context_length")),
        **{key: float(value) for key, value in told.items() if value is not None},
    }


_SCALINGS: dict[str, Callable[[File], dict[str, Any]]] = {"linear": _linear, "yarn": _yarn}


def _long(config: Any, file: File) -> dict[str, Any]:
    """LongRoPE (Ding et al. 2024): one factor a frequency, below and above the original length."""
    original = int(file.get("rope.scaling.original_context_length"))
    scale = config.max_position_embeddings / original
    config.original_max_position_embeddings = original
    usual = math.sqrt(1 + math.log(scale) / math.log(original)) if scale > 1 else 1.0
    return {
        "rope_type": "longrope",
        "long_factor": [float(x) for x in file.numbers(_LONG)],  # type: ignore[union-attr]
        "short_factor": [float(x) for x in file.numbers(_SHORT)],  # type: ignore[union-attr]
        "original_max_position_embeddings": original,
        "factor": scale,
        "attention_factor": float(file.get("rope.scaling.attn_factor") or usual),
    }


def _llama_3(file: File, theta: float, width: int) -> dict[str, Any]:
    """The scaling of Llama 3.1 that gives the file's factors, one a frequency.

    Between two wavelengths, 1/f goes linearly with 1/wavelength: what of it lies there names the original length.

    Raises:
        ShapeError: none does.
    """
    factors = file.numbers(_FACTORS)
    assert factors is not None
    waves = 2 * math.pi * theta ** (np.arange(0, width, 2, dtype=np.float64) / width)
    factor = float(factors.max())
    if factor == 1.0:
        return {}
    between = (factors > 1.0) & (factors < factor * (1 - 1e-6))
    if between.any():
        smooth = (1 / factors[between] - 1 / factor) / (1 - 1 / factor)
        original = float(np.median(waves[between] * (smooth * (_HIGH - _LOW) + _LOW)))
    else:  # whatever lies between the last frequency that is kept and the first that is scaled
        original = float(waves[factors > 1.0].min() * 0.999)
    found = {
        "rope_type": "llama3",
        "factor": factor,
        "low_freq_factor": _LOW,
        "high_freq_factor": _HIGH,
        "original_max_position_embeddings": round(original),
    }
    if not np.allclose(_llama_3_factors(found, waves), factors, rtol=1e-3):
        raise ShapeError(f"{_FACTORS}: not the scaling of Llama 3.1")
    return found


def _llama_3_factors(scaling: dict[str, Any], waves: Floats) -> Floats:
    """transformers' `llama3`: what each frequency is divided by."""
    original, factor = scaling["original_max_position_embeddings"], scaling["factor"]
    smooth = np.clip((original / waves - _LOW) / (_HIGH - _LOW), 0.0, 1.0)
    return np.asarray(1 / ((1 - smooth) / factor + smooth), dtype=np.float64)
