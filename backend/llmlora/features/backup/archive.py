"""The file itself: a plain tar whose first members say what the others have to be (ADR 0023).

Guarantee: what `write_archive` is interrupted in, it goes on with; what `Archive` hands out has the hash that was written.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self

from pydantic import ValidationError

from llmlora import __version__
from llmlora.engine.embedded.migrate import known_revisions
from llmlora.features.backup.errors import (
    BackupDamagedError,
    BackupNewerError,
    BackupNotFoundError,
    BackupPlaceError,
    NotABackupError,
    SourceChangedError,
)
from llmlora.features.backup.schemas import FORMAT, MANIFEST, SUMS, VERSION, Manifest, Member
from llmlora.kit.files import CHUNK_BYTES, OnBytes, fsync_path

_BLOCK_BYTES = 512
_MISSING = {"problem_ja": "ありません（ファイルが途中で切れている場合もあります）", "problem_en": "is missing (or the file is cut short)"}  # fmt: skip
_DIFFERS = {
    "problem_ja": "記録されたハッシュと一致しません",
    "problem_en": "does not have the hash that was recorded",
}


def manifest_bytes(manifest: Manifest) -> bytes:
    """`manifest.json`, as a person can read it."""
    return (json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n").encode()


def sums_bytes(written: bytes, manifest: Manifest) -> bytes:
    """`SHA256SUMS`: what `sha256sum -c` takes."""
    lines = [f"{hashlib.sha256(written).hexdigest()}  {MANIFEST}"]
    lines += [f"{one.sha256}  {one.name}" for one in manifest.members()]
    return ("\n".join(lines) + "\n").encode()


def write_archive(
    part: BinaryIO, manifest: Manifest, source: Callable[[Member], Path], on_bytes: OnBytes
) -> int:
    """Write all members, or those that an interrupted try has not written; bytes of members that were there.

    Raises:
        SourceChangedError: a source is not what the manifest says.
        OSError: the disk is full or away.
    """
    head = manifest_bytes(manifest)
    small = {MANIFEST: head, SUMS: sums_bytes(head, manifest)}
    members = [_of_bytes(name, content) for name, content in small.items()] + list(manifest.members())
    kept, end, reused = _whole_members(part, members, on_bytes)
    part.truncate(end)
    part.seek(end)
    moment = int(manifest.made_at.timestamp())
    with tarfile.open(fileobj=part, mode="w:", format=tarfile.PAX_FORMAT) as tar:
        for member in members[kept:]:
            info = tarfile.TarInfo(member.name)
            info.size, info.mtime, info.mode = member.size_bytes, moment, 0o600
            if member.name in small:
                tar.addfile(info, io.BytesIO(small[member.name]))
            else:
                _add(tar, info, member, source(member), on_bytes)
    part.flush()
    os.fsync(part.fileno())
    return reused


def _add(tar: tarfile.TarFile, info: tarfile.TarInfo, member: Member, path: Path, on_bytes: OnBytes) -> None:
    try:
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size != member.size_bytes:
                raise SourceChangedError(path=path)
            hashing = _Hashing(stream, on_bytes)
            tar.addfile(info, hashing)
    except FileNotFoundError as error:
        raise SourceChangedError(path=path) from error
    if hashing.digest.hexdigest() != member.sha256:
        raise SourceChangedError(path=path)


def _of_bytes(name: str, content: bytes) -> Member:
    return Member(name=name, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def _whole_members(part: BinaryIO, members: Sequence[Member], on_bytes: OnBytes) -> tuple[int, int, int]:
    """How many of the first members are there as they have to be, where they end, and how large they are."""
    kept = end = reused = 0
    part.seek(0)
    with suppress(tarfile.TarError, EOFError), tarfile.open(fileobj=part, mode="r:") as tar:
        for info in tar:
            member = members[kept] if kept < len(members) else None
            if member is None or (info.name, info.size) != (member.name, member.size_bytes):
                break
            stream = tar.extractfile(info) if info.isreg() else None
            if stream is None or _digest(stream, on_bytes) != member.sha256:
                break
            kept, reused = kept + 1, reused + info.size
            end = info.offset_data + -(-info.size // _BLOCK_BYTES) * _BLOCK_BYTES
    return kept, end, reused


def _digest(stream: IO[bytes], on_bytes: OnBytes) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        on_bytes(len(chunk))
    return digest.hexdigest()


class _Hashing(io.RawIOBase):
    """A stream that is hashed while it is read."""

    def __init__(self, stream: BinaryIO, on_bytes: OnBytes) -> None:
        super().__init__()
        self._stream, self._on_bytes = stream, on_bytes
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.digest.update(chunk)
        self._on_bytes(len(chunk))
        return chunk


class Archive:
    """A finished backup, opened: its manifest is whole and names nothing that is not there.

    Raises:
        BackupNotFoundError: there is no such file.
        BackupPlaceError: it cannot be read.
        NotABackupError: it is something else.
        BackupNewerError: a later version has made it.
        BackupDamagedError: the manifest is damaged, or a member is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
        except FileNotFoundError as error:
            raise BackupNotFoundError(path=path) from error
        except OSError as error:
            raise BackupPlaceError(path=path, reason=error.strerror or error) from error
        try:
            self._tar, first = self._opened()
            self.manifest, self.manifest_sha256 = self._head(first)
            self._index = self._indexed()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def pieces(self, member: Member) -> Iterator[bytes]:
        """The bytes of a member. Ends only when they had the right hash.

        Raises:
            BackupDamagedError: they had not.
        """
        stream = self._tar.extractfile(self._index[member.name])
        assert stream is not None
        digest = hashlib.sha256()
        try:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                yield chunk
        except (tarfile.TarError, EOFError) as error:
            raise BackupDamagedError(path=self.path, member=member.name, **_MISSING) from error
        if digest.hexdigest() != member.sha256:
            raise BackupDamagedError(path=self.path, member=member.name, **_DIFFERS)

    def extract(self, member: Member, target: Path, mtime_ns: int, on_bytes: OnBytes) -> None:
        """Write a member's bytes to `target`, whole or not at all.

        Raises:
            BackupDamagedError: as `pieces`.
            OSError: they cannot be written.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.restoring")
        try:
            with temporary.open("wb") as stream:
                for piece in self.pieces(member):
                    stream.write(piece)
                    on_bytes(len(piece))
                stream.flush()
                os.fsync(stream.fileno())
            os.utime(temporary, ns=(mtime_ns, mtime_ns))
            temporary.replace(target)
            fsync_path(target.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def _opened(self) -> tuple[tarfile.TarFile, tarfile.TarInfo]:
        try:
            tar = tarfile.TarFile(fileobj=self._file)
            first = tar.next()
        except (tarfile.TarError, EOFError) as error:
            raise NotABackupError(path=self.path, reason=str(error)) from error
        if first is None or first.name != MANIFEST or not first.isreg():
            raise NotABackupError(path=self.path, reason=f"no {MANIFEST}")
        return tar, first

    def _head(self, first: tarfile.TarInfo) -> tuple[Manifest, str]:
        """The manifest, proved by the sums behind it."""
        written, sums = self._small(first), self._small(self._tar.next(), SUMS)
        try:
            document = json.loads(written)
            told, version = document["format"], document["version"]
            found = f"version {version}" if version > VERSION else str(document["schema_revision"])
        except (ValueError, KeyError, TypeError) as error:
            raise BackupDamagedError(path=self.path, member=MANIFEST, **_DIFFERS) from error
        if told != FORMAT:
            raise NotABackupError(path=self.path, reason=f"format {told!r}")
        sha256 = hashlib.sha256(written).hexdigest()
        if not sums.startswith(f"{sha256}  {MANIFEST}\n".encode()):
            raise BackupDamagedError(path=self.path, member=MANIFEST, **_DIFFERS)
        if version > VERSION or document["schema_revision"] not in known_revisions():
            made_by = document.get("made_by", "?")
            raise BackupNewerError(path=self.path, made_by=made_by, here=__version__, found=found)
        try:
            manifest = Manifest.model_validate(document)
        except ValidationError as error:
            raise BackupDamagedError(path=self.path, member=MANIFEST, **_DIFFERS) from error
        if sums != sums_bytes(written, manifest):
            raise BackupDamagedError(path=self.path, member=SUMS, **_DIFFERS)
        return manifest, sha256

    def _small(self, info: tarfile.TarInfo | None, name: str = MANIFEST) -> bytes:
        stream = self._tar.extractfile(info) if info is not None and info.name == name else None
        if stream is None:
            raise BackupDamagedError(path=self.path, member=name, **_MISSING)
        return stream.read()

    def _indexed(self) -> dict[str, tarfile.TarInfo]:
        found: dict[str, tarfile.TarInfo] = {}
        with suppress(tarfile.TarError, EOFError):  # what cannot be found behind a damaged head is missing
            found = {info.name: info for info in self._tar if info.isreg()}
        end = os.fstat(self._file.fileno()).st_size
        for member in self.manifest.members():
            info = found.get(member.name)
            if info is None or info.size != member.size_bytes or info.offset_data + info.size > end:
                raise BackupDamagedError(path=self.path, member=member.name, **_MISSING)
        return found
