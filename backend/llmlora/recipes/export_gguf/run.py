"""Exports one GGUF into the run directory: whole and checked, or not at all."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import transformers
from pydantic import JsonValue

from llmlora.contracts.events import ArtifactKind, Progress
from llmlora.contracts.recipe import BaseModelInput, Context, RunCancelledError
from llmlora.kit.files import fsync_path
from llmlora.recipes.blocks.gguf.adapter import read_config, refuse_unsupported, stage_adapter
from llmlora.recipes.blocks.gguf.check import check_adapter, check_model
from llmlora.recipes.blocks.gguf.converter import LORA_SCRIPT, MODEL_SCRIPT, run_converter
from llmlora.recipes.blocks.gguf.errors import ExportInputMissingError
from llmlora.recipes.blocks.gguf.merge import base_config, checkpoint_tensors, has_experts, merge_adapter
from llmlora.recipes.blocks.gguf.vocabulary import stage_vocabulary
from llmlora.recipes.blocks.lineage import refuse_foreign_adapter
from llmlora.recipes.blocks.tokenizer import load_tokenizer
from llmlora.recipes.export_gguf.spec import ExportGgufConfig

Facts = dict[str, JsonValue]
Export = Callable[[ExportGgufConfig, Context, BaseModelInput, Path, Path], Facts]


def run(config: ExportGgufConfig, ctx: Context) -> None:
    """Convert, read back, check, rename, publish. A failure leaves no file.

    Raises:
        ExportInputMissingError: the base model, or the adapter that the target needs, was not given.
        ForeignAdapterError: the adapter was trained on other weights.
        AdapterUnsupportedError: GGUF cannot hold this adapter.
        AdapterUnreadableError: there is no PEFT LoRA in safetensors.
        ConversionFailedError: llama.cpp's converter failed.
        ExportCheckError: the written file is not what was asked for.
        RunCancelledError: SIGTERM was seen; nothing is left.
    """
    transformers.utils.logging.disable_progress_bar()
    base = ctx.spec.inputs.base_model
    if base is None:
        raise ExportInputMissingError(target=config.target, name="base_model")
    _progress(ctx, "prepare", 0)
    target = ctx.run_dir / config.file_name
    with tempfile.TemporaryDirectory(dir=ctx.run_dir, prefix=".export-") as work:
        written = Path(work) / config.file_name
        facts = _EXPORTS[config.target](config, ctx, base, Path(work), written)
        fsync_path(written)
        written.replace(target)
        fsync_path(ctx.run_dir)
    ctx.publish(
        ArtifactKind.GGUF, config.file_name, target, facts | {"base_weights_digest": base.weights_digest}
    )
    _progress(ctx, "publish", 3)


def _export_adapter(
    config: ExportGgufConfig, ctx: Context, base: BaseModelInput, work: Path, written: Path
) -> Facts:
    adapter_dir = _usable_adapter(config, ctx, base)
    staged = stage_adapter(adapter_dir, read_config(adapter_dir), work / "adapter")
    _progress(ctx, "convert", 1)
    arguments: list[str | Path] = [
        "--base",
        base.path,
        "--outtype",
        config.outtype,
        "--outfile",
        written,
        staged.directory,
    ]
    _convert(ctx, LORA_SCRIPT, arguments)
    experts = has_experts(base_config(base.path))
    return check_adapter(written, staged, outtype=config.outtype, experts=experts)


def _export_merged(
    config: ExportGgufConfig, ctx: Context, base: BaseModelInput, work: Path, written: Path
) -> Facts:
    adapter_dir = _usable_adapter(config, ctx, base)
    merged = work / "merged"
    merge_adapter(base.path, adapter_dir, merged)
    return _export_model(config, ctx, merged, work, written)


def _export_base(
    config: ExportGgufConfig, ctx: Context, base: BaseModelInput, work: Path, written: Path
) -> Facts:
    return _export_model(config, ctx, base.path, work, written)


_EXPORTS: dict[str, Export] = {
    "adapter": _export_adapter,
    "merged": _export_merged,
    "base": _export_base,
}


def _export_model(
    config: ExportGgufConfig, ctx: Context, directory: Path, work: Path, written: Path
) -> Facts:
    _progress(ctx, "convert", 1)
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory, local_files_only=True)
    staged = stage_vocabulary(directory, tokenizer, work)
    _convert(ctx, MODEL_SCRIPT, [staged, "--outtype", config.outtype, "--outfile", written])
    template = tokenizer.chat_template
    return check_model(
        written,
        target=config.target,
        outtype=config.outtype,
        tensors=checkpoint_tensors(directory),
        experts=has_experts(base_config(directory)),
        eos_id=int(tokenizer.eos_token_id),
        template=template.get("default") if isinstance(template, dict) else template,
    )


def _convert(ctx: Context, script: str, arguments: list[str | Path]) -> None:
    if ctx.cancelled:
        raise RunCancelledError
    run_converter(script, arguments, ctx.run_dir / "converter.log", cancelled=lambda: ctx.cancelled)
    _progress(ctx, "check", 2)


def _usable_adapter(config: ExportGgufConfig, ctx: Context, base: BaseModelInput) -> Path:
    """The adapter's directory, once it is known to fit base and target."""
    adapter = ctx.spec.inputs.adapter
    if adapter is None:
        raise ExportInputMissingError(target=config.target, name="adapter")
    if not refuse_foreign_adapter(adapter.path, base):
        ctx.log("the adapter does not say which weights it was trained on", level="warning")
    refuse_unsupported(
        read_config(adapter.path),
        merged=config.target == "merged",
        vocabulary=int(base_config(base.path).vocab_size),
        tokens=len(load_tokenizer(adapter.path).inner),
    )
    return adapter.path


def _progress(ctx: Context, stage: str, done: int) -> None:
    ctx.emit(Progress(stage=stage, done=done, total=3, unit="steps"))
