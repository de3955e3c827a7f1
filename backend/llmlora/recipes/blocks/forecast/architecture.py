"""A base model in numbers, read from what its `config.json` says."""

from collections.abc import Mapping
from typing import Any

from llmlora.contracts.architecture import LLAMA_LAYERS, Architecture

_HEADS = frozenset({"lm_head", "embed_out"})


def from_config(
    config: Mapping[str, Any], parameters: int, linear_layers: Mapping[str, int] | None
) -> Architecture:
    """Read a `config.json` in the words of Llama and its kin, or of GPT-2.

    Raises:
        KeyError: a number is missing.
    """
    text = config.get("text_config") or config
    hidden = int(_first(text, "hidden_size", "n_embd", "d_model"))
    layers = int(_first(text, "num_hidden_layers", "n_layer", "num_layers"))
    heads = int(_first(text, "num_attention_heads", "n_head", "num_heads"))
    inner = text.get("intermediate_size") or text.get("n_inner") or text.get("ffn_dim") or 4 * hidden
    return Architecture(
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=int(text.get("num_key_value_heads") or heads),
        head_dim=int(text.get("head_dim") or hidden // heads),
        intermediate=int(inner if isinstance(inner, int) else max(inner)),
        vocab=int(_first(text, "vocab_size")),
        context=int(text.get("max_position_embeddings") or text.get("n_positions") or 1024),
        parameters=parameters,
        linear_layers=_without_heads(linear_layers or dict.fromkeys(LLAMA_LAYERS, layers)),
    )


def _without_heads(linear_layers: Mapping[str, int]) -> dict[str, int]:
    """LoRA leaves the output head alone."""
    return {name: count for name, count in linear_layers.items() if name not in _HEADS}


def _first(config: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        if config.get(name) is not None:
            return config[name]
    raise KeyError(names[0])
