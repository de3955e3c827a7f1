"""A checkpoint of a whole model as a GGUF, read back and checked."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from pydantic import JsonValue

from llmlora.recipes.blocks.gguf.check import check_model
from llmlora.recipes.blocks.gguf.converter import MODEL_SCRIPT, run_converter
from llmlora.recipes.blocks.gguf.merge import (
    base_config,
    checkpoint_tensors,
    end_and_template,
    has_experts,
)
from llmlora.recipes.blocks.gguf.vocabulary import stage_vocabulary
from llmlora.recipes.blocks.tokenizer import load_tokenizer


def convert_model(
    directory: Path,
    written: Path,
    *,
    outtype: str,
    log: Path,
    cancelled: Callable[[], bool],
    outline: bool = False,
) -> None:
    """Write the checkpoint in `directory` to `written`, with its tokenizer's own way with spaces.

    `outline`: as `run_converter`.

    Raises:
        ConverterMissingError, ConversionFailedError: as `run_converter`.
        RunCancelledError: `cancelled` became true.
    """
    with tempfile.TemporaryDirectory(dir=written.parent, prefix=".staged-") as work:
        rows = int(base_config(directory).vocab_size)
        staged = stage_vocabulary(directory, load_tokenizer(directory).inner, rows, Path(work))
        arguments: list[str | Path] = [staged, "--outtype", outtype, "--outfile", written]
        run_converter(MODEL_SCRIPT, arguments, log, cancelled=cancelled, outline=outline)


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
