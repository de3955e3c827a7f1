"""`model.onnx` in this process, for checks before anybody serves it."""

from pathlib import Path

import numpy as np
import onnxruntime

from llmlora.data.column_encoder import Matrix
from llmlora.data.predictor_files import MODEL_NAME
from llmlora.recipes.blocks.columns.graphs import INPUT, OUTPUT
from llmlora.recipes.blocks.columns.predictor import Floats


def onnx_outputs(directory: Path, numbers: Matrix) -> Floats:
    """(rows, width) → what the file gives: (rows, labels), or (rows, 1)."""
    session = onnxruntime.InferenceSession(directory / MODEL_NAME, providers=["CPUExecutionProvider"])
    found = session.run([OUTPUT], {INPUT: numbers})[0]
    return np.asarray(found, dtype=np.float64).reshape(len(numbers), -1)
