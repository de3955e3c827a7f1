"""Checkpoints that are whole or absent: temporary directory → fsync → manifest with sha256 → rename.

Tensors are safetensors, everything else is JSON; nothing is pickled. torch is loaded by those alone that keep tensors.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmlora.contracts.events import Checkpoint
from llmlora.contracts.run import RunSpec
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.files import published_directory, sha256_of_file, size_of_tree
from llmlora.kit.manifest import MANIFEST, first_broken_file, write_manifest

if TYPE_CHECKING:
    from torch import Tensor

STATE = "state.json"


class CheckpointBrokenError(InvalidInputError):
    """A checkpoint's files are not those its manifest names."""

    code = "checkpoint_broken"
    ja = "チェックポイント {path} が壊れています（{file}）。1 つ前のチェックポイントから再開するか、最初から学習してください。"
    en = "The checkpoint {path} is damaged ({file}). Resume from an earlier one, or train from the beginning."


class CheckpointMismatchError(InvalidInputError):
    """A checkpoint belongs to another run."""

    code = "checkpoint_mismatch"
    ja = "チェックポイント {path} は別の学習のものです（{what}が違います）。同じ設定、データ、ベースモデルで再開してください。"
    en = "The checkpoint {path} belongs to another training run (other {what}). Resume with the same settings, data and base model."


@dataclass(frozen=True)
class Loaded:
    """A verified checkpoint: groups of named tensors (on the CPU) and plain state."""

    tensors: "dict[str, dict[str, Tensor]]"
    state: dict[str, Any]


def save_checkpoint(
    directory: Path, run_dir: Path, step: int, tensors: "Mapping[str, Mapping[str, Tensor]]", state: Any
) -> Checkpoint:
    """Publish `directory/step-<n>` and return the event that announces it."""
    target = directory / f"step-{step:08d}"
    if target.exists():
        shutil.rmtree(target)
    with published_directory(target) as temporary:
        for group, named in tensors.items():
            from safetensors.torch import save_file

            contiguous = {k: v.detach().cpu().contiguous() for k, v in named.items()}
            save_file(contiguous, temporary / f"{group}.safetensors")
        (temporary / STATE).write_text(json.dumps(state, ensure_ascii=False))
        write_manifest(temporary, step=step)
    return Checkpoint(
        step=step,
        path=target.relative_to(run_dir).as_posix(),
        sha256=sha256_of_file(target / MANIFEST),
        size_bytes=size_of_tree(target),
    )


def whole_checkpoint(spec: RunSpec) -> Path | None:
    """The newest checkpoint that a run may go on from, every file verified; None where it begins anew.

    A broken one is passed over for the next older one that is named. Each is read once in a process, however often
    this is asked.

    Raises:
        CheckpointBrokenError: none of those that are named is whole; names the newest.
    """
    if spec.resume_from is None:
        return None
    for path in (spec.resume_from, *spec.resume_else):
        if _first_broken(path) is None:
            return path
    raise CheckpointBrokenError(path=spec.resume_from, file=_first_broken(spec.resume_from))


def load_checkpoint(path: Path) -> Loaded:
    """Read a checkpoint whose every file is as its manifest says.

    Raises:
        CheckpointBrokenError: a file is missing or differs.
    """
    if broken := _first_broken(path):
        raise CheckpointBrokenError(path=path, file=broken)
    from safetensors.torch import load_file

    tensors = {file.stem: load_file(file) for file in path.glob("*.safetensors")}
    return Loaded(tensors, load_state(path))


def load_state(path: Path) -> dict[str, Any]:
    """The plain state of a verified checkpoint; no tensor is read."""
    state: dict[str, Any] = json.loads((path / STATE).read_text())
    return state


def _first_broken(path: Path) -> str | None:
    """As `first_broken_file`, but files that are as they were a moment ago are not read again."""
    if not path.is_dir():
        return MANIFEST
    stats = ((p.name, p.stat()) for p in sorted(path.iterdir()))
    return _first_broken_of(path, tuple((name, s.st_size, s.st_mtime_ns) for name, s in stats))


@lru_cache(maxsize=64)
def _first_broken_of(path: Path, _files: tuple[tuple[str, int, int], ...]) -> str | None:
    return first_broken_file(path)


def prune_checkpoints(directory: Path, keep: int) -> None:
    """Delete all but the newest `keep`."""
    for old in sorted(directory.glob("step-*"))[:-keep]:
        shutil.rmtree(old)
