"""GGUF files, made once: an export's job is named after what goes in, so the same export is found again.

A found file counts only when its hash is still the one its job announced.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from llmlora.contracts.events import Artifact, ArtifactKind, event_adapter
from llmlora.contracts.recipe import BaseModelInput, RunInputs, RunSpec
from llmlora.engine.hosts.running import EventSink, run_dir_of
from llmlora.features.deployments.adapters import TrainedAdapter
from llmlora.features.deployments.errors import ExportCancelledError
from llmlora.features.jobs.local import run_job
from llmlora.features.recipes.configs import validate_config
from llmlora.kit.files import sha256_of_file
from llmlora.recipes import RECIPES

RECIPE = "export_gguf"


@dataclass(frozen=True)
class GgufFile:
    """An artifact with its absolute path. `reused`: no conversion was needed."""

    kind: ArtifactKind
    path: Path
    sha256: str
    size_bytes: int
    outtype: str
    reused: bool


async def ensure_adapter_gguf(
    adapter: TrainedAdapter,
    data_dir: Path,
    *,
    target: str,
    outtype: str,
    sink: EventSink,
    cancel: asyncio.Event | None = None,
) -> GgufFile:
    """The adapter (`adapter`) or base and adapter (`merged`) as GGUF.

    Raises:
        ConfigInvalidError: target and outtype do not go together.
        JobBusyError: the same export runs now.
        JobFailedError: the export failed; carries its own words.
        ExportCancelledError: `cancel` was set.
    """
    inputs = RunInputs(base_model=adapter.base, adapter=adapter.as_input())
    return await _ensure(inputs, data_dir, target=target, outtype=outtype, sink=sink, cancel=cancel)


async def ensure_base_gguf(
    base: BaseModelInput,
    data_dir: Path,
    *,
    outtype: str,
    sink: EventSink,
    cancel: asyncio.Event | None = None,
) -> GgufFile:
    """The base model alone as GGUF.

    Raises:
        AppError: as `ensure_adapter_gguf`.
    """
    inputs = RunInputs(base_model=base)
    return await _ensure(inputs, data_dir, target="base", outtype=outtype, sink=sink, cancel=cancel)


async def _ensure(
    inputs: RunInputs,
    data_dir: Path,
    *,
    target: str,
    outtype: str,
    sink: EventSink,
    cancel: asyncio.Event | None,
) -> GgufFile:
    config = validate_config(RECIPES[RECIPE], {"target": target, "outtype": outtype})
    spec = RunSpec(
        job_id=export_job_id(inputs, target, outtype),
        epoch=1,
        recipe=RECIPE,
        config=config,
        inputs=inputs,
        data_dir=data_dir,
    )
    job_dir = run_dir_of(spec).parent
    epochs = sorted(int(p.name) for p in job_dir.glob("*") if p.name.isdigit())
    for epoch in reversed(epochs):
        if kept := await asyncio.to_thread(_kept, job_dir / str(epoch), outtype):
            return kept
    spec = spec.model_copy(update={"epoch": max(epochs, default=0) + 1})
    outcome = await run_job(spec, sink, cancel=cancel)
    if not outcome.artifacts:
        raise ExportCancelledError
    return _as_file(outcome.artifacts[0], run_dir_of(spec), outtype, reused=False)


def export_job_id(inputs: RunInputs, target: str, outtype: str) -> str:
    """Names all that goes in: the same weights under another tokenizer become another file."""
    parts = (
        inputs.base_model().identity,
        inputs.file("adapter").sha256 if "adapter" in inputs else "",
        target,
        outtype,
    )
    return f"job_export_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:20]}"


def _kept(run_dir: Path, outtype: str) -> GgufFile | None:
    """What a finished export left, if it is still whole."""
    events = run_dir / "events.jsonl"
    lines = events.read_bytes().splitlines() if events.is_file() else []
    for line in lines:
        if b'"artifact"' not in line:
            continue
        body = event_adapter.validate_json(line).body
        if isinstance(body, Artifact):
            path = run_dir / body.path
            whole = path.is_file() and path.stat().st_size == body.size_bytes
            if whole and sha256_of_file(path) == body.sha256:
                return _as_file(body, run_dir, outtype, reused=True)
    return None


def _as_file(artifact: Artifact, run_dir: Path, outtype: str, *, reused: bool) -> GgufFile:
    return GgufFile(
        artifact.kind, run_dir / artifact.path, artifact.sha256, artifact.size_bytes, outtype, reused
    )
