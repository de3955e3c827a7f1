"""Uploads in pieces: begun, continued after any interruption, finished into a dataset.

Guarantee: the offset is the size of the file on disk, so it survives a restart and a kill -9 of the API.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from llmlora.data.errors import DiskFullError
from llmlora.features.datasets import repository
from llmlora.features.datasets.errors import (
    UploadBeyondLengthError,
    UploadBusyError,
    UploadDamagedError,
    UploadIncompleteError,
    UploadNotFoundError,
    UploadTooLargeError,
)
from llmlora.features.datasets.schemas import DatasetAdded, FinishUpload, UploadOut
from llmlora.features.datasets.service import add_dataset, as_out, find_exactly
from llmlora.features.datasets.upload_files import Checksum, alone_with, append, create_file, refuse_full_disk
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.files import sha256_of_file
from llmlora.kit.ids import new_id
from llmlora.tables.upload import UploadRow

ABANDONED_AFTER_S = 7 * 24 * 3600
SWEPT_AT_ONCE = 100
_PREFIX = "up"


async def create_upload(
    database: Database,
    data_dir: Path,
    *,
    size_bytes: int,
    limit_bytes: int,
    file_name: str,
    sha256: str | None,
    metadata: str,
) -> UploadOut:
    """Begin an upload of `size_bytes`; sweeps those that were abandoned a week ago. `metadata` is the client's, as sent.

    Raises:
        UploadTooLargeError: it is more than `limit_bytes`.
        DiskFullError: the disk has less room than that.
    """
    if size_bytes > limit_bytes:
        raise UploadTooLargeError(limit_bytes=limit_bytes)
    root = data_dir / "uploads"
    root.mkdir(parents=True, exist_ok=True)
    await _sweep(database, root)
    if shutil.disk_usage(root).free < size_bytes:
        raise DiskFullError(path=str(root))
    row = UploadRow(
        id=new_id(_PREFIX),
        file_name=file_name,
        size_bytes=size_bytes,
        sha256=sha256,
        facts={"metadata": metadata, "dataset_id": None},
        created_at=utc_now(),
    )
    out = _as_out(row, 0)
    with refuse_full_disk(root):
        await asyncio.to_thread(create_file, root / out.id)
    try:
        async with database.unit_of_work() as session:
            await repository.keep_upload(session, row)
    except BaseException:
        (root / out.id).unlink(missing_ok=True)
        raise
    return out


async def get_upload(database: Database, data_dir: Path, id_: str) -> tuple[UploadOut, str]:
    """An upload with its present offset, and the client's metadata.

    Raises:
        UploadNotFoundError: there is none, or it is finished.
    """
    row, path = await _find(database, data_dir, id_)
    return _as_out(row, _size_of(path)), str(row.facts["metadata"])


async def continue_upload(
    database: Database,
    data_dir: Path,
    id_: str,
    *,
    offset: int,
    announced_bytes: int,
    chunks: AsyncIterator[bytes],
    checksum: Checksum | None,
) -> int:
    """Append to an upload; returns the new offset. `announced_bytes`: what will come, 0 where it is not known.

    Raises:
        AppError: as `upload_files.append`.
    """
    row, path = await _find(database, data_dir, id_)
    if offset == _size_of(path) and offset + announced_bytes > row.size_bytes:
        raise UploadBeyondLengthError(size_bytes=row.size_bytes)
    return await append(path, offset=offset, size_bytes=row.size_bytes, chunks=chunks, checksum=checksum)


async def remove_upload(database: Database, data_dir: Path, id_: str) -> None:
    """Give an upload up.

    Raises:
        UploadNotFoundError: there is none, or it is finished.
        UploadBusyError: a request is working on it.
    """
    _, path = await _find(database, data_dir, id_)
    with alone_with(path):
        await _discard(database, path)


async def find_complete(database: Database, data_dir: Path, id_: str) -> tuple[Path, str]:
    """File and name of an upload whose bytes have all arrived.

    Raises:
        UploadNotFoundError: there is none, or it is finished.
        UploadIncompleteError: bytes are missing.
    """
    row, path = await _find(database, data_dir, id_)
    _refuse_incomplete(row, path)
    return path, row.file_name


async def finish_upload(database: Database, data_dir: Path, id_: str, order: FinishUpload) -> DatasetAdded:
    """Make a dataset of an upload and drop its bytes. Repeated after a success, it tells the same dataset again.

    A file that is refused stays, so that it can be read in another way.

    Raises:
        UploadNotFoundError: there is none.
        UploadIncompleteError: bytes are missing.
        UploadBusyError: a request is working on it.
        UploadDamagedError: it is not what was announced; it is gone.
        FileRefusedError: as for `add_dataset`.
    """
    row = await _get_row(database, id_)
    if row.facts["dataset_id"] is not None:
        return await _finished_before(database, row)
    path = data_dir / "uploads" / row.id
    with alone_with(path):
        _refuse_incomplete(row, path)
        found = await asyncio.to_thread(sha256_of_file, path) if row.sha256 is not None else None
        if found != row.sha256:
            await _discard(database, path)
            raise UploadDamagedError(found=found, expected=row.sha256)
        added = await add_dataset(
            database,
            data_dir,
            path,
            original_name=row.file_name,
            name=order.name,
            kind=order.kind,
            mapping=order.mapping,
            encoding=order.encoding,
        )
        async with database.unit_of_work() as session:
            await repository.mark_upload_finished(session, row.id, added.dataset.id)
        path.unlink(missing_ok=True)
    return added


async def _finished_before(database: Database, row: UploadRow) -> DatasetAdded:
    dataset = await find_exactly(database, str(row.facts["dataset_id"]))
    return DatasetAdded(dataset=as_out(dataset), already_known=True)


async def _get_row(database: Database, id_: str) -> UploadRow:
    async with database.unit_of_work() as session:
        row = await repository.get_upload(session, id_)
        session.expunge_all()
    if row is None:
        raise UploadNotFoundError(id=id_)
    return row


async def _find(database: Database, data_dir: Path, id_: str) -> tuple[UploadRow, Path]:
    row = await _get_row(database, id_)
    path = data_dir / "uploads" / row.id
    if row.facts["dataset_id"] is not None or not path.is_file():
        raise UploadNotFoundError(id=id_)
    return row, path


async def _discard(database: Database, path: Path) -> None:
    """Forget an upload whose lock is held: the row first, so that a crash leaves at most a file for the sweeper."""
    async with database.unit_of_work() as session:
        await repository.remove_upload(session, path.name)
    path.unlink(missing_ok=True)


async def _sweep(database: Database, root: Path) -> None:
    """Forget uploads that were begun and last written to a week ago, and files that no row knows."""
    moment = utc_now() - timedelta(seconds=ABANDONED_AFTER_S)
    async with database.unit_of_work() as session:
        old = [row.id for row in await repository.list_uploads_before(session, moment, SWEPT_AT_ONCE)]
    stale = {path.name for path in root.glob(f"{_PREFIX}_*") if _is_stale(path)}
    for id_ in {id_ for id_ in old if _is_stale(root / id_)} | stale:
        with suppress(UploadNotFoundError, UploadBusyError):
            if not (root / id_).exists():
                await _discard(database, root / id_)
                continue
            with alone_with(root / id_):
                await _discard(database, root / id_)


def _is_stale(path: Path) -> bool:
    """Nobody has written to it for a week; a file that is gone is stale too."""
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_AFTER_S
    except OSError:
        return True


def _refuse_incomplete(row: UploadRow, path: Path) -> None:
    size = _size_of(path)
    if size < row.size_bytes:
        raise UploadIncompleteError(offset_bytes=size, size_bytes=row.size_bytes)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise UploadNotFoundError(id=path.name) from error


def _as_out(row: UploadRow, offset_bytes: int) -> UploadOut:
    fields = row.model_dump(include=set(UploadOut.model_fields))
    return UploadOut.model_validate({**fields, "offset_bytes": offset_bytes})
