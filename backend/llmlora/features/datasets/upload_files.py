"""Bytes of uploads in pieces: one plain file an upload, whose size is the offset.

Guarantee: what was acknowledged is on disk; a kill -9 in the middle of a piece loses at most its last 64 KiB.

Who works on an upload holds a lock on its file, so that two requests never write into one another.
"""

import base64
import errno
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from starlette.requests import ClientDisconnect

from llmlora.data.errors import DiskFullError
from llmlora.features.datasets.errors import (
    ChunkDamagedError,
    UploadBeyondLengthError,
    UploadBusyError,
    UploadNotFoundError,
    UploadOffsetError,
)
from llmlora.kit.files import fsync_path

CHECKSUM_ALGORITHMS = ("sha256", "sha1")
BUFFER_BYTES = 64 << 10


@dataclass(frozen=True)
class Checksum:
    """What a piece has to digest to. `algorithm` is one of `CHECKSUM_ALGORITHMS`; `digest` is base64."""

    algorithm: str
    digest: str


def create_file(path: Path) -> None:
    """An empty file, durable.

    Raises:
        OSError: it exists or cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    fsync_path(path.parent)


@contextmanager
def alone_with(path: Path) -> Iterator[int]:
    """An upload's file, opened for appending; nobody else works on it until the block ends.

    Raises:
        UploadNotFoundError: it is gone.
        UploadBusyError: somebody else has it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise UploadNotFoundError(id=path.name) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UploadBusyError(id=path.name) from error
        if os.fstat(descriptor).st_nlink == 0:  # removed between open and lock
            raise UploadNotFoundError(id=path.name)
        yield descriptor
    finally:
        os.close(descriptor)


async def append(
    path: Path, *, offset: int, size_bytes: int, chunks: AsyncIterator[bytes], checksum: Checksum | None
) -> int:
    """Continue an upload at `offset`; returns the new offset. A broken connection keeps what came before.

    Raises:
        UploadOffsetError: `offset` is not where it stands.
        UploadBeyondLengthError: more than `size_bytes` in all; nothing of this piece is kept.
        ChunkDamagedError: the piece does not have its checksum; nothing of it is kept.
        UploadNotFoundError: it is gone.
        UploadBusyError: somebody else has it.
        DiskFullError: there is no room.
    """
    with alone_with(path) as descriptor, refuse_full_disk(path):
        start = os.fstat(descriptor).st_size
        if offset != start:
            raise UploadOffsetError(given=offset, offset_bytes=start)
        writer = _Writer(descriptor, size_bytes - start, None if checksum is None else checksum.algorithm)
        try:
            whole = await writer.take(chunks)
            if writer.excess:
                raise UploadBeyondLengthError(size_bytes=size_bytes)
            if checksum is not None and (not whole or writer.digest() != checksum.digest):
                raise ChunkDamagedError
        except (UploadBeyondLengthError, ChunkDamagedError):
            os.ftruncate(descriptor, start)
            raise
        finally:
            await anyio.to_thread.run_sync(os.fsync, descriptor)
        return os.fstat(descriptor).st_size


class _Writer:
    """Appends chunks in larger writes, never more than `room` bytes."""

    def __init__(self, descriptor: int, room: int, algorithm: str | None) -> None:
        self.excess = False
        self._descriptor = descriptor
        self._room = room
        self._digest = None if algorithm is None else hashlib.new(algorithm, usedforsecurity=False)
        self._buffer = bytearray()

    async def take(self, chunks: AsyncIterator[bytes]) -> bool:
        """Append all chunks; False when the connection broke before the last."""
        try:
            async for chunk in chunks:
                self._room -= len(chunk)
                if self._room < 0:
                    self.excess = True
                    return True
                self._buffer += chunk
                if self._digest is not None:
                    self._digest.update(chunk)
                if len(self._buffer) >= BUFFER_BYTES:
                    await self._flush()
        except ClientDisconnect:
            return False
        finally:
            if not self.excess:
                await self._flush()
        return True

    def digest(self) -> str:
        """The digest of what was taken, in base64."""
        assert self._digest is not None
        return base64.b64encode(self._digest.digest()).decode()

    async def _flush(self) -> None:
        # Taken out first: should writing fail, it must not be written again.
        taken, self._buffer = bytes(self._buffer), bytearray()
        await anyio.to_thread.run_sync(_write_all, self._descriptor, taken)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


@contextmanager
def refuse_full_disk(path: Path) -> Iterator[None]:
    """Name a full disk as what it is.

    Raises:
        DiskFullError: there is no room, or no quota.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFullError(path=str(path)) from error
