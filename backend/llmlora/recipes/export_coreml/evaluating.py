"""What a Core ML program computes, worked out on any machine.

Core ML itself exists on Apple's systems alone. coremltools, however, says of every operation what it computes, in numpy, since it
folds constants that way (`Operation.value_inference`). A program whose inputs are constants is thereby computed as a whole. It is
done in float32 on the weights as they were stored: what rounding of the values on the way adds depends on the device.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llmlora.recipes.export_coreml.converting import coremltools
from llmlora.recipes.export_coreml.errors import CoremlOverflowError, CoremlUnconvertibleError

LARGEST_HALF = 65504.0
Array = NDArray[Any]


def _silu(x: Array) -> Array:
    """x · σ(x); the exponent is bounded, so that nothing overflows on the way."""
    return np.asarray(x / (1 + np.exp(-np.clip(x, -80, 80))), dtype=x.dtype)


_WITHOUT_VALUES: Mapping[str, Callable[[Array], Array]] = {"silu": _silu}
"""Operations that coremltools defines without saying what they compute (Hendrycks & Gimpel 2016 for SiLU)."""


def computed(program: Any, fed: Mapping[str, Array]) -> dict[str, Array]:
    """The outputs of a program by name, given its inputs.

    Raises:
        CoremlOverflowError: a value that the program holds in float16 does not fit into it.
        CoremlUnconvertibleError: coremltools has no values for one of its operations.
    """
    coremltools()
    from coremltools.converters.mil.mil import Builder, Function

    main = program.functions["main"]
    values: dict[Any, Any] = {}
    with Function({}, opset_version=main.opset_version):
        for name, variable in main.inputs.items():
            values[variable] = Builder.const(val=fed[name])
        for operation in main.operations:
            for variable, found in zip(operation.outputs, _found(Builder, operation, values), strict=True):
                _refuse_unfit(operation, variable, found)
                values[variable] = found
    return {one.name: np.asarray(values[one].val) for one in main.outputs}


def _found(builder: Any, operation: Any, values: Mapping[Any, Any]) -> tuple[Any, ...]:
    """The operation's outputs, computed anew in float32."""
    if operation.op_type == "const":
        return (builder.const(val=_wide(operation.outputs[0].val)),)
    given = {name: _looked_up(one, values) for name, one in operation.inputs.items() if one is not None}
    if operation.op_type == "cast" and operation.inputs["dtype"].val == "fp16":
        given["dtype"] = "fp32"
    if hasattr(operation, "get_operator") and "axes" in given:
        return (builder.const(val=_reduced(operation, given)),)
    if operation.op_type in _WITHOUT_VALUES:
        return (builder.const(val=_WITHOUT_VALUES[operation.op_type](given["x"].val)),)
    found = getattr(builder, operation.op_type)(**given)
    return tuple(found) if isinstance(found, list | tuple) else (found,)


def _reduced(operation: Any, given: Mapping[str, Any]) -> Array:
    """By coremltools' own function; its way of asking for `keepdims` is one that numpy no longer takes."""
    x, axes = given["x"].val, tuple(int(one) for one in given["axes"].val)
    found = operation.get_operator()(x, axis=axes, keepdims=bool(given["keep_dims"].val))
    return np.asarray(found, dtype=x.dtype)


def _looked_up(one: Any, values: Mapping[Any, Any]) -> Any:
    return [values[part] for part in one] if isinstance(one, list | tuple) else values[one]


def _wide(value: Any) -> Any:
    is_half = isinstance(value, np.ndarray | np.generic) and value.dtype == np.float16
    return value.astype(np.float32) if is_half else value


def _refuse_unfit(operation: Any, variable: Any, found: Any) -> None:
    if found.val is None:
        raise CoremlUnconvertibleError(
            version=coremltools().__version__, architecture=operation.op_type, reason="no values"
        )
    if variable.dtype.__name__ != "fp16" or operation.op_type == "const":
        return
    largest = float(np.abs(found.val).max(initial=0.0))
    if not largest <= LARGEST_HALF:
        raise CoremlOverflowError(value=largest, operation=operation.op_type)
