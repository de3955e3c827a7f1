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
from llmlora.recipes.blocks.gguf.scripted import Ways
from llmlora.recipes.blocks.gguf.spaces import TAKES_SPACES_NAME, takes_spaces_behind
from llmlora.recipes.blocks.gguf.vocabulary import own_vocabulary, stage_vocabulary
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

    A checkpoint that was made of a GGUF gets the vocabulary of that. `outline`: see `scripted.Ways`.

    Raises:
        ConverterMissingError, ConversionFailedError: as `run_converter`.
        RunCancelledError: `cancelled` became true.
    """
    config, trained = base_config(directory), load_tokenizer(directory)
    arguments: list[str | Path] = ["--outtype", outtype, "--outfile", written]
    if config.model_type == "phi3" and takes_spaces_behind(trained):
        arguments += ["--model-name", TAKES_SPACES_NAME]
    ways = Ways(outline=outline, vocabulary=own_vocabulary(directory))
    with tempfile.TemporaryDirectory(dir=written.parent, prefix=".staged-") as work:
        if ways.vocabulary is None:
            directory = stage_vocabulary(directory, trained, int(config.vocab_size), Path(work))
        run_converter(MODEL_SCRIPT, [directory, *arguments], log, cancelled=cancelled, ways=ways)


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
