"""Models of columns as a graph. It is made anew of `model.skops`, which is what was proved to be the trained model."""

import shutil
from pathlib import Path

import numpy as np
import onnx

from llmlora.contracts.prediction import COLUMNS_NAME
from llmlora.data.predictor_files import MODEL_NAME, marks_of
from llmlora.recipes.blocks.columns.graphs import graph_of
from llmlora.recipes.blocks.columns.predictor import load_columns_predictor
from llmlora.recipes.blocks.columns.session import onnx_outputs


class ColumnsExport:
    """`run.Exporting`."""

    limit = 1e-4

    def __init__(self, directory: Path) -> None:
        self._directory, self._predictor = directory, load_columns_predictor(directory)

    def write(self, directory: Path) -> None:
        """How columns are read, and the graph that names it."""
        shutil.copyfile(self._directory / COLUMNS_NAME, directory / COLUMNS_NAME)
        one = self._predictor
        graph = graph_of(one.estimator, one.encoder.width, center=one.amount.center, scale=one.amount.scale)
        onnx.helper.set_model_props(graph, marks_of(directory))
        onnx.save(graph, directory / MODEL_NAME)

    def largest_difference(self, directory: Path) -> float:
        """Of probabilities; of amounts, in parts of the largest."""
        trained = self._predictor.outputs(self._predictor.held)
        found = onnx_outputs(directory, self._predictor.numbers(self._predictor.held))
        scale = 1.0 if self._predictor.head.labels else max(1.0, float(np.abs(trained).max()))
        return float(np.abs(found - trained).max()) / scale
