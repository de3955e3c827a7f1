"""A base model in numbers: what formulas of memory, time and disk need of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LLAMA_LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The linear layers of a block, as Llama and its kin call them."""


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
