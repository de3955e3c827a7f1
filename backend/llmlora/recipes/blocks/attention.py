"""What a model attends with while it learns: our segments where they are proved to do the same, else its own attention.

Asked once a run, of the model in hand: windows, chunks, sinks and sparse masks differ from family to family, and a new
one would be trained wrongly without a word. Layers are compared one by one on the same inputs: rounding does not add up
from layer to layer, nor send a token of a mixture of experts elsewhere.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface

from llmlora.recipes.blocks.segments import (
    SEGMENT_ATTENTION,
    NotPlainAttentionError,
    attend_by_segment,
    forward_logits,
    lay_end_to_end,
)

SHORTEST_PROBE = 12
# Tokens beyond a window or a chunk, all of which have to be blind to what lies before it.
BEYOND_REACH = 8
_SECOND_ROW = 7
# A layer's output may differ by this share of its largest number: what two kernels differ by, and no more.
TOLERANCES = {torch.float32: 1e-3, torch.float16: 2e-2, torch.bfloat16: 4e-2}
# The first token of the probe speaks this much louder: one key of thousands is then heard by whoever should not see it.
LOUD = 30.0
# Settings of configurations that say from how many tokens on a model attends, or counts positions, otherwise.
_REACH = re.compile(r"window|chunk|top_?k|local|block|original_max_position")
# What a model does with an input or an implementation that it does not take.
_REFUSALS = (ValueError, TypeError, IndexError, KeyError, AttributeError, RuntimeError)


@dataclass(frozen=True)
class Attention:
    """The choice. `joined`: the rows of a batch share a pass; `reason`: why segments are not used, for the log."""

    joined: bool
    reason: str | None = None


@dataclass(frozen=True)
class Difference:
    """Where segments and the model's own attention part. `share` of the largest number of a token's output."""

    layer: str
    share: float


def choose_attention(model: Any, device: torch.device, longest: int) -> Attention:
    """Set what `model` (on `device`) attends with. `longest`: tokens of the run's longest row."""
    native = model.config._attn_implementation
    vocabulary = model.config.get_text_config().vocab_size
    length = probe_length(model.config.get_text_config().to_dict(), longest)
    model.set_attn_implementation(SEGMENT_ATTENTION)
    try:
        layers = _layers_that_ask(model, vocabulary, device)
    except NotPlainAttentionError as error:
        model.set_attn_implementation(native)
        return Attention(False, f"its attention has {error}, which segments have not")
    except _REFUSALS as error:
        model.set_attn_implementation(native)
        return Attention(False, f"it does not work with segments ({type(error).__name__})")
    if not layers:  # transformers lets it attend by its own code alone
        model.set_attn_implementation(native)
    elif (found := differs_from_native(model, native, layers, length, device)) is not None:
        model.set_attn_implementation(native)
        words = f"segments differ from its own attention by {found.share:.0%} in {found.layer}"
        return Attention(False, words)
    if not keeps_segments_apart(model, vocabulary, device, first=length):
        model.set_attn_implementation(native)
        return Attention(False, "it mixes the rows of one pass")
    return Attention(True)


def probe_length(config: dict[str, Any], longest: int) -> int:
    """Tokens of a row that crosses every reach of the model which the run's rows cross, and not many more."""
    reaches = [reach for reach in _reaches(config) if reach < longest]
    return min(longest, max([SHORTEST_PROBE, *(reach + BEYOND_REACH for reach in reaches)]))


def _reaches(config: dict[str, Any]) -> Iterator[int]:
    for name, value in config.items():
        if isinstance(value, dict):
            yield from _reaches(value)
        elif isinstance(value, int) and not isinstance(value, bool) and _REACH.search(name):
            yield value


@torch.no_grad()
def differs_from_native(
    model: Any, native: str, layers: dict[nn.Module, str], length: int, device: torch.device
) -> Difference | None:
    """The first of `layers` that answers otherwise by segments than natively, on the same inputs of `length` tokens.

    The model has segment attention before and afterwards.
    """
    found: list[Difference] = []

    def compare(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], _output: Any) -> None:
        if found:
            return
        given = inspect.signature(module.forward).bind(*args, **kwargs)
        hidden = given.args[0] if given.args else given.kwargs["hidden_states"]
        loud = hidden.clone()
        loud[:, 0] *= LOUD
        for states in (hidden, loud):
            share = _share_between(module, given, states, model, native)
            if not share <= TOLERANCES.get(hidden.dtype, 1e-3):  # NaN is not
                found.append(Difference(layers[module], share))
                return

    model.set_attn_implementation(native)
    hooks = [layer.register_forward_hook(compare, with_kwargs=True) for layer in layers]
    try:
        with _evaluating(model):
            model(input_ids=_draw(model, length, device), use_cache=False, logits_to_keep=1)
    except _REFUSALS as error:
        found.append(Difference(f"{type(model).__name__} ({type(error).__name__})", 1.0))
    finally:
        for hook in hooks:
            hook.remove()
        model.set_attn_implementation(SEGMENT_ATTENTION)
    return found[0] if found else None


