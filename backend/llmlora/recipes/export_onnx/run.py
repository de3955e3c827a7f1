"""Exports one directory: whole and checked, or not at all."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from llmlora.contracts.events import ArtifactKind, Progress
from llmlora.contracts.prediction import HEAD_NAME, InputType
from llmlora.contracts.run import Context, RunCancelledError
from llmlora.data.predictor_files import MODEL_NAME, read_head
from llmlora.kit.files import published_directory, sha256_of_file
from llmlora.recipes.blocks.predictor_errors import ExportDiffersError
from llmlora.recipes.export_onnx.spec import ExportOnnxConfig

DIRECTORY = "onnx"


class Exporting(Protocol):
    """A trained model that is exported. `limit`: how far the file may be from it."""

    limit: float

    def write(self, directory: Path) -> None:
        """`model.onnx`, marked, and all that it is read with."""

    def largest_difference(self, directory: Path) -> float:
        """Between what the file gives for the held rows and what the model gives."""


def run(config: ExportOnnxConfig, ctx: Context) -> None:
    """Load, export, compare, publish. A failure leaves no file.

    Raises:
        RunInputNotGivenError: no model was given.
        InvalidInputError: it cannot be loaded as it was trained, see `blocks.predictor.load_predictor` and
            `blocks.columns.predictor.load_columns_predictor`.
        ExportDiffersError: the file computes something else.
        RunCancelledError: SIGTERM was seen; nothing is left.
    """
    del config
    trained = ctx.spec.inputs.file("model").path
    _progress(ctx, "load", 0)
    head = read_head(trained)
    model = LOADED_BY[head.input](trained)
    target = ctx.run_dir / DIRECTORY
    shutil.rmtree(target, ignore_errors=True)
    with published_directory(target) as directory:
        shutil.copyfile(trained / HEAD_NAME, directory / HEAD_NAME)
        _progress(ctx, "convert", 1)
        model.write(directory)
        _progress(ctx, "check", 2)
        difference = model.largest_difference(directory)
        if not difference <= model.limit:
            raise ExportDiffersError(difference=difference, limit=model.limit)
    ctx.publish(
        ArtifactKind.ONNX,
        DIRECTORY,
        target,
        {
            "model_sha256": sha256_of_file(target / MODEL_NAME),
            "trained_sha256": ctx.spec.inputs.file("model").sha256,
            "labels": list(head.labels),
            "largest_difference": difference,
        },
    )
    _progress(ctx, "publish", 3)


def _of_texts(directory: Path) -> Exporting:
    from llmlora.recipes.export_onnx.texts import TextExport

    return TextExport(directory)


def _of_columns(directory: Path) -> Exporting:
    from llmlora.recipes.export_onnx.columns import ColumnsExport

    return ColumnsExport(directory)


LOADED_BY: Mapping[InputType, Callable[[Path], Exporting]] = {"text": _of_texts, "columns": _of_columns}
"""By what a model takes: torch is loaded for texts alone."""


def _progress(ctx: Context, stage: str, done: int) -> None:
    if ctx.cancelled:
        raise RunCancelledError
    ctx.emit(Progress(stage=stage, done=done, total=3, unit="steps"))
