"""A module of torch as a Core ML package, by coremltools."""

import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from llmlora.recipes.export_coreml.errors import CoremlMissingError, CoremlUnconvertibleError
from llmlora.recipes.export_coreml.models import Convertible, padded
from llmlora.recipes.export_coreml.spec import Precision, System

PACKAGE_NAME = "model.mlpackage"
# For debuggers of ExecuTorch, which have no use for it here.
DEBUG_NAME = "executorch_debug_handle_mapping.json"
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "logits"
# Squares and their means are the one place where the values of a trained model leave the range of float16.
KEPT_WIDE = frozenset({"pow", "reduce_mean", "rsqrt"})


def coremltools() -> Any:
    """The library, silenced: on Linux it says of every part of Core ML's runtime that it is not there.

    Raises:
        CoremlMissingError: it is not installed.
    """
    logging.getLogger("coremltools").setLevel(logging.ERROR)
    os.environ.setdefault("TQDM_DISABLE", "1")
    try:
        import coremltools as found
    except ImportError as error:
        raise CoremlMissingError(reason=str(error)) from error
    return found


def convert(model: Convertible, precision: Precision, system: System, metadata: Mapping[str, str]) -> Any:
    """The package, not yet written. Constants are the model's own tensors, rounded to the precision.

    Raises:
        CoremlMissingError: coremltools is not installed.
        CoremlUnconvertibleError: it cannot express the model.
    """
    ct = coremltools()
    chosen = ct.transform.FP16ComputePrecision(op_selector=_may_be_narrow)
    example = padded(model.rows[0], model.length, model.pad_id)
    with _quiet():
        try:
            with torch.no_grad():
                program = torch.export.export(model.module, example).run_decompositions()
            package = ct.convert(
                program,
                convert_to="mlprogram",
                outputs=[ct.TensorType(OUTPUT, dtype=np.float32)],
                minimum_deployment_target=ct.target[system],
                compute_precision=chosen if precision == "float16" else ct.precision.FLOAT32,
                skip_model_load=True,
            )
        except Exception as error:
            raise CoremlUnconvertibleError(
                version=ct.__version__, architecture=model.architecture, reason=_first_line(error)
            ) from error
    package.user_defined_metadata.update(metadata)
    return package


def save(package: Any, directory: Path) -> Path:
    """Write it; a package is a directory."""
    path = directory / PACKAGE_NAME
    with _quiet():
        package.save(str(path))
    (path / DEBUG_NAME).unlink(missing_ok=True)
    return path


def _may_be_narrow(operation: Any) -> bool:
    """Whether an operation is computed in float16: not what comes between a square and the root of a mean."""
    if operation.op_type in KEPT_WIDE:
        return False
    fed = [one.op for one in operation.inputs.values() if hasattr(one, "op") and one.op is not None]
    return not (operation.op_type == "add" and any(one.op_type == "reduce_mean" for one in fed))


@contextmanager
def _quiet() -> Iterator[None]:
    """The same few warnings come for every layer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[0].strip()[:300]
