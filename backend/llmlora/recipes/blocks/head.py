"""The loss of the supervised positions, some of them at a time: the logits of all never exist together.

The head is the model's own: its forward is asked again with the hidden states that its blocks made, so that whatever a
family does to its logits (Granite and Cohere scale them, Gemma caps them) is done here. Beyond one chunk the logits are
made again in the backward pass, which costs a third more of the head's operations and keeps the gradients as they were.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from llmlora.recipes.blocks.segments import Segments, forward_logits

_REFUSALS = (ValueError, TypeError, IndexError, KeyError, AttributeError, RuntimeError)


def summed_loss(model: nn.Module, segments: Segments, rows: int | None) -> Tensor:
    """Negative log-likelihood summed over the supervised positions: () float32, differentiable.

    `rows`: positions that meet the head at a time; None: all.
    """
    count = len(segments.labels)
    if rows is None or count <= rows:
        return _loss(forward_logits(model, segments), segments.labels)
    output = _blocks_output(model, segments)
    hidden = output.last_hidden_state[:, segments.predict_at]  # (1, N, h)
    total: Tensor = hidden.new_zeros((), dtype=torch.float32)
    for start in range(0, count, rows):
        part = hidden[:, start : start + rows], segments.labels[start : start + rows]
        total += checkpoint(
            _loss_of_part, model, output, *part, use_reentrant=False, preserve_rng_state=False
        )
    return total


@torch.no_grad()
def head_stands_alone(model: nn.Module, segments: Segments) -> bool:
    """Whether the loss in parts is the loss of `segments` (a few positions), and so of any."""
    whole = summed_loss(model, segments, None).item()
    try:
        parts = summed_loss(model, segments, max(1, len(segments.labels) // 2)).item()
    except _REFUSALS:
        return False
    return abs(parts - whole) <= 1e-3 * abs(whole)


def _loss(logits: Tensor, labels: Tensor) -> Tensor:
    """logits: (N, V); labels: (N,) int64. Returns () float32."""
    return functional.cross_entropy(logits.float(), labels, reduction="sum")


def _loss_of_part(model: nn.Module, output: Any, hidden: Tensor, labels: Tensor) -> Tensor:
    """hidden: (1, n, h), labels: (n,) int64. Returns () float32."""
    causal, blocks = _causal_lm(model)
    fields = {name: value for name, value in output.items() if name != "last_hidden_state"}
    with _answering(blocks, type(output)(last_hidden_state=hidden, **fields)):
        ids = labels.new_zeros((1, hidden.shape[1]))  # nobody looks: the blocks have answered
        return _loss(causal(input_ids=ids, use_cache=False, logits_to_keep=0).logits[0], labels)


def _blocks_output(model: nn.Module, segments: Segments) -> Any:
    """What the blocks answer in the model's own pass, whose head sees a single position."""
    _, blocks = _causal_lm(model)
    caught: list[Any] = []
    hook = blocks.register_forward_hook(lambda _module, _args, output: caught.append(output))
    try:
        forward_logits(model, segments.at(segments.predict_at[:1]))
    finally:
        hook.remove()
    return caught[0]


def _causal_lm(model: Any) -> tuple[Any, Any]:
    """The model below an adapter, and its blocks without the head.

    Raises:
        TypeError: the two are one module.
    """
    causal = model.get_base_model() if isinstance(model, PeftModel) else model
    if causal.base_model is causal:
        raise TypeError(type(causal).__name__)
    return causal, causal.base_model


@contextmanager
def _answering(module: nn.Module, output: Any) -> Iterator[None]:
    """While the block runs, the module's forward answers `output` and computes nothing."""
    before = module.__dict__.get("forward")
    module.forward = lambda *_args, **_kwargs: output
    try:
        yield
    finally:
        if before is None:
            del module.forward
        else:
            module.forward = before