def _share_between(
    module: nn.Module, given: inspect.BoundArguments, states: Tensor, model: Any, native: str
) -> float:
    """Largest difference of the two outputs, as a share of the largest number of the token it belongs to."""
    own = _first(_ask(module, given, {"hidden_states": states}))
    model.set_attn_implementation(SEGMENT_ATTENTION)
    try:
        ours = _first(_ask(module, given, {"hidden_states": states, "attention_mask": None}))
    finally:
        model.set_attn_implementation(native)
    scale = own.abs().amax(dim=-1) + 1e-6 * own.abs().max() + 1e-12
    return float(((own - ours).abs().amax(dim=-1) / scale).max())


def _ask(module: nn.Module, given: inspect.BoundArguments, instead: dict[str, Any]) -> Any:
    """The layer's forward with some of its arguments replaced, by name; hooks are not asked again."""
    arguments = dict(given.arguments)
    extra = arguments.pop("kwargs", {})
    for name, value in instead.items():
        if name in arguments or name in inspect.signature(module.forward).parameters:
            arguments[name] = value
        else:
            extra = {**extra, name: value}
    return module.forward(**arguments, **extra)


def _first(output: Any) -> Tensor:
    tensor: Tensor = output[0] if isinstance(output, tuple) else output
    return tensor.float()


@torch.no_grad()
def _layers_that_ask(model: Any, vocabulary: int, device: torch.device) -> dict[nn.Module, str]:
    """The modules that ask our attention in a pass, with their names."""
    asked: set[int] = set()

    def note(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        asked.add(id(module))
        return attend_by_segment(module, *args, **kwargs)

    with _instead_of_segments(note), _evaluating(model):
        forward_logits(model, lay_end_to_end([_row(_SECOND_ROW, vocabulary)], device))
    return {module: name for name, module in model.named_modules() if id(module) in asked}


@contextmanager
def _instead_of_segments(function: Callable[..., Any]) -> Iterator[None]:
    AttentionInterface.register(SEGMENT_ATTENTION, function)
    try:
        yield
    finally:
        AttentionInterface.register(SEGMENT_ATTENTION, attend_by_segment)


@contextmanager
def _evaluating(model: nn.Module) -> Iterator[None]:
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


@torch.no_grad()
def keeps_segments_apart(
    model: nn.Module, vocabulary: int, device: torch.device, first: int = SHORTEST_PROBE
) -> bool:
    """Whether the second of two rows is answered alike whatever the first says, and as when alone.

    False for models with recurrent or convolutional layers, which carry state across segments, for models that do not
    hand segment bounds to their attention, and for positions that are scaled by the longest row of a pass. `first`:
    tokens of the first row.
    """
    generator = torch.Generator().manual_seed(0)
    second = _row(_SECOND_ROW, vocabulary, generator)
    lengths = [
        (first,),
        (first,),
        (first // 2, first - first // 2),
    ]  # as many tokens: kernels then round alike
    try:
        with _evaluating(model):
            alone = _tail(model, [second], device)
            tails = [
                _tail(model, [*(_row(n, vocabulary, generator) for n in before), second], device)
                for before in lengths
            ]
    except _REFUSALS:
        return False
    scale = alone.abs().max().item() + 1e-6
    half = next(model.parameters()).dtype in (torch.bfloat16, torch.float16)
    same = all((tails[0] - tail).abs().max().item() <= 1e-5 * scale for tail in tails[1:])
    return same and (tails[0] - alone).abs().max().item() <= (3e-2 if half else 1e-4) * scale


def _tail(model: nn.Module, rows: list[tuple[Tensor, Tensor]], device: torch.device) -> Tensor:
    """Logits of the last row: (T - 1, V) float32; the head does not see the others, however long they are."""
    silent = [(ids, torch.zeros_like(mask)) for ids, mask in rows[:-1]]
    return forward_logits(model, lay_end_to_end([*silent, rows[-1]], device)).float()


def _row(length: int, vocabulary: int, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
    generator = generator or torch.Generator().manual_seed(1)
    return torch.randint(0, vocabulary, (length,), generator=generator), torch.ones(length, dtype=torch.bool)


def _draw(model: Any, length: int, device: torch.device) -> Tensor:
    ids, _ = _row(length, model.config.get_text_config().vocab_size)
    return ids.unsqueeze(0).to(device)
