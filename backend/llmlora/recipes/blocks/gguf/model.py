"""A checkpoint of a whole model as a GGUF, read back and checked."""

from collections.abc import Callable
from pathlib import Path

from pydantic import JsonValue

from llmlora.recipes.blocks.gguf.check import check_model
from llmlora.recipes.blocks.gguf.converter import MODEL_SCRIPT, model_arguments, run_converter
from llmlora.recipes.blocks.gguf.merge import (
    base_config,
    checkpoint_tensors,
    end_and_template,
    has_experts,
)


def convert_model(
    directory: Path, written: Path, *, outtype: str, log: Path, cancelled: Callable[[], bool]
) -> None:
    """Write the checkpoint in `directory` to `written`.

    Raises:
        ConverterMissingError, ConversionFailedError: as `run_converter`.
        RunCancelledError: `cancelled` became true.
    """
    run_converter(MODEL_SCRIPT, model_arguments(directory, outtype, written), log, cancelled=cancelled)


def check_converted(directory: Path, written: Path, *, target: str, outtype: str) -> dict[str, JsonValue]:
    """Facts of a GGUF that was made of the checkpoint in `directory`.

    Raises:
        ExportCheckError: a tensor is missing or not finite, or EOS or template are not the checkpoint's.
    """
    return check_model(
        written,
        target=target,
        outtype=outtype,
        tensors=checkpoint_tensors(directory),
        experts=has_experts(base_config(directory)),
        **end_and_template(directory),
    )
