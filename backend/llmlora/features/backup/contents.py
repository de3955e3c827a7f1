"""What a snapshot of the database names on disk, and the links that keep it there while it is copied.

Guarantee: what is pinned is not lost when its owner deletes or prunes it; files of datasets, base models, artifacts and
checkpoints never change once they are there, so that a second name is as good as a copy.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmlora.data.manifest import read_manifest
from llmlora.features.backup.locking import is_held
from llmlora.features.backup.schemas import is_saved
from llmlora.kit.files import OnBytes, digest_of_digests, sha256_of_file
from llmlora.kit.manifest import first_missing_file

CHECKPOINT, BASE_MODEL = "checkpoint", "base_model"
# Of a run of `train --local`, which earlier versions had: whose it was, not what it made.
_PASSING = frozenset({"lock", "pid"})


@dataclass(frozen=True)
class Named:
    """A file or a directory that the snapshot names. `digests`: what of it has to have which hash ("" is the whole)."""

    path: str
    kind: str
    digests: dict[str, str]
    job_id: str | None = None


@dataclass(frozen=True)
class Pinned:
    """What of it is there. `absent` are paths as the database has them, `outside` absolute ones."""

    files: dict[str, Path]
    """Relative path → where the bytes are."""
    absent: tuple[str, ...]
    outside: tuple[str, ...]
    lost_jobs: frozenset[str]
    """Running jobs of which the snapshot names checkpoints, and none is there any more."""


async def named_by(raw: Any, data_dir: Path) -> list[Named]:
    """Everything that the snapshot of an asyncpg connection names."""
    named = []
    datasets = "SELECT id, source_format, original_sha256, original_size_bytes, rows_sha256 FROM dataset"
    for row in await raw.fetch(datasets):
        path = f"datasets/{row['id']}"
        manifest = read_manifest(
            data_dir / path,
            source_format=row["source_format"],
            original=(row["original_sha256"], row["original_size_bytes"]),
            rows_sha256=row["rows_sha256"],
        )
        named.append(Named(path, "dataset", {one.name: one.sha256 for one in manifest.files}))
    for row in await raw.fetch("SELECT path, facts::text AS facts FROM base_model"):
        files = json.loads(row["facts"]).get("files", {})
        digests = {name: one["sha256"] for name, one in files.items()}
        named.append(Named(_relative(row["path"], data_dir), BASE_MODEL, digests))
    artifacts = await raw.fetch(
        "SELECT artifact.job_id, kind, path, sha256, job.state FROM artifact JOIN job ON job.id = job_id"
    )
    for row in artifacts:
        if row["kind"] == BASE_MODEL:
            continue  # its own row names it
        proved = {} if row["kind"] == CHECKPOINT else {"": row["sha256"]}
        running = row["job_id"] if row["state"] == "running" and row["kind"] == CHECKPOINT else None
        path = _relative(row["path"], data_dir)
        named.append(Named(path, row["kind"], proved, running))
        parts = Path(path).parts
        if parts[0] == "jobs" and len(parts) > 3:
            named.append(Named("/".join((*parts[:3], "spec.json")), "spec", {}))
    return named


def runs_without_rows(data_dir: Path, known: frozenset[str]) -> tuple[list[Named], list[str]]:
    """Runs of earlier versions' `train --local`, which stand in no database; and those that go on just now."""
    named, running = [], []
    for lock in sorted((data_dir / "jobs").glob("*/lock")):
        job_id = lock.parent.name
        if job_id in known:
            continue
        if is_held(lock):
            running.append(job_id)
        else:
            named.append(Named(f"jobs/{job_id}", "local", {}))
    return named, running


def pin(named: list[Named], data_dir: Path, pins: Path) -> Pinned:
    """Give every file a second name below `pins`, where the file system allows that."""
    files: dict[str, Path] = {}
    absent, outside = [], []
    saved: dict[str, bool] = {}
    for one in named:
        if not is_saved(one.path):
            outside.append(str(data_dir / one.path))
            continue
        found = {path: _pinned(data_dir / path, pins / path) for path in _files_of(one, data_dir)}
        whole = bool(found) and None not in found.values()
        if one.kind == CHECKPOINT:
            linked = all(place != data_dir / path for path, place in found.items())
            whole = whole and first_missing_file((pins if linked else data_dir) / one.path) is None
            if one.job_id is not None:
                saved[one.job_id] = saved.get(one.job_id, False) or whole
            if not whole:
                continue  # pruned: the run made room
        elif not whole and one.kind != "spec":
            absent.append(one.path)
        files |= {path: place for path, place in found.items() if place is not None}
    lost = frozenset(job_id for job_id, is_saved in saved.items() if not is_saved)
    return Pinned(files, tuple(dict.fromkeys(absent)), tuple(dict.fromkeys(outside)), lost)


def damaged_among(named: list[Named], hashes: dict[str, str]) -> tuple[str, ...]:
    """What is there with another hash than the database has for it."""
    found = []
    for one in named:
        for name, wanted in one.digests.items():
            path = f"{one.path}/{name}" if name else one.path
            got = hashes.get(path) or (_digest_below(path, hashes) if not name else None)
            if got is not None and got != wanted:
                found.append(path)
    return tuple(dict.fromkeys(found))


def hash_of(path: Path, on_bytes: OnBytes) -> tuple[int, int, str]:
    """Size, time and hash of a file."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, sha256_of_file(path, on_bytes)


def _digest_below(path: str, hashes: dict[str, str]) -> str | None:
    """As `sha256_of_tree` tells it; None where nothing lies there, or in folders, whose order is told differently."""
    below = {
        one.removeprefix(f"{path}/"): sha256 for one, sha256 in hashes.items() if one.startswith(f"{path}/")
    }
    return digest_of_digests(below) if below and not any("/" in one for one in below) else None


def _relative(path: str, data_dir: Path) -> str:
    inside = Path(path).is_absolute() and Path(path).is_relative_to(data_dir)
    return Path(path).relative_to(data_dir).as_posix() if inside else path


def _files_of(one: Named, data_dir: Path) -> Iterator[str]:
    root = data_dir / one.path
    if root.is_file():
        yield one.path
        return
    with suppress(FileNotFoundError):  # its owner removes it just now
        for path in sorted(root.rglob("*")):
            if path.is_file() and not (one.kind == "local" and path.name in _PASSING):
                yield path.relative_to(data_dir).as_posix()


def _pinned(source: Path, target: Path) -> Path | None:
    """The second name; the first where there can be none; None where the file is gone."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        real = source.resolve(strict=True)
        os.link(real, target)
    except FileExistsError:
        return target
    except FileNotFoundError:
        return None
    except OSError:  # another file system, or one without links
        return source
    return target
