"""`restore`: a backup into an empty data directory (and an empty database), every hash proved.

Guarantee: until all of it is there and proved, nothing starts on the directory (`RestoreUnfinishedError`); what is
interrupted goes on, and what is there with the right hash is not written again.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from llmlora.engine.embedded.connect import HALF_RESTORED, reach_database, require_redis
from llmlora.engine.embedded.migrate import known_revisions
from llmlora.engine.embedded.services import running_services
from llmlora.features.backup.archive import Archive
from llmlora.features.backup.errors import (
    BackupDamagedError,
    OtherRestoreUnfinishedError,
    RestoreDatabaseNotEmptyError,
    RestoreTargetNotEmptyError,
)
from llmlora.features.backup.locking import hold_alone
from llmlora.features.backup.reporting import database_told_in_words, shown_bytes, told_in_words
from llmlora.features.backup.room import refuse_little_room
from llmlora.features.backup.rows import forget_note, load_rows, restored_from, tables_of
from llmlora.features.backup.schemas import Manifest, Member, OnBytes, Restored, SavedFile
from llmlora.kit import files
from llmlora.kit.db import Database
from llmlora.kit.files import fsync_path, sha256_of_file, write_atomically
from llmlora.kit.reading import read_aside
from llmlora.kit.settings import Settings

# A fresh PostgreSQL, and how much more rows take there than as text: with indices, and while they are loaded.
SERVER_BYTES, ROWS_FACTOR = 64 << 20, 4
_LOCK = ".restore.lock"
_OURS = frozenset({HALF_RESTORED, _LOCK})
_NAMED = 5


async def restore_backup(settings: Settings, file: Path, on_bytes: OnBytes) -> Restored:
    """Bring a backup into the data directory of the settings, or go on doing so.

    Raises:
        BackupNotFoundError, NotABackupError, BackupNewerError: it cannot be restored; nothing is touched.
        BackupDamagedError: a part is missing (nothing is touched) or has another hash (nothing starts on the directory).
        RestoreTargetNotEmptyError, RestoreDatabaseNotEmptyError, OtherRestoreUnfinishedError: something is there.
        BackupBusyError: another restore is at work.
        NotEnoughRoomError: it does not fit; nothing is written.
        BackupDiskFullError, BackupPlaceError: it could not be written.
        UnavailableError: the services that the settings name do not answer (nothing is touched), or ours do not start.
    """
    root = settings.data_dir
    with Archive(file) as archive, told_in_words(root):
        manifest = archive.manifest
        # What is to be refused is, before a directory is made.
        if not _begun(root, archive)["loaded"]:
            await _refuse_named_services(settings, archive)
        root.mkdir(parents=True, exist_ok=True)
        with _alone(root):
            # Whoever held it before us may have finished, or come further, since we looked.
            mark = _begun(root, archive)
            write_atomically(root / HALF_RESTORED, json.dumps(mark).encode())
            sizes = sum(one.size_bytes for one in manifest.files)
            reused = await read_aside(
                partial(_write_files, archive, root, shown_bytes("files", sizes, on_bytes))
            )
            mark = await _restore_rows(settings, archive, mark, on_bytes)
            (root / HALF_RESTORED).unlink()
            fsync_path(root)
    return _restored(file, root, manifest, reused, tuple(mark["requeued"]))


def _begun(root: Path, archive: Archive) -> dict[str, Any]:
    """How far an interrupted restore of this backup has come; refuses whatever else is there, or too little room."""
    found = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    mark = {"backup": archive.manifest_sha256, "file": str(archive.path), "loaded": False, "requeued": []}
    if HALF_RESTORED in found:
        before = json.loads((root / HALF_RESTORED).read_bytes())
        if before["backup"] != archive.manifest_sha256:
            raise OtherRestoreUnfinishedError(path=root, other=before["file"])
        return {**before, "file": str(archive.path)}
    if set(found) - _OURS or root.is_file():
        shown = ", ".join(found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
        raise RestoreTargetNotEmptyError(path=root, found=shown or "a file")
    manifest = archive.manifest
    rows = sum(one.size_bytes for one in manifest.tables) * ROWS_FACTOR
    refuse_little_room(root, sum(one.size_bytes for one in manifest.files) + rows + SERVER_BYTES)
    return mark


def _write_files(archive: Archive, root: Path, shown: Callable[[int], None], abandon: files.OnBytes) -> int:
    """Every file to its place; bytes of those that were there."""

    def on_piece(size: int) -> None:
        abandon(size)
        shown(size)

    reused = 0
    moved_from, here = archive.manifest.data_dir, str(root)
    for one in archive.manifest.files:
        target = root / one.path
        if not target.resolve().is_relative_to(root.resolve()):
            raise BackupDamagedError(
                path=archive.path,
                member=one.path,
                problem_ja="データディレクトリの外を指しています",
                problem_en="leads out of the data directory",
            )
        if _is_there(one, target, abandon):
            reused += one.size_bytes
            shown(one.size_bytes)
        else:
            member = Member(name=one.member, size_bytes=one.size_bytes, sha256=one.sha256)
            archive.extract(member, target, one.mtime_ns, on_piece)
        # Also one that is there as it was saved: a try was interrupted before this.
        if moved_from != here and _is_spec(one.path):
            write_atomically(target, _moved(target.read_bytes(), moved_from, here))
    return reused


def _is_there(one: SavedFile, target: Path, abandon: files.OnBytes) -> bool:
    try:
        if target.stat().st_size != one.size_bytes or sha256_of_file(target, abandon) != one.sha256:
            return False
    except OSError:
        return False
    os.utime(target, ns=(one.mtime_ns, one.mtime_ns))
    return True


def _is_spec(path: str) -> bool:
    """Whether it is the `spec.json` of a run, `jobs/JOB/EPOCH/spec.json`: a model may have a file of that name too."""
    parts = PurePosixPath(path).parts
    return len(parts) == 4 and parts[0] == "jobs" and parts[3] == "spec.json"


def _moved_path(path: str, before: str, now: str) -> str:
    inside = path == before or path.startswith(f"{before}/")
    return now + path.removeprefix(before) if inside else path


def _moved(written: bytes, before: str, now: str) -> bytes:
    """A run's `spec.json` with the data directory's present place in its paths."""

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: renamed(one) for key, one in value.items()}
        if isinstance(value, list):
            return [renamed(one) for one in value]
        return _moved_path(value, before, now) if isinstance(value, str) else value

    return json.dumps(renamed(json.loads(written)), ensure_ascii=False).encode()


async def _refuse_named_services(settings: Settings, archive: Archive) -> None:
    """Check what the settings name, which is there already: that it answers, and that the database can be filled."""
    if settings.redis_url is not None:
        await require_redis(settings.redis_url)
    if settings.database_url is None:
        return
    await reach_database(settings, settings.database_url)
    database = Database(settings.database_url)
    try:
        with database_told_in_words(settings):
            async with database.engine.begin() as connection:
                await _is_loaded(connection, archive)
    finally:
        await database.close()


async def _restore_rows(
    settings: Settings, archive: Archive, mark: dict[str, Any], on_bytes: OnBytes
) -> dict[str, Any]:
    """Fill the database, unless an interrupted restore has; the mark as it is then."""
    shown = shown_bytes("rows", sum(one.size_bytes for one in archive.manifest.tables), on_bytes)
    async with running_services(settings, reach_database) as urls:
        database = Database(urls.database_url)
        try:
            with database_told_in_words(settings):
                if not mark["loaded"]:
                    async with database.engine.begin() as connection:
                        requeued = await _load(connection, archive, shown)
                    mark = {**mark, "loaded": True, "requeued": requeued}
                    write_atomically(settings.data_dir / HALF_RESTORED, json.dumps(mark).encode())
                async with database.engine.begin() as connection:
                    await forget_note(connection)
        finally:
            await database.close()
    return mark


async def _load(connection: AsyncConnection, archive: Archive, shown: files.OnBytes) -> list[str]:
    if await _is_loaded(connection, archive):
        return []
    return list(await load_rows(connection, archive, shown))


async def _is_loaded(connection: AsyncConnection, archive: Archive) -> bool:
    """Whether an interrupted restore has filled the database; refuses one that holds anything else."""
    found = await tables_of(connection)
    if not found or await restored_from(connection, archive):
        return bool(found)
    shown = ", ".join(found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
    raise RestoreDatabaseNotEmptyError(tables=shown)


def _restored(file: Path, root: Path, manifest: Manifest, reused: int, requeued: tuple[str, ...]) -> Restored:
    older = manifest.schema_revision != known_revisions()[-1]
    outside = (_moved_path(path, manifest.data_dir, str(root)) for path in manifest.outside)
    return Restored(
        file=str(file),
        data_dir=str(root),
        made_at=manifest.made_at,
        rows={one.name: one.rows for one in manifest.tables},
        files=len(manifest.files),
        reused_bytes=reused,
        requeued=requeued,
        migrated_from=manifest.schema_revision if older else None,
        missing_outside=tuple(path for path in outside if not Path(path).exists()),
        absent=manifest.absent,
        damaged=manifest.damaged,
    )


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One restore into a directory at a time."""
    path = root / _LOCK
    with path.open("w") as lock:
        hold_alone(path, lock, root)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
