"""Several rows in one forward pass, laid end to end, none of which sees another: no padding, no contamination.

Every row is a segment: positions start at 0, and attention runs once per segment as a plain causal call, which every
backend has (FlexAttention has no backward on CPU and MPS). Whether a model may be trained so, `attention.py` finds out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

SEGMENT_ATTENTION = "llmlora_segments"
# Queries that share one mask of a sliding window: its bytes are these times (these + window), however long the row.
WINDOW_BLOCK = 512
# What some models give their attention beside queries, keys and values, and a plain causal call has no place for.
BEYOND_PLAIN = ("softcap", "s_aux", "position_bias")


class NotPlainAttentionError(ValueError):
    """A model's attention is more than causal attention, with or without a sliding window."""


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
        NotPlainAttentionError: the model caps or biases its scores, has sinks, or makes masks of its own.
    """
    if asked := [name for name in BEYOND_PLAIN if kwargs.get(name) is not None]:
        raise NotPlainAttentionError(asked[0])
    if attention_mask is not None:  # this attention registers no mask function: the model made it by itself
        raise NotPlainAttentionError("attention_mask")
    bounds = [0, query.shape[2]] if cu_seq_lens_q is None else cu_seq_lens_q.tolist()
    outputs = []
    for start, end in pairwise(bounds):
        for rows, keys, mask in _parts(start, end, sliding_window, query.device):
            output, _ = sdpa_attention_forward(
                module,
                query[:, :, rows],
                key[:, :, keys],
                value[:, :, keys],
                mask,
                dropout=dropout,
                scaling=scaling,
                is_causal=mask is None,
            )
            outputs.append(output)
    return torch.cat(outputs, dim=1), None


AttentionInterface.register(SEGMENT_ATTENTION, attend_by_segment)


def _parts(
    start: int, end: int, window: int | None, device: torch.device
) -> list[tuple[slice, slice, Tensor | None]]:
    """Queries, the keys they may see, and the mask between them, (1, 1, Q, K) bool; None: plain causal attention.

    A window shorter than the segment is cut into blocks of queries that share one band.
    """
    if window is None or end - start <= window:
        return [(slice(start, end), slice(start, end), None)]
    block = min(WINDOW_BLOCK, window)
    band = _band(block, window, device)
    parts: list[tuple[slice, slice, Tensor | None]] = []
    for first in range(start, end, block):
        last = min(first + block, end)
        oldest = max(start, first - window + 1)
        missing = oldest - (first - window + 1)  # keys of the band that would lie before the segment
        mask = band[:, :, : last - first, missing : missing + last - oldest]
        parts.append((slice(first, last), slice(oldest, last), mask))
    return parts


@lru_cache(maxsize=4)
def _band(block: int, window: int, device: torch.device) -> Tensor:
    """(1, 1, B, B + W - 1) bool: query i sees keys i … i + W - 1, the last of which is itself."""
    width = block + window - 1
    return torch.ones(block, width, dtype=torch.bool, device=device).triu_().tril_(window - 1)[None, None]


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

    def at(self, positions: Tensor) -> "Segments":
        """The same rows, of which only these positions, (M,) int64 of `predict_at`, meet the head."""
        return replace(self, predict_at=positions, labels=self.labels[: len(positions)])


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
