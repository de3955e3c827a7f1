"""`backup`: one moment of the database and every file that it names, in one file.

Guarantee: FILE is whole or absent. What is interrupted goes on with the same moment, as long as that is less than a day ago.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from llmlora import __version__
from llmlora.engine.embedded.migrate import known_revisions
from llmlora.engine.embedded.services import open_database
from llmlora.features.backup import contents
from llmlora.features.backup.archive import write_archive
from llmlora.features.backup.errors import (
    BackupExistsError,
    BackupPartForeignError,
    NothingToBackUpError,
    SourceChangedError,
)
from llmlora.features.backup.locking import hold_alone, is_held, is_named
from llmlora.features.backup.reporting import database_told_in_words, shown_bytes, told_in_words
from llmlora.features.backup.room import refuse_little_room
from llmlora.features.backup.rows import DumpedTable, dump_rows, size_of_tables, snapshot
from llmlora.features.backup.schemas import (
    MANIFEST,
    BackupMade,
    Manifest,
    Member,
    OnBytes,
    SavedFile,
    SavedTable,
)
from llmlora.kit import files
from llmlora.kit.clock import utc_now
from llmlora.kit.errors import UnavailableError
from llmlora.kit.files import fsync_path, remove_tree, write_atomically
from llmlora.kit.ids import new_id
from llmlora.kit.reading import read_aside
from llmlora.kit.settings import Settings
from llmlora.tables.backup import BackupRow

FOLDER = "backup"
KEPT_FOR = timedelta(days=1)
"""How long an interrupted backup is gone on with: later a person means the present state."""
_RECORD, _FILES, _ROWS = "record.json", "files", "database"
_TRIES = 5


async def make_backup(settings: Settings, file: Path, on_bytes: OnBytes) -> BackupMade:
    """Write everything of the data directory into `file`, or go on doing so.

    Raises:
        NothingToBackUpError: there is no database.
        BackupExistsError: the file is there.
        BackupBusyError: another process writes it.
        BackupPartForeignError: FILE.part is something else.
        NotEnoughRoomError: it does not fit; nothing is written.
        BackupDiskFullError, BackupPlaceError: it could not be written.
        SourceChangedError: a file has changed that never does.
        UnavailableError: the services do not start.
    """
    root = settings.data_dir
    if settings.database_url is None and not (root / "postgres" / "data").is_dir():
        raise NothingToBackUpError(path=root)
    if file.exists():
        raise BackupExistsError(path=file)
    with told_in_words(file), _part_of(file) as part:
        pins = await asyncio.to_thread(_unfinished, root, file, part)
        if pins is None:
            part.truncate(0)
            pins = _new_pins(root, file)
            try:
                await _take(settings, pins, file, on_bytes)
            except BaseException:
                _let_go(root, pins)
                raise
        manifest = Manifest.model_validate_json((pins / MANIFEST).read_bytes())
        members = manifest.members()
        refuse_little_room(file, sum(one.size_bytes for one in members) - Path(part.name).stat().st_size)
        shown = shown_bytes("write", sum(one.size_bytes for one in members), on_bytes)
        try:
            reused = await read_aside(partial(_write, part, manifest, pins, root, shown))
        except SourceChangedError:
            _let_go(root, pins)
            raise
        Path(part.name).rename(file)
        fsync_path(file.parent)
    made = _made(file, manifest, reused)
    with suppress(UnavailableError, SQLAlchemyError, OSError):  # the file is whole, whoever remembers it
        await _remember(settings, manifest.id, made)
    _let_go(root, pins)
    return made


async def _remember(settings: Settings, id_: str, made: BackupMade) -> None:
    row = BackupRow(id=id_, file=made.file, size_bytes=made.size_bytes, made_at=made.made_at)
    async with open_database(settings) as database, database.unit_of_work() as session:
        await session.merge(row)


async def _take(settings: Settings, pins: Path, file: Path, on_bytes: OnBytes) -> None:
    """Rows and files of one moment, pinned and hashed; `manifest.json` of `pins` says that this is done."""
    root = settings.data_dir
    async with open_database(settings) as database:
        with database_told_in_words(settings):
            for attempt in range(_TRIES):
                async with snapshot(database) as raw:
                    made_at = utc_now()
                    refuse_little_room(pins, await size_of_tables(raw))
                    named = await contents.named_by(raw, root)
                    known = frozenset(row["id"] for row in await raw.fetch("SELECT id FROM job"))
                    local, left_out = contents.runs_without_rows(root, known)
                    named += local
                    place = pins / _FILES / str(attempt)
                    pinned = await asyncio.to_thread(contents.pin, named, root, place)
                    # A run that has pruned what the snapshot names has a newer one: of a moment later.
                    if pinned.lost_jobs and attempt < _TRIES - 1:
                        continue
                    tables = await dump_rows(raw, pins / _ROWS)
                break
    total = sum(path.stat().st_size for path in pinned.files.values())
    refuse_little_room(file, total)
    saved = await read_aside(partial(_hashed, pinned.files, shown_bytes("hash", total, on_bytes)))
    manifest = Manifest(
        id=pins.name,
        made_at=made_at,
        made_by=__version__,
        schema_revision=known_revisions()[-1],
        data_dir=str(root),
        tables=tuple(_saved_table(pins / _ROWS, one) for one in tables),
        files=saved,
        absent=pinned.absent,
        damaged=contents.damaged_among(named, {one.path: one.sha256 for one in saved}),
        outside=pinned.outside,
        left_out_runs=tuple(left_out),
    )
    write_atomically(pins / MANIFEST, manifest.model_dump_json().encode())


def _hashed(
    found: dict[str, Path], shown: Callable[[int], None], abandon: files.OnBytes
) -> tuple[SavedFile, ...]:
    def on_piece(size: int) -> None:
        abandon(size)
        shown(size)

    saved = []
    for path, place in sorted(found.items()):
        try:
            size, mtime_ns, sha256 = contents.hash_of(place, on_piece)
        except FileNotFoundError as error:  # where nothing can be pinned
            raise SourceChangedError(path=place) from error
        saved.append(SavedFile(path=path, size_bytes=size, mtime_ns=mtime_ns, sha256=sha256))
    return tuple(saved)


def _saved_table(directory: Path, dumped: DumpedTable) -> SavedTable:
    path = directory / f"{dumped.name}.csv"
    size, _, sha256 = contents.hash_of(path, files.ignore_bytes)
    return SavedTable(
        name=dumped.name, columns=dumped.columns, rows=dumped.rows, size_bytes=size, sha256=sha256
    )


def _write(
    part: BinaryIO,
    manifest: Manifest,
    pins: Path,
    root: Path,
    shown: Callable[[int], None],
    abandon: files.OnBytes,
) -> int:
    by_member = {one.member: one.path for one in manifest.files}

    def source(member: Member) -> Path:
        if member.name.startswith(f"{_ROWS}/"):
            return pins / member.name
        path = by_member[member.name]
        places = (place / path for place in sorted((pins / _FILES).glob("*"), reverse=True))
        return next((place for place in places if place.exists()), root / path)

    def on_piece(size: int) -> None:
        abandon(size)
        shown(size)

    return write_archive(part, manifest, source, on_piece)


def _unfinished(root: Path, file: Path, part: BinaryIO) -> Path | None:
    """The pins of an interrupted backup to the same file; those that nobody goes on with are let go."""
    found = None
    for pins in sorted((root / FOLDER).glob("*")):
        target, whole = _record_of(pins)
        if target == file and whole and found is None:
            found = pins
        elif target == file or target is None or _is_given_up(target, whole):
            remove_tree(pins)
    if found is None and Path(part.name).stat().st_size and not _begins_a_backup(part):
        raise BackupPartForeignError(path=part.name)
    return found


def _is_given_up(file: Path, whole: bool) -> bool:
    """Whether nobody will go on with a backup to another file: its beginning is gone, or is too old and no one writes it."""
    part = _part_path(file)
    return not part.exists() or not (whole or is_held(part))


def _new_pins(root: Path, file: Path) -> Path:
    pins = root / FOLDER / new_id("bak")
    with files.published_directory(pins) as temporary:
        temporary.chmod(0o700)
        (temporary / _RECORD).write_text(json.dumps({"file": str(file)}))
    return pins


def _let_go(root: Path, pins: Path) -> None:
    remove_tree(pins)
    with suppress(OSError):  # another backup goes on there
        (root / FOLDER).rmdir()


def _record_of(pins: Path) -> tuple[Path | None, bool]:
    """For which file, and whether it can be gone on with."""
    try:
        target = Path(json.loads((pins / _RECORD).read_bytes())["file"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, False
    try:
        manifest = Manifest.model_validate_json((pins / MANIFEST).read_bytes())
    except (OSError, ValidationError):
        return target, False
    return target, utc_now() - manifest.made_at < KEPT_FOR


def _begins_a_backup(part: BinaryIO) -> bool:
    part.seek(0)
    return part.read(len(MANIFEST) + 1) in (f"{MANIFEST}\0".encode(), b"")


def _part_path(file: Path) -> Path:
    return file.with_name(f"{file.name}.part")


@contextmanager
def _part_of(file: Path) -> Iterator[BinaryIO]:
    """FILE.part, ours alone until the block ends.

    Raises:
        BackupExistsError: another process has just finished the file.
        BackupBusyError: another process writes it.
    """
    path = _part_path(file)
    path.touch(mode=0o600)
    with path.open("r+b") as part:
        hold_alone(path, part, path)
        try:
            # Whoever held it before us may have finished since we looked.
            if file.exists():
                raise BackupExistsError(path=file)
            yield part
        finally:
            with suppress(FileNotFoundError):
                # Refused before anything was written.
                if is_named(path, part) and not path.stat().st_size:
                    path.unlink()


def _made(file: Path, manifest: Manifest, reused: int) -> BackupMade:
    return BackupMade(
        file=str(file),
        size_bytes=file.stat().st_size,
        made_at=manifest.made_at,
        rows={one.name: one.rows for one in manifest.tables},
        files=len(manifest.files),
        reused_bytes=reused,
        absent=manifest.absent,
        damaged=manifest.damaged,
        outside=manifest.outside,
        left_out_runs=manifest.left_out_runs,
    )
