"""A checkpoint of a whole model as a GGUF, read back and checked."""

from collections.abc import Callable
from pathlib import Path

import transformers
from pydantic import JsonValue

from llmlora.recipes.blocks.gguf.check import check_model
from llmlora.recipes.blocks.gguf.converter import MODEL_SCRIPT, run_converter
from llmlora.recipes.blocks.gguf.merge import base_config, checkpoint_tensors, has_experts


def convert_model(
    directory: Path, written: Path, *, outtype: str, log: Path, cancelled: Callable[[], bool]
) -> None:
    """Write the checkpoint in `directory` to `written`.

    Raises:
        ConverterMissingError, ConversionFailedError: as `run_converter`.
        RunCancelledError: `cancelled` became true.
    """
    run_converter(
        MODEL_SCRIPT, [directory, "--outtype", outtype, "--outfile", written], log, cancelled=cancelled
    )


def check_converted(directory: Path, written: Path, *, target: str, outtype: str) -> dict[str, JsonValue]:
    """Facts of a GGUF that was made of the checkpoint in `directory`.

    Raises:
        ExportCheckError: a tensor is missing or not finite, or EOS or template are not the checkpoint's.
    """
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory, local_files_only=True)
    template = tokenizer.chat_template
    return check_model(
        written,
        target=target,
        outtype=outtype,
        tensors=checkpoint_tensors(directory),
        experts=has_experts(base_config(directory)),
        eos_id=int(tokenizer.eos_token_id),
        template=template.get("default") if isinstance(template, dict) else template,
    )
