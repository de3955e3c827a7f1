"""A base model in numbers, read from its `config.json` without loading it; the bundled one is known beforehand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmlora.tables.base_model import BaseModelRow

_LLAMA_LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_HEADS = frozenset({"lm_head", "embed_out"})


@dataclass(frozen=True)
class Architecture:
    """What the formulas need. `linear_layers` counts the layers that LoRA can adapt, by their last name."""

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    context: int
    parameters: int
    linear_layers: Mapping[str, int]

    def shape_of(self, name: str) -> tuple[int, int]:
        """(inputs, outputs) of a linear layer by its usual name; (hidden, hidden) where it is not known."""
        hidden, inner = self.hidden, self.intermediate
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        shapes = {
            "q_proj": (hidden, queries),
            "k_proj": (hidden, keys),
            "v_proj": (hidden, keys),
            "qkv_proj": (hidden, queries + 2 * keys),
            "c_attn": (hidden, queries + 2 * keys),
            "query_key_value": (hidden, queries + 2 * keys),
            "o_proj": (queries, hidden),
            "gate_proj": (hidden, inner),
            "up_proj": (hidden, inner),
            "gate_up_proj": (hidden, 2 * inner),
            "c_fc": (hidden, inner),
            "fc1": (hidden, inner),
            "dense_h_to_4h": (hidden, inner),
            "down_proj": (inner, hidden),
            "fc2": (inner, hidden),
            "dense_4h_to_h": (inner, hidden),
        }
        return shapes.get(name, (hidden, hidden))

    def block_weights(self) -> int:
        """Weights of the blocks' linear layers: what costs time for every token."""
        return sum(count * _product(self.shape_of(name)) for name, count in self.linear_layers.items())

    def lora_weights(self, rank: int, targets: Sequence[str] | None, *, dora: bool) -> int:
        """Numbers that LoRA adds: rank × (inputs + outputs) a layer; DoRA one more for every output."""
        total = 0
        for name, count in self.linear_layers.items():
            if targets is None or name in targets:
                inputs, outputs = self.shape_of(name)
                total += count * (rank * (inputs + outputs) + (outputs if dora else 0))
        return total


def _product(shape: tuple[int, int]) -> int:
    return shape[0] * shape[1]


# SmolLM2-135M-Instruct, so that a forecast needs no import.
BUNDLED_ARCHITECTURE = Architecture(
    layers=30,
    hidden=576,
    heads=9,
    kv_heads=3,
    head_dim=64,
    intermediate=1536,
    vocab=49152,
    context=8192,
    parameters=134_515_008,
    linear_layers=dict.fromkeys(_LLAMA_LAYERS, 30),
)
# Its files: the weights in float32 beside the GGUF they came from, and the tokenizer.
BUNDLED_SIZE_BYTES = 644_000_000
BUNDLED_TOKENIZER_BYTES = 3_500_000


def architecture_of(row: BaseModelRow, data_dir: Path) -> Architecture | None:
    """The numbers of an imported model; None when its `config.json` does not tell them."""
    return architecture_at(data_dir / row.path, row.parameters, row.facts.get("linear_layers"))


def architecture_at(
    directory: Path, parameters: int = 0, linear_layers: Mapping[str, int] | None = None
) -> Architecture | None:
    """The numbers of a model in a directory; None when its `config.json` does not tell them."""
    try:
        config = json.loads((directory / "config.json").read_bytes())
        return from_config(config, parameters, linear_layers)
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return None


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
        linear_layers=_without_heads(linear_layers or dict.fromkeys(_LLAMA_LAYERS, layers)),
    )


def _without_heads(linear_layers: Mapping[str, int]) -> dict[str, int]:
    """LoRA leaves the output head alone."""
    return {name: count for name, count in linear_layers.items() if name not in _HEADS}


def _first(config: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        if config.get(name) is not None:
            return config[name]
    raise KeyError(names[0])
