"""What a server does not do is done here: base and adapter merged, a merged model quantised."""

import shutil
from dataclasses import replace
from pathlib import Path

from llmlora.contracts.events import Progress
from llmlora.contracts.run import RunCancelledError
from llmlora.contracts.text import Text
from llmlora.kit.files import sha256_of_file
from llmlora.recipes.blocks.gguf.merge import merge_adapter
from llmlora.recipes.blocks.gguf.model import check_converted, convert_model
from llmlora.recipes.blocks.gguf.quantise import quantise
from llmlora.recipes.blocks.placement import granted_threads
from llmlora.recipes.deploy_ollama import words
from llmlora.recipes.deploy_ollama.attempt import Cure
from llmlora.recipes.deploy_ollama.work import GgufFile, Work

MERGED_FILE, QUANTISED_FILE, OUTTYPE = "merged.gguf", "quantised.gguf", "f16"


def merge_here(work: Work, why: Text) -> tuple[Work, Cure]:
    """The same work with base and adapter as one f16 model. Holds the base in memory once more while it merges.

    Raises:
        RunCancelledError: SIGTERM was seen.
        AppError: the merged model cannot become a GGUF.
    """
    ctx, made = work.ctx, work.scratch / MERGED_FILE
    checkpoint = work.scratch / "merged"

    def on_step(done: int) -> None:
        if ctx.cancelled:
            raise RunCancelledError
        ctx.emit(Progress(stage="merge", done=done, total=3, unit="steps"))

    on_step(0)
    merge_adapter(work.base.path, work.adapter_dir, checkpoint)
    on_step(1)
    convert_model(
        checkpoint,
        made,
        outtype=OUTTYPE,
        log=ctx.run_dir / "converter.log",
        cancelled=lambda: ctx.cancelled,
    )
    on_step(2)
    check_converted(checkpoint, made, target="merged", outtype=OUTTYPE)
    shutil.rmtree(checkpoint)
    digest = sha256_of_file(made)
    on_step(3)
    said = words.MERGED.filled(why=why)
    ctx.log(f"{said.ja} / {said.en}", level="warning")
    seal = replace(work.seal, route="merged", gguf_sha256=digest, base_gguf_sha256=None)
    merged = replace(work, seal=seal, model=GgufFile(made, digest), adapter=None, shared_tag=None)
    return merged, Cure("merged_here", said)


def quantise_here(work: Work, wanted: str, reason: str) -> tuple[Work, Cure]:
    """The same work with a model that needs no quantising any more.

    Raises:
        RunCancelledError: SIGTERM was seen.
        QuantiserMissingError: nothing here can quantise.
    """
    ctx, made = work.ctx, work.scratch / QUANTISED_FILE
    assert work.model is not None

    def on_bytes(done: int, total: int) -> None:
        if ctx.cancelled:
            raise RunCancelledError
        ctx.emit(Progress(stage="quantise", done=done, total=total, unit="bytes"))

    quantise(work.model.path, made, wanted, threads=granted_threads(ctx.spec.resources), on_bytes=on_bytes)
    _forget(work, work.model.path)
    said = words.QUANTISED.filled(reason=reason, outtype=wanted)
    ctx.log(f"{said.ja} / {said.en}", level="warning")
    digest = sha256_of_file(made)
    seal = replace(work.seal, gguf_sha256=digest)
    return replace(work, seal=seal, model=GgufFile(made, digest), quantize=None), Cure("quantised_here", said)


def _forget(work: Work, path: Path) -> None:
    """Free the disk of a file that only this run has made."""
    if path.is_relative_to(work.scratch):
        path.unlink()
