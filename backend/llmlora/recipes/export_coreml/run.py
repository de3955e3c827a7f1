"""Exports one directory: whole and checked, or not at all."""

import shutil
import tempfile
from pathlib import Path

import transformers
from pydantic import JsonValue

from llmlora.contracts.events import ArtifactKind, Progress, Report
from llmlora.contracts.prediction import HEAD_NAME
from llmlora.contracts.run import Context, RunCancelledError
from llmlora.kit.files import published_directory, size_of_tree
from llmlora.recipes.export_coreml.checking import Proof, metadata_of, refuse_unlike
from llmlora.recipes.export_coreml.converting import convert, coremltools, save
from llmlora.recipes.export_coreml.models import Convertible, load_encoder, load_generator
from llmlora.recipes.export_coreml.spec import ExportCoremlConfig

DIRECTORY = "coreml"


def run(config: ExportCoremlConfig, ctx: Context) -> None:
    """Load, convert, read back, compare, publish. A failure leaves no file.

    Raises:
        RunInputNotGivenError: no trained model was given.
        CoremlMissingError: coremltools is not installed.
        CoremlLengthError: rows would be longer than the model reads.
        CoremlUnconvertibleError: coremltools cannot express the model.
        AppError: what was written is not the trained model, see `checking.refuse_unlike`.
        RunCancelledError: SIGTERM was seen; nothing is left.
    """
    transformers.utils.logging.disable_progress_bar()
    version = coremltools().__version__
    trained = ctx.spec.inputs.file("model")
    target = ctx.run_dir / DIRECTORY
    shutil.rmtree(target, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(dir=ctx.run_dir, prefix=".export-") as work,
        published_directory(target) as directory,
    ):
        _progress(ctx, "load", 0)
        model = _load(config, ctx, trained.path, Path(work))
        model.write_files(directory)
        _progress(ctx, "convert", 1)
        metadata = metadata_of(directory, model, _about(ctx, version))
        save(convert(model, config.precision, config.system, metadata), directory)
        _progress(ctx, "check", 2)
        proof = refuse_unlike(directory, model, config.precision)
    body = _facts(config, model, proof, version)
    ctx.emit(Report(name="coreml", body={**body, "size_bytes": size_of_tree(target)}))
    ctx.publish(ArtifactKind.COREML, DIRECTORY, target, {**body, "trained_sha256": trained.sha256})
    _progress(ctx, "publish", 3)


def _load(config: ExportCoremlConfig, ctx: Context, trained: Path, work: Path) -> Convertible:
    if (trained / HEAD_NAME).is_file():
        return load_encoder(trained, config.length)
    return load_generator(trained, ctx.spec.inputs.base_model(), work / "merged", config.length)


def _about(ctx: Context, version: str) -> dict[str, str]:
    base = ctx.spec.inputs.base_model()
    told = {
        "llmlora.base_model": base.reference,
        "llmlora.base_weights": base.weights_digest,
        "llmlora.trained_sha256": ctx.spec.inputs.file("model").sha256,
        "llmlora.coremltools": version,
        "llmlora.run_on_apple": "no",
    }
    return told if base.licence is None else {**told, "llmlora.base_licence": base.licence}


def _facts(
    config: ExportCoremlConfig, model: Convertible, proof: Proof, version: str
) -> dict[str, JsonValue]:
    return {
        "precision": config.precision,
        "system": config.system,
        "length": model.length,
        "labels": list(model.labels),
        "tensors": proof.tensors,
        "tensors_in_part": proof.in_part,
        "rows": proof.rows,
        "rows_alike": proof.same_choice,
        "largest_difference": proof.largest_difference,
        "coremltools": version,
        "run_on_apple": False,
    }


def _progress(ctx: Context, stage: str, done: int) -> None:
    if ctx.cancelled:
        raise RunCancelledError
    ctx.emit(Progress(stage=stage, done=done, total=3, unit="steps"))
