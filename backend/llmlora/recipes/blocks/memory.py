"""What a forward pass keeps for the backward pass, forecast."""

from typing import Literal

from transformers import PreTrainedModel

from llmlora.recipes.blocks.placement import Placement

# Recompute once the forecast passes this share of the free memory.
SHARE_OF_FREE = 0.5


def activation_bytes(model: PreTrainedModel, tokens: int, bytes_each: int) -> int:
    """Bytes of activations kept for the backward pass of `tokens` tokens.

    34 × tokens × hidden size × layers bytes at 2 bytes a number, attention scores not kept; from Korthikanti et al.
    2022, "Reducing Activation Recomputation in Large Transformer Models", equation 2 without the score terms.
    """
    config = model.config.get_text_config()
    return int(34 * tokens * config.hidden_size * config.num_hidden_layers * bytes_each / 2)


def should_recompute(
    wanted: Literal["auto", "on", "off"], model: PreTrainedModel, placement: Placement, tokens: int
) -> bool:
    """Whether gradient checkpointing is worth its extra forward pass (about a third of the time)."""
    if wanted != "auto":
        return wanted == "on" and bool(model.supports_gradient_checkpointing)
    needed = activation_bytes(model, tokens, placement.dtype.itemsize)
    return bool(model.supports_gradient_checkpointing) and needed > SHARE_OF_FREE * placement.free_bytes()
