"""What has arrived of a model's weights before all of it has: kept for the next try, gone a week after the last.

`models/.downloads/<key>/` belongs to one repository at one asked revision. A file is named by the hash that the hub lists
for it, so it is of use also at another commit; `<hash>.part` has not arrived whole.
"""

import hashlib
import shutil
import time
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from llmlora.kit.files import write_atomically
from llmlora.recipes.blocks.base_reference import Reference

DOWNLOADS = ".downloads"
KEPT_S = 7 * 86_400.0
_NOTE = "download.json"


class Note(BaseModel):
    """What a download was begun for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str
    """As it was asked for: its revision may mean another commit tomorrow."""
    commit: str


class Download:
    """The files of one repository at one asked revision, as far as they have arrived."""

    def __init__(self, models: Path, asked: Reference) -> None:
        self._asked = str(asked)
        key = hashlib.sha256(self._asked.encode()).hexdigest()[:20]
        self.directory = models / DOWNLOADS / key

    @property
    def commit(self) -> str | None:
        """The commit of which some bytes have arrived."""
        if not any(path.name != _NOTE for path in self.directory.glob("*")):
            return None
        try:
            return Note.model_validate_json((self.directory / _NOTE).read_bytes()).commit
        except (FileNotFoundError, ValidationError):
            return None

    def begin(self, commit: str) -> None:
        """Note the commit, before the first byte of it."""
        note = Note(reference=self._asked, commit=commit)
        write_atomically(self.directory / _NOTE, note.model_dump_json().encode())

    def whole(self, name: str) -> Path:
        """Where a file lies that has arrived and was checked."""
        return self.directory / name

    def part(self, name: str) -> Path:
        """Where a file grows."""
        return self.directory / f"{name}.part"

    def size_bytes(self, name: str) -> int:
        """How much of a file is here."""
        for path in (self.whole(name), self.part(name)):
            with suppress(FileNotFoundError):
                return path.stat().st_size
        return 0

    def forget(self) -> None:
        """Nothing is needed any more."""
        shutil.rmtree(self.directory, ignore_errors=True)
        with suppress(OSError):  # others may lie there
            self.directory.parent.rmdir()


def forget_abandoned(models: Path, *, older_than_s: float = KEPT_S) -> None:
    """Delete the downloads that nobody has gone on with for a week."""
    for directory in (models / DOWNLOADS).glob("*"):
        touched = max((path.stat().st_mtime for path in (directory, *directory.glob("*"))), default=0.0)
        if time.time() - touched > older_than_s:
            shutil.rmtree(directory, ignore_errors=True)
    with suppress(OSError):
        (models / DOWNLOADS).rmdir()
