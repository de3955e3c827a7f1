"""Exports one GGUF into the run directory: whole and checked, or not at all."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import transformers
from pydantic import JsonValue

from llmlora.contracts.events import ArtifactKind, Progress
from llmlora.contracts.run import BaseModelInput, Context, RunCancelledError
from llmlora.kit.files import fsync_path
from llmlora.recipes.blocks.gguf.adapter import (
    read_config,
    refuse_unserved,
    refuse_unsupported,
    stage_adapter,
)
from llmlora.recipes.blocks.gguf.check import check_adapter
from llmlora.recipes.blocks.gguf.converter import LORA_SCRIPT, lora_arguments, run_converter
from llmlora.recipes.blocks.gguf.merge import base_config, has_experts, merge_adapter
from llmlora.recipes.blocks.gguf.model import check_converted, convert_model
from llmlora.recipes.blocks.gguf.quantise import converted_as, quantise
from llmlora.recipes.blocks.lineage import refuse_foreign_adapter
from llmlora.recipes.blocks.placement import granted_threads
from llmlora.recipes.blocks.tokenizer import load_tokenizer
from llmlora.recipes.export_gguf.spec import ExportGgufConfig

CONVERTER_LOG = "converter.log"
TO_BE_QUANTISED = "plain.gguf"
Facts = dict[str, JsonValue]
Export = Callable[[ExportGgufConfig, Context, BaseModelInput, Path, Path], Facts]


def run(config: ExportGgufConfig, ctx: Context) -> None:
    """Convert, read back, check, rename, publish. A failure leaves no file.

    Raises:
        RunInputNotGivenError: the base model, or the adapter that the target needs, was not given.
        ForeignAdapterError: the adapter was trained on other weights.
        AdapterUnsupportedError: GGUF cannot hold this adapter.
        AdapterLayersUnservedError: llama.cpp would not apply this adapter.
        AdapterUnreadableError: there is no PEFT LoRA in safetensors.
        ConversionFailedError: llama.cpp's converter failed, in a way that no other leaf of `gguf.errors` names.
        QuantiserMissingError: the format needs ggml, and it is not there.
        ExportCheckError: the written file is not what was asked for.
        RunCancelledError: SIGTERM was seen; nothing is left.
    """
    transformers.utils.logging.disable_progress_bar()
    base = ctx.spec.inputs.base_model()
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
    _begin_conversion(ctx)
    arguments = lora_arguments(base.path, staged.directory, config.outtype, written)
    run_converter(LORA_SCRIPT, arguments, ctx.run_dir / CONVERTER_LOG, cancelled=lambda: ctx.cancelled)
    _progress(ctx, "check", 2)
    experts = has_experts(base_config(base.path))
    return check_adapter(written, staged, outtype=config.outtype, experts=experts)


def _export_merged(
    config: ExportGgufConfig, ctx: Context, base: BaseModelInput, work: Path, written: Path
) -> Facts:
    adapter_dir = _usable_adapter(config, ctx, base)
    merged = work / "merged"
    merge_adapter(base.path, adapter_dir, merged)
    return _export_model(config, ctx, merged, written)


def _export_base(
    config: ExportGgufConfig, ctx: Context, base: BaseModelInput, _work: Path, written: Path
) -> Facts:
    return _export_model(config, ctx, base.path, written)


_EXPORTS: dict[str, Export] = {
    "adapter": _export_adapter,
    "merged": _export_merged,
    "base": _export_base,
}


def _export_model(config: ExportGgufConfig, ctx: Context, directory: Path, written: Path) -> Facts:
    _begin_conversion(ctx)
    plain = converted_as(config.outtype)
    converted = written if plain == config.outtype else written.with_name(TO_BE_QUANTISED)
    convert_model(
        directory,
        converted,
        outtype=plain,
        log=ctx.run_dir / CONVERTER_LOG,
        cancelled=lambda: ctx.cancelled,
    )
    if converted != written:
        _quantise(config, ctx, converted, written)
    _progress(ctx, "check", 2)
    return check_converted(directory, written, target=config.target, outtype=config.outtype)


def _quantise(config: ExportGgufConfig, ctx: Context, converted: Path, written: Path) -> None:
    def on_bytes(done: int, total: int) -> None:
        if ctx.cancelled:
            raise RunCancelledError
        ctx.emit(Progress(stage="quantise", done=done, total=total, unit="bytes"))

    threads = granted_threads(ctx.spec.resources)
    quantise(converted, written, config.outtype, threads=threads, on_bytes=on_bytes)
    converted.unlink()


def _begin_conversion(ctx: Context) -> None:
    _progress(ctx, "convert", 1)
    if ctx.cancelled:
        raise RunCancelledError


def _usable_adapter(config: ExportGgufConfig, ctx: Context, base: BaseModelInput) -> Path:
    """The adapter's directory, once it is known to fit base and target."""
    adapter = ctx.spec.inputs.file("adapter")
    if not refuse_foreign_adapter(adapter.path, base):
        ctx.log("the adapter does not say which weights it was trained on", level="warning")
    refuse_unsupported(
        read_config(adapter.path),
        merged=config.target == "merged",
        vocabulary=max(int(base_config(base.path).vocab_size), len(load_tokenizer(base.path).inner)),
        tokens=len(load_tokenizer(adapter.path).inner),
    )
    if config.target == "adapter":
        refuse_unserved(read_config(adapter.path), base_config(base.path))
    return adapter.path


def _progress(ctx: Context, stage: str, done: int) -> None:
    ctx.emit(Progress(stage=stage, done=done, total=3, unit="steps"))
