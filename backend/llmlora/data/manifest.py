"""What a data set consists of on disk: its files, what each is for, their sha256 and sizes.

`kit.manifest` in its directory, with a role beside each file. Data sets from before there was one have it derived from their row.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import JsonValue

from llmlora.kit.files import fsync_path
from llmlora.kit.manifest import MANIFEST, write_known

Role = Literal["original", "canonical", "media", "thumbnail"]
"""As it was added; its rows; what its rows show; a small picture of that."""
ROWS_FILE = "rows.parquet"


@dataclass(frozen=True)
class KeptFile:
    """One file of a data set. `name`: its path below the directory; `size_bytes` None: not known (old data sets)."""

    name: str
    role: Role
    sha256: str
    size_bytes: int | None


@dataclass(frozen=True)
class DatasetManifest:
    """All files of a data set. `facts`: what its family tells of its rows (`kinds.protocol.Summary`)."""

    files: tuple[KeptFile, ...]
    facts: Mapping[str, JsonValue] = field(default_factory=dict)

    def only(self, role: Role) -> KeptFile:
        """The one file of a role that every data set has."""
        return next(one for one in self.files if one.role == role)

    def first_missing(self, directory: Path) -> str | None:
        """The first file that is gone or of another size, without reading any; None when nothing is amiss."""
        return next((one.name for one in self.files if not _is_there(directory / one.name, one)), None)


def write_manifest(
    directory: Path, files: list[KeptFile], facts: Mapping[str, JsonValue] | None = None
) -> None:
    """Describe the files of a directory, and what is known of its rows, durably.

    Raises:
        OSError: the disk is full.
    """
    sized = {one.name: (one.sha256, one.size_bytes or 0) for one in files}
    write_known(directory, sized, roles={one.name: one.role for one in files}, facts=dict(facts or {}))
    fsync_path(directory / MANIFEST)


def read_manifest(
    directory: Path, *, source_format: str, original: tuple[str, int], rows_sha256: str
) -> DatasetManifest:
    """What a data set consists of; without a manifest (or with a damaged one), what its row says of its two files.

    `original`: sha256 and size of what was added.
    """
    try:
        found = json.loads((directory / MANIFEST).read_text())
        files = tuple(
            KeptFile(name, found["roles"][name], sha256, found["sizes"][name])
            for name, sha256 in found["files"].items()
        )
        whole = {one.role for one in files} >= {"original", "canonical"}
        if whole and all(_is_below(one.name) for one in files):
            return DatasetManifest(files, found.get("facts") or {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return DatasetManifest(
        (
            KeptFile(f"original.{source_format}", "original", *original),
            KeptFile(ROWS_FILE, "canonical", rows_sha256, None),
        )
    )


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _is_there(path: Path, file: KeptFile) -> bool:
    try:
        size_bytes = path.stat().st_size
    except OSError:
        return False
    return path.is_file() and file.size_bytes in (None, size_bytes)
