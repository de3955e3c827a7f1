"""A PEFT adapter made ready for llama.cpp, whose LoRA knows one alpha for the file and scales by alpha / rank.

PEFT scales by alpha/r, by alpha/√r (rsLoRA, arXiv:2312.03732), and by ranks and alphas of single modules. One alpha is
chosen so that most modules need no change; what is left is folded into their B matrices.
"""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from llmlora.recipes.blocks.gguf.errors import (
    AdapterLayersUnservedError,
    AdapterUnreadableError,
    AdapterUnsupportedError,
)

CONFIG_NAME, WEIGHTS_NAME = "adapter_config.json", "adapter_model.safetensors"
_ADAPTER_NAME = re.compile(r"^base_model\.model\.(?P<module>.+)\.lora_(?P<part>[AB])\.weight$")
# Settings that a merge can honour and a LoRA in GGUF cannot.
_ONLY_MERGED = (
    "use_dora",
    "use_qalora",
    "use_bdlora",
    "kasa_config",
    "monteclora_config",
    "layer_replication",
)
# Settings that neither can.
_NEVER = (
    "modules_to_save",
    "trainable_token_indices",
    "lora_bias",
    "alora_invocation_tokens",
    "target_parameters",
)
# Layers of latent attention (DeepSeek V2 and V3, MiniCPM3, PLM …): src/models/*.cpp multiply them by ggml_mul_mat, which
# knows no adapters, where every other layer goes through build_lora_mm.
_LATENT = frozenset({"q_proj", "q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj"})


@dataclass(frozen=True)
class StagedAdapter:
    """A directory for the converter and what its GGUF must hold."""

    directory: Path
    alpha: float
    pairs: int


def read_config(adapter_dir: Path) -> dict[str, Any]:
    """`adapter_config.json` of a LoRA.

    Raises:
        AdapterUnreadableError: it is missing, no JSON, or of another method.
    """
    try:
        config: dict[str, Any] = json.loads((adapter_dir / CONFIG_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AdapterUnreadableError(path=adapter_dir, reason=str(error)) from error
    if config.get("peft_type") != "LORA":
        raise AdapterUnreadableError(path=adapter_dir, reason=f"peft_type {config.get('peft_type')}")
    if not config.get("lora_alpha", 0) > 0:  # llama.cpp reads alpha 0 as "do not scale"
        raise AdapterUnreadableError(path=adapter_dir, reason=f"lora_alpha {config.get('lora_alpha')}")
    return config


def refuse_unsupported(config: dict[str, Any], *, merged: bool, vocabulary: int, tokens: int) -> None:
    """Refuse what the target cannot express. `tokens`: the saved tokenizer's size; `vocabulary`: the base's rows,
    or tokens where it has more of them.

    Raises:
        AdapterUnsupportedError: with what to do instead.
    """
    unfit = [name for name in _NEVER if config.get(name)]
    if config.get("bias", "none") != "none":
        unfit.append("bias")
    if tokens > vocabulary:
        unfit.append(f"{tokens - vocabulary} new tokens")
    if unfit:
        raise AdapterUnsupportedError(
            feature=", ".join(unfit),
            cure_ja="これらを使わずに学習し直してください。",
            cure_en="Train again without them.",
        )
    only_merged = [name for name in _ONLY_MERGED if config.get(name)]
    if only_merged and not merged:
        raise AdapterUnsupportedError(
            feature=", ".join(only_merged),
            cure_ja="--target merged で結合したモデルとして出力してください。",
            cure_en="Export the merged model instead (--target merged).",
        )


def refuse_unserved(config: dict[str, Any], base: Any) -> None:
    """Refuse an adapter beside its base whose layers the engine would leave as they were. `base`: the base's config.

    Raises:
        AdapterLayersUnservedError: with the layers that are left.
    """
    targets = config.get("target_modules") or ()
    if not getattr(base, "kv_lora_rank", None) or isinstance(targets, str):
        return
    if unserved := sorted(_LATENT & set(targets)):
        served = sorted(set(targets) - _LATENT) or ["o_proj"]
        raise AdapterLayersUnservedError(layers=", ".join(unserved), served=", ".join(served))


def stage_adapter(adapter_dir: Path, config: dict[str, Any], directory: Path) -> StagedAdapter:
    """Write a copy that llama.cpp's scaling reads as PEFT meant it.

    Raises:
        AdapterUnreadableError: the weights are no safetensors or no LoRA.
    """
    try:
        tensors = load_file(adapter_dir / WEIGHTS_NAME)
    except (OSError, SafetensorError) as error:
        raise AdapterUnreadableError(path=adapter_dir, reason=str(error)) from error
    alpha = _file_alpha(config)
    staged = {name: _folded(name, tensor, config, alpha) for name, tensor in tensors.items()}
    pairs = sum(name.endswith(".lora_B.weight") for name in staged)
    if pairs == 0 or len(staged) != 2 * pairs:
        raise AdapterUnreadableError(
            path=adapter_dir, reason=f"{len(staged)} tensors, {pairs} of them lora_B"
        )
    directory.mkdir()
    save_file(staged, directory / WEIGHTS_NAME)
    plain = {"peft_type": "LORA", "r": config["r"], "lora_alpha": alpha}
    (directory / CONFIG_NAME).write_text(json.dumps(plain))
    return StagedAdapter(directory, alpha, pairs)


def _scaling(config: dict[str, Any], rank: int, alpha: float) -> float:
    return alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _file_alpha(config: dict[str, Any]) -> float:
    """The alpha that gives modules without settings of their own their scaling unchanged."""
    rank = int(config["r"])
    return _scaling(config, rank, float(config["lora_alpha"])) * rank


def _folded(name: str, tensor: Tensor, config: dict[str, Any], file_alpha: float) -> Tensor:
    """`tensor`, times what this module's scaling differs from `file_alpha / rank`. B: (out, r)."""
    found = _ADAPTER_NAME.match(name)
    if found is None or found["part"] == "A":
        return tensor
    rank = int(tensor.shape[1])
    alpha = _of_module(config.get("alpha_pattern") or {}, found["module"], config["lora_alpha"])
    factor = _scaling(config, rank, float(alpha)) * rank / file_alpha
    return tensor if math.isclose(factor, 1.0) else tensor * factor


def _of_module(pattern: dict[str, Any], module: str, default: Any) -> Any:
    """PEFT's rule: the first key that is a regular expression for the end of the module's name."""
    for key, value in pattern.items():
        if re.match(rf"(.*\.)?({key})$", module):
            return value
    return default
