"""Proves that the files predict as the model that was trained: a new process loads `model.skops` and `model.onnx` and is asked.

Another order of the classes or another filling of gaps gives files that load without a word and answer wrongly: both end the
run here, in words.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from llmlora.contracts.prediction import ColumnsItem
from llmlora.contracts.run import Context
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.columns.predictor import Floats
from llmlora.recipes.blocks.new_process import ReloadFailedError, ask_new_process

MOST_DIFFERENCE = 1e-4
"""Of two probabilities; of amounts, times the largest of them. skops gives the very same numbers; ONNX Runtime adds in 32 bits. Measured:
at most 6e-6, with support vectors."""
SIDES = {"skops": "model.skops", "onnx": "model.onnx"}


class SavedColumnsDifferError(AppError):
    """The saved model answers otherwise than the trained one."""

    code = "saved_columns_differ"
    ja = "保存したモデル（{file}）を別のプロセスで読み込むと、行 {index} の「{output}」が {found:.4g} になります（学習したモデルでは {expected:.4g}）。クラスの順序か、欠損やカテゴリーの読み方が違います。学習をやり直してください。"
    en = "Loaded by a new process, the saved model ({file}) gives {found:.4g} for “{output}” of row {index}; the trained one gave {expected:.4g}. The order of the classes differs, or how gaps and categories are read. Train it again."


class ProofOrder(BaseModel):
    """What the new process is asked."""

    model_config = ConfigDict(frozen=True)

    directory: Path
    items: tuple[ColumnsItem, ...]


class ProofAnswer(BaseModel):
    """What it answers: the labels in their order, and the outputs of every item by both files."""

    model_config = ConfigDict(frozen=True)

    labels: tuple[str, ...]
    skops: tuple[tuple[float, ...], ...]
    onnx: tuple[tuple[float, ...], ...]


def refuse_other_predictions(
    directory: Path, items: Sequence[ColumnsItem], outputs: Floats, labels: Sequence[str], ctx: Context
) -> float:
    """Load the directory in a process of its own and compare: the largest difference. `outputs`: (items, labels or 1), as
    the model gave them that was trained.

    Raises:
        ReloadFailedError, SavedColumnsDifferError: it is not what was trained.
        RunCancelledError: SIGTERM was seen.
    """
    order = ProofOrder(directory=directory, items=tuple(items))
    out = ask_new_process("llmlora.recipes.blocks.columns.reloading", order.model_dump_json(), ctx)
    answer = ProofAnswer.model_validate(json.loads(out))
    return max(
        _difference(file, np.array(getattr(answer, side)), outputs, answer.labels, labels)
        for side, file in SIDES.items()
    )


def _difference(
    file: str, found: Floats, outputs: Floats, named: Sequence[str], labels: Sequence[str]
) -> float:
    if found.shape != outputs.shape or tuple(named) != tuple(labels):
        raise ReloadFailedError(
            reason=f"{file}: {found.shape} {list(named)[:5]} ≠ {outputs.shape} {list(labels)[:5]}"
        )
    differences = np.abs(found - outputs)
    row, column = np.unravel_index(int(differences.argmax()), differences.shape)
    limit = MOST_DIFFERENCE * (1.0 if labels else max(1.0, float(np.abs(outputs).max())))
    if not differences[row, column] <= limit:
        raise SavedColumnsDifferError(
            file=file,
            index=int(row) + 1,
            output=labels[int(column)] if labels else "-",
            found=float(found[row, column]),
            expected=float(outputs[row, column]),
        )
    return float(differences[row, column])
