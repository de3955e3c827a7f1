"""What a backup says about itself: `manifest.json`, the first member of the file (ADR 0023)."""

from collections.abc import Callable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

FORMAT: Literal["llmlora-backup"] = "llmlora-backup"
VERSION: Literal[1] = 1
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"

OnBytes = Callable[[str, int, int], None]
"""Told what is being done, how many bytes of it are done and how many there are."""


SAVED_FOLDERS = frozenset({"datasets", "jobs", "models"})
"""Folders of the data directory whose files a backup has. All others are the machine's own: programs read their settings
there, and a backup that somebody sent must not write them."""


def is_saved(path: str) -> bool:
    """Whether a file of this path, relative to the data directory, may be in a backup."""
    parts = PurePosixPath(path).parts
    return len(parts) > 1 and parts[0] in SAVED_FOLDERS and ".." not in parts and "\0" not in path


def _saved(path: str) -> str:
    if not is_saved(path):
        raise ValueError("lies where no backup has files")
    return path


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)]


class SavedTable(BaseModel):
    """The rows of one table: CSV with a head line, as PostgreSQL's COPY writes and reads it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    columns: tuple[Name, ...]
    rows: Size
    size_bytes: Size
    sha256: Sha256

    @property
    def member(self) -> str:
        """Where it lies in the file."""
        return f"database/{self.name}.csv"


class SavedFile(BaseModel):
    """A file of the data directory. Its bytes lie in the member that its hash names, once however many have them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[str, AfterValidator(_saved)]
    size_bytes: Size
    mtime_ns: int
    sha256: Sha256

    @property
    def member(self) -> str:
        """Where its bytes lie in the file."""
        return f"blobs/{self.sha256}"


class Member(BaseModel):
    """One member of the tar file."""

    model_config = ConfigDict(frozen=True)

    name: str
    size_bytes: int
    sha256: str


class Manifest(BaseModel):
    """The whole of a backup. Tables stand in the order in which they can be filled."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["llmlora-backup"] = FORMAT
    version: Literal[1] = VERSION
    id: str
    made_at: datetime
    """The moment of the state that it holds."""
    made_by: str
    """Version of llmlora."""
    schema_revision: str
    data_dir: str
    """Where it was: absolute paths in `spec.json` begin with it."""
    tables: tuple[SavedTable, ...]
    files: tuple[SavedFile, ...]
    absent: tuple[str, ...] = ()
    """What the database names and the disk had no longer, but for checkpoints that were pruned."""
    damaged: tuple[str, ...] = ()
    """What had another hash on disk than in the database."""
    outside: tuple[str, ...] = ()
    """Directories of base models that are used in place, outside of the folders that are saved: not in the backup."""
    left_out_runs: tuple[str, ...] = ()
    """Runs of `train --local` that went on meanwhile."""

    def members(self) -> tuple[Member, ...]:
        """All members but the manifest and the sums, in their order, each once."""
        parts: tuple[SavedTable | SavedFile, ...] = (*self.tables, *self.files)
        found = {
            one.member: Member(name=one.member, size_bytes=one.size_bytes, sha256=one.sha256) for one in parts
        }
        return tuple(found.values())


class BackupMade(BaseModel):
    """A backup that was written. `reused_bytes`: what an interrupted try had written already."""

    file: str
    size_bytes: int
    made_at: datetime
    rows: dict[str, int]
    files: int
    reused_bytes: int
    absent: tuple[str, ...]
    damaged: tuple[str, ...]
    outside: tuple[str, ...]
    left_out_runs: tuple[str, ...]


class Restored(BaseModel):
    """A backup that was restored. `requeued`: jobs that ran when it was made and go on from their checkpoints."""

    file: str
    data_dir: str
    made_at: datetime
    rows: dict[str, int]
    files: int
    reused_bytes: int
    requeued: tuple[str, ...]
    migrated_from: str | None
    """The older revision that the backup had; null where nothing had to be migrated."""
    missing_outside: tuple[str, ...]
    """Directories of base models that the backup names and that are not here."""
    absent: tuple[str, ...]
    damaged: tuple[str, ...]
