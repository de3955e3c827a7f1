"""Reads a written package back, and refuses one that is not the trained model.

Four things are looked at: inputs and outputs; labels and the files beside the package, by their hashes; every trained tensor, bit
for bit in the precision that was asked for; and what the program computes on rows, against the model as it was trained.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from llmlora.contracts.prediction import HEAD_NAME
from llmlora.data.predictor_files import TOKENIZER_NAME, read_head
from llmlora.recipes.export_coreml.converting import INPUTS, OUTPUT, PACKAGE_NAME, coremltools
from llmlora.recipes.export_coreml.errors import (
    CoremlDiffersError,
    CoremlFileChangedError,
    CoremlInterfaceError,
    CoremlWeightsError,
)
from llmlora.recipes.export_coreml.evaluating import computed
from llmlora.recipes.export_coreml.models import Convertible, padded
from llmlora.recipes.export_coreml.spec import Precision

LABELS_KEY, LENGTH_KEY, HASHES_KEY = "llmlora.labels", "llmlora.length", "llmlora.sha256"
DTYPES: Mapping[Precision, Any] = {"float16": np.float16, "float32": np.float32}
LIMITS: Mapping[Precision, float] = {"float16": 2e-2, "float32": 1e-4}
"""By which share of the largest logit of a row the others may differ (measured, see README)."""
Array = NDArray[Any]


@dataclass(frozen=True)
class Proof:
    """What has been found. `tensors` were compared, of which `in_part` have rows that no input can reach;
    `largest_difference` of two logits, as a share of the largest of its row."""

    tensors: int
    in_part: int
    rows: int
    largest_difference: float
    same_choice: int


def metadata_of(directory: Path, model: Convertible, about: Mapping[str, str]) -> dict[str, str]:
    """What the package tells of itself: the labels, the length, the hashes of the files that lie beside it."""
    hashes = {one.name: _sha256(one) for one in sorted(directory.iterdir()) if one.is_file()}
    return {
        LABELS_KEY: json.dumps(model.labels, ensure_ascii=False),
        LENGTH_KEY: str(model.length),
        HASHES_KEY: json.dumps(hashes),
        **about,
    }


def refuse_unlike(directory: Path, model: Convertible, precision: Precision) -> Proof:
    """Look at all of it.

    Raises:
        CoremlInterfaceError: inputs, outputs, labels or their order are others.
        CoremlFileChangedError: a file beside the package is another.
        CoremlWeightsError: names a trained tensor that is missing or another.
        CoremlOverflowError, CoremlDiffersError: it computes something else.
    """
    ct = coremltools()
    path = directory / PACKAGE_NAME
    spec = ct.utils.load_spec(str(path))
    refuse_other_interface(spec, directory, model)
    program = read_program(path, spec)
    tensors, in_part = refuse_other_weights(program, model, precision)
    largest, same = _refuse_other_answers(program, model, precision)
    return Proof(tensors, in_part, len(model.rows), largest, same)


def read_program(path: Path, spec: Any) -> Any:
    """The operations of a package and their constants, from the files themselves."""
    from coremltools.converters.mil.frontend.milproto.load import load

    return load(spec, spec.specificationVersion, str(path / "Data" / "com.apple.CoreML" / "weights"))


def refuse_other_interface(spec: Any, directory: Path, model: Convertible) -> None:
    """Names, shapes, labels and the files beside.

    Raises:
        CoremlInterfaceError: one of them is another.
        CoremlFileChangedError: a file is.
    """
    told = spec.description.metadata.userDefined
    inputs = {one.name: tuple(one.type.multiArrayType.shape) for one in spec.description.input}
    outputs = [one.name for one in spec.description.output]
    wanted = dict.fromkeys(INPUTS, (1, model.length))
    _same(inputs, wanted, "入力", "inputs")
    _same(outputs, [OUTPUT], "出力", "outputs")
    [shape] = [tuple(one.type.multiArrayType.shape) for one in spec.description.output]
    _same(shape, (1, model.expected.shape[1]), "出力の形", "shape of its output")
    _same(told[LENGTH_KEY], str(model.length), "長さ", "length")
    _same(json.loads(told[LABELS_KEY]), list(model.labels), "ラベル", "labels, or their order")
    if model.labels:
        _same(list(read_head(directory).labels), list(model.labels), "ラベル", "labels, or their order")
    hashes = json.loads(told[HASHES_KEY])
    needed = {TOKENIZER_NAME, *((HEAD_NAME,) if model.labels else ())}
    for name in sorted(needed | hashes.keys()):
        path = directory / name
        if not path.is_file() or _sha256(path) != hashes.get(name):
            raise CoremlFileChangedError(name=name)


def refuse_other_weights(program: Any, model: Convertible, precision: Precision) -> tuple[int, int]:
    """How many of the trained tensors are in the program, and how many of those up to the last row that can be reached.

    A constant is recognised by its content. A matrix may be kept turned, a table of positions ends where the rows do; nothing but
    zeros is not added, and nothing but ones not multiplied with.

    Raises:
        CoremlWeightsError: names the first that is missing or another.
    """
    found = {
        _digest(value)
        for operation in program.functions["main"].operations
        if operation.op_type == "const" and isinstance(value := operation.outputs[0].val, np.ndarray)
    }
    tensors = {
        name: _rounded(one, DTYPES[precision])
        for name, one in model.module.state_dict().items()
        if one.is_floating_point()
    }
    in_part = 0
    for name, value in tensors.items():
        if (
            _changes_nothing(value)
            or _digest(value) in found
            or (value.ndim == 2 and _digest(value.T) in found)
        ):
            continue
        if value.ndim != 2 or not any(_digest(one) in found for one in _reached(value, model.length)):
            raise CoremlWeightsError(tensor=name, count=len(tensors))
        in_part += 1
    return len(tensors), in_part


def _changes_nothing(value: Array) -> bool:
    """Whether coremltools leaves an operation with it out: a bias of zeros, a scale of ones."""
    return not value.any() or (value.ndim == 1 and bool((value == 1).all()))


def _reached(table: Array, length: int) -> Iterator[Array]:
    """What is left of a table that is looked up by constants: the rows of the positions, or for each token the first one."""
    yield table[:length]
    yield np.repeat(table[:1], length, axis=0)
    yield table[:1]


def _refuse_other_answers(program: Any, model: Convertible, precision: Precision) -> tuple[float, int]:
    """The largest difference, as a share; and in how many rows the first choice is the same."""
    limit, largest, same = LIMITS[precision], 0.0, 0
    for at, (row, expected) in enumerate(zip(model.rows, model.expected, strict=True), start=1):
        ids, marks = padded(row, model.length, model.pad_id)
        fed = dict(zip(INPUTS, (ids.numpy(), marks.numpy()), strict=True))
        answer = torch.from_numpy(computed(program, fed)[OUTPUT][0].astype(np.float32))
        share = float((answer - expected).abs().max() / expected.abs().max().clamp(min=1.0))
        if not share <= limit:
            raise CoremlDiffersError(row=at, difference=share, limit=limit)
        largest = max(largest, share)
        same += int(answer.argmax() == expected.argmax())
    return largest, same


def _same(found: Any, expected: Any, what_ja: str, what_en: str) -> None:
    if found != expected:
        raise CoremlInterfaceError(
            what_ja=what_ja, what_en=what_en, found=str(found)[:200], expected=str(expected)[:200]
        )


def _rounded(tensor: Tensor, dtype: Any) -> Array:
    value: Array = tensor.detach().cpu().float().numpy()
    return value.astype(dtype)


def _digest(value: Array) -> bytes:
    """Of the numbers in their order; leading axes of one are nothing."""
    shape = list(value.shape)
    while len(shape) > 1 and shape[0] == 1:
        shape = shape[1:]
    return hashlib.sha256(
        repr((shape, value.dtype.str)).encode() + np.ascontiguousarray(value).tobytes()
    ).digest()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
