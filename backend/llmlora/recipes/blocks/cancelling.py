"""Places where a run that is asked to end looks up: between pieces of work, and inside a pass of a large model."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from llmlora.contracts.run import Context, RunCancelledError

if TYPE_CHECKING:
    from torch import Tensor, nn

T = TypeVar("T")


def stop_if_cancelled(ctx: Context) -> None:
    """Leave where nothing is half made.

    Raises:
        RunCancelledError: SIGTERM was seen.
    """
    if ctx.cancelled:
        raise RunCancelledError


def until_cancelled(things: Iterable[T], ctx: Context) -> Iterator[T]:
    """The same, one after the other.

    Raises:
        RunCancelledError: SIGTERM was seen before the next one.
    """
    for thing in things:
        stop_if_cancelled(ctx)
        yield thing


def stop_within_passes(model: "nn.Module", ctx: Context) -> None:
    """Let every forward and backward pass of the model end at its next layer once SIGTERM was seen.

    A pass over long rows of a large model takes minutes on a CPU, which is more than a run is given to end. The pass
    raises `RunCancelledError`; gradients may be half added up then.
    """

    def look(*_: object) -> None:
        stop_if_cancelled(ctx)

    for layer in _layers(model):
        layer.register_forward_pre_hook(look)
        layer.register_forward_hook(_look_in_backward(look))


def _look_in_backward(look: "Callable[[Tensor], None]") -> "Callable[[nn.Module, Any, Any], None]":
    from torch import Tensor

    def watch(_layer: "nn.Module", _given: Any, made: Any) -> None:
        hidden = made[0] if isinstance(made, tuple) and made else made
        if isinstance(hidden, Tensor) and hidden.requires_grad:
            hidden.register_hook(look)  # type: ignore[no-untyped-call]

    return watch


def _layers(module: "nn.Module") -> "Iterator[nn.Module]":
    """The blocks of the outermost lists: a transformer's layers."""
    from torch import nn

    for child in module.children():
        if isinstance(child, nn.ModuleList):
            yield from child
        else:
            yield from _layers(child)
