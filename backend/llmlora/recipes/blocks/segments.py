"""Several rows in one forward pass, laid end to end, none of which sees another: no padding, no contamination.

Every row is a segment: positions start at 0, and attention runs once per segment as a plain causal call, which every
backend has (FlexAttention has no backward on CPU and MPS). `keeps_segments_apart` proves it on the model in hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

SEGMENT_ATTENTION = "llmlora_segments"
_PROBE_LENGTHS = (5, 7)


def attend_by_segment(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    dropout: float = 0.0,
    scaling: float | None = None,
    sliding_window: int | None = None,
    cu_seq_lens_q: Tensor | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Causal attention inside each segment.

    query: (1, H, T, D); key, value: (1, H_kv, T, D); cu_seq_lens_q: (S + 1,) int32 segment bounds on the CPU, None
    for a single segment. Returns (1, T, H, D).

    Raises:
        ValueError: the model soft-caps its attention scores, which this attention cannot do.
    """
    del attention_mask  # None by construction: this attention registers no mask function
    if kwargs.get("softcap") is not None:
        raise ValueError("soft-capped attention scores are not supported by segment attention")
    bounds = [0, query.shape[2]] if cu_seq_lens_q is None else cu_seq_lens_q.tolist()
    outputs = []
    for start, end in pairwise(bounds):
        mask = _window_mask(end - start, sliding_window, query.device)
        output, _ = sdpa_attention_forward(
            module,
            query[:, :, start:end],
            key[:, :, start:end],
            value[:, :, start:end],
            mask,
            dropout=dropout,
            scaling=scaling,
            is_causal=mask is None,
        )
        outputs.append(output)
    return torch.cat(outputs, dim=1), None


AttentionInterface.register(SEGMENT_ATTENTION, attend_by_segment)


@dataclass(frozen=True)
class Segments:
    """Rows laid end to end.

    input_ids, position_ids: (1, T) int64; bounds: (S + 1,) int32 on the CPU; predict_at: (N,) int64, the positions
    whose next token carries loss; labels: (N,) int64, those next tokens.
    """

    input_ids: Tensor
    position_ids: Tensor
    bounds: Tensor
    predict_at: Tensor
    labels: Tensor


def lay_end_to_end(rows: Sequence[tuple[Tensor, Tensor]], device: torch.device) -> Segments:
    """Join rows of (ids: (T,) int64, mask: (T,) bool) into one sequence."""
    lengths = [len(ids) for ids, _ in rows]
    starts = [sum(lengths[:i]) for i in range(len(lengths) + 1)]
    ids = torch.cat([ids for ids, _ in rows])
    predict_at = torch.cat(
        [mask[1:].nonzero().flatten() + start for (_, mask), start in zip(rows, starts, strict=False)]
    )
    return Segments(
        input_ids=ids.unsqueeze(0).to(device),
        position_ids=torch.cat([torch.arange(n) for n in lengths]).unsqueeze(0).to(device),
        bounds=torch.tensor(starts, dtype=torch.int32),
        predict_at=predict_at.to(device),
        labels=ids[predict_at + 1].to(device),
    )


def forward_logits(model: nn.Module, segments: Segments) -> Tensor:
    """Logits (N, V) at the supervised positions only: the head never sees the others."""
    output = model(
        input_ids=segments.input_ids,
        position_ids=segments.position_ids,
        logits_to_keep=segments.predict_at,
        cu_seq_lens_q=segments.bounds,
        cu_seq_lens_k=segments.bounds,
        use_cache=False,
    )
    logits: Tensor = output.logits[0]
    return logits


@torch.no_grad()
def keeps_segments_apart(model: nn.Module, vocabulary: int, device: torch.device) -> bool:
    """Whether the second of two segments is answered alike whatever the first one says, and as when alone.

    False for models with recurrent or convolutional layers, which carry state across segments, and for models that
    do not hand segment bounds to their attention.
    """
    generator = torch.Generator().manual_seed(0)

    def draw(length: int) -> tuple[Tensor, Tensor]:
        ids = torch.randint(0, vocabulary, (length,), generator=generator)
        return ids, torch.ones(length, dtype=torch.bool)

    second = draw(_PROBE_LENGTHS[1])
    was_training = model.training
    model.eval()
    try:
        alone = forward_logits(model, lay_end_to_end([second], device)).float()
        tails = [
            forward_logits(model, lay_end_to_end([draw(_PROBE_LENGTHS[0]), second], device)).float()
            for _ in range(2)
        ]
    except (ValueError, TypeError, IndexError, RuntimeError):
        return False
    finally:
        model.train(was_training)
    tails = [tail[-len(alone) :] for tail in tails]
    scale = alone.abs().max().item() + 1e-6
    tolerance = 1e-4 if alone.dtype == next(model.parameters()).dtype else 3e-2
    same = (tails[0] - tails[1]).abs().max().item() <= 1e-5 * scale
    return same and (tails[0] - alone).abs().max().item() <= tolerance * scale


def _window_mask(length: int, window: int | None, device: torch.device) -> Tensor | None:
    """(1, 1, T, T) bool for a sliding window shorter than the segment; None where plain causal attention does."""
    if window is None or length <= window:
        return None
    at = torch.arange(length, device=device)
    distance = at[:, None] - at[None, :]
    return ((distance >= 0) & (distance < window))[None, None]
