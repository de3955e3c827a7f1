"""Checkpoints that are whole or absent: temporary directory → fsync → manifest with sha256 → rename.

Tensors are safetensors, everything else is JSON; nothing is pickled.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from llmlora.contracts.events import Checkpoint
from llmlora.kit.errors import InvalidInputError
from llmlora.kit.files import published_directory, sha256_of_file, size_of_tree
from llmlora.kit.manifest import MANIFEST, first_broken_file, write_manifest

STATE = "state.json"


class CheckpointBrokenError(InvalidInputError):
    """A checkpoint's files are not those its manifest names."""

    code = "checkpoint_broken"
    ja = "チェックポイント {path} が壊れています（{file}）。一つ前のものから再開するか、最初から学習してください。"
    en = "The checkpoint {path} is broken ({file}). Resume from an earlier one or start again."


class CheckpointMismatchError(InvalidInputError):
    """A checkpoint belongs to another run."""

    code = "checkpoint_mismatch"
    ja = (
        "チェックポイント {path} は別の設定・データ・モデルのものです（{what}）。同じ設定で再開してください。"
    )
    en = "The checkpoint {path} comes from another run ({what} differs). Resume with the same settings."


@dataclass(frozen=True)
class Loaded:
    """A verified checkpoint: groups of named tensors (on the CPU) and plain state."""

    tensors: dict[str, dict[str, Tensor]]
    state: dict[str, Any]


def save_checkpoint(
    directory: Path, run_dir: Path, step: int, tensors: Mapping[str, Mapping[str, Tensor]], state: Any
) -> Checkpoint:
    """Publish `directory/step-<n>` and return the event that announces it."""
    target = directory / f"step-{step:08d}"
    if target.exists():
        shutil.rmtree(target)
    with published_directory(target) as temporary:
        for group, named in tensors.items():
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


def load_checkpoint(path: Path) -> Loaded:
    """Verify every file against the manifest and read it.

    Raises:
        CheckpointBrokenError: a file is missing or differs.
    """
    if broken := first_broken_file(path):
        raise CheckpointBrokenError(path=path, file=broken)
    return Loaded(
        tensors={file.stem: load_file(file) for file in path.glob("*.safetensors")},
        state=json.loads((path / STATE).read_text()),
    )


def prune_checkpoints(directory: Path, keep: int) -> None:
    """Delete all but the newest `keep`."""
    for old in sorted(directory.glob("step-*"))[:-keep]:
        shutil.rmtree(old)
