"""ZIP files read member by member, under names of ours: nothing is ever unpacked where its own name says.

Guarantee: every member is refused in words, or a regular file of a safe name whose bytes are counted as they are unpacked,
against caps on members, on bytes in all and on each member's ratio. What the archive claims of its sizes is not believed.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from llmlora.data.archive_errors import (
    ArchiveDamagedError,
    ArchiveEmptyError,
    ArchiveEncryptedError,
    ArchiveLinkError,
    ArchiveMemberUnfoldsTooFarError,
    ArchiveMethodError,
    ArchiveNameUnsafeError,
    ArchiveTooManyMembersError,
    ArchiveTwiceError,
)
from llmlora.data.errors import UnfoldsTooFarError
from llmlora.data.raw import CHUNK_BYTES, MIB
from llmlora.data.refusals import shown_text

MAX_MEMBERS = 20_000
UNFOLDED_BASE_BYTES = 1 << 30
UNFOLDED_RATIO = 100  # the best that zstd does with real text is about 20
MEMBER_BASE_BYTES = 16 << 20  # a small member may be as regular as it likes
MEMBER_RATIO = 200
HEAD_BYTES = 512
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF")
"""Members that tell a document of another program, which happens to be a ZIP file."""
_ENCRYPTED, _UTF8 = 0x1, 0x800  # bits of the general purpose flag, APPNOTE.TXT 4.4.4
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LEFT_BEHIND = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP file (a damaged one too), and no document of an office program."""
    with path.open("rb") as file:
        if not file.read(4).startswith(_MAGIC):
            return False
    try:
        with zipfile.ZipFile(path) as archive:
            return not any(name in archive.NameToInfo for name in _OFFICE)
    except _DAMAGED:
        return True


def unfolded_bytes(path: Path) -> int:
    """What the archive claims to hold, at most what may be unpacked of it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return min(sum(info.file_size for info in archive.infolist()), _most_bytes(path))
    except _DAMAGED:
        return 0


class Archive:
    """An open ZIP file. `names`: its files, in order."""

    def __init__(
        self, file: zipfile.ZipFile, path: Path, infos: dict[str, zipfile.ZipInfo], most_bytes: int
    ) -> None:
        self.names = tuple(sorted(infos))
        self._file, self._path, self._infos = file, path, infos
        self._left = self._most_bytes = most_bytes

    def head(self, name: str) -> bytes:
        """The first bytes of a member.

        Raises:
            ArchiveRefusedError: they cannot be read.
        """
        return next(self._chunks(name, HEAD_BYTES), b"")

    def claimed_bytes(self, name: str) -> int:
        """Its size, as the archive says: for progress only."""
        return self._infos[name].file_size

    def copy(self, name: str, target: Path) -> None:
        """Unpack a member to `target`.

        Raises:
            ArchiveRefusedError: it is damaged, or unfolds too far.
            UnfoldsTooFarError: all members together do.
        """
        info, done = self._infos[name], 0
        most = MEMBER_BASE_BYTES + MEMBER_RATIO * info.compress_size
        with target.open("wb") as writer:
            for chunk in self._chunks(name, CHUNK_BYTES):
                done += len(chunk)
                self._left -= len(chunk)
                if done > most:
                    raise ArchiveMemberUnfoldsTooFarError(member=shown_text(name), ratio=MEMBER_RATIO)
                if self._left < 0:
                    size_mib = self._path.stat().st_size // MIB
                    raise UnfoldsTooFarError(size_mib=size_mib, unfolded_mib=self._most_bytes // MIB)
                writer.write(chunk)

    def _chunks(self, name: str, size: int) -> Iterator[bytes]:
        try:
            with self._file.open(self._infos[name]) as reader:
                while chunk := reader.read(size):
                    yield chunk
        except _DAMAGED as error:
            raise ArchiveDamagedError(name=self._path.name, reason=shown_text(f"{name}: {error}")) from error


@contextmanager
def open_archive(path: Path, *, most_bytes: int | None = None) -> Iterator[Archive]:
    """A ZIP file whose members have been looked through. `most_bytes`: of all that is unpacked; None: in proportion to it.

    Raises:
        ArchiveRefusedError: a leaf of `archive_errors` says what has to change.
    """
    try:
        file = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise ArchiveDamagedError(name=path.name, reason=shown_text(str(error))) from error
    with file:
        infos = file.infolist()
        if len(infos) > MAX_MEMBERS:
            raise ArchiveTooManyMembersError(count=len(infos), limit=MAX_MEMBERS)
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = _name_of(info)
            _refuse_unsafe(name, info)
            if info.is_dir() or _is_left_behind(name):
                continue
            if name in members:
                raise ArchiveTwiceError(member=shown_text(name))
            members[name] = info
        if not members:
            raise ArchiveEmptyError(name=path.name)
        yield Archive(file, path, members, _most_bytes(path) if most_bytes is None else most_bytes)


def _most_bytes(path: Path) -> int:
    return UNFOLDED_BASE_BYTES + UNFOLDED_RATIO * path.stat().st_size


def _name_of(info: zipfile.ZipInfo) -> str:
    """The name as its author wrote it. Windows in Japan writes Shift_JIS and does not say so."""
    name = info.orig_filename
    if info.flag_bits & _UTF8 or name.isascii():
        return name
    raw = name.encode("cp437")
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _refuse_unsafe(name: str, info: zipfile.ZipInfo) -> None:
    path = PurePosixPath(name)
    climbs = path.is_absolute() or ".." in path.parts or "\\" in name or name[1:2] == ":"
    if climbs or not name.strip("/. ") or not name.isprintable():
        raise ArchiveNameUnsafeError(member=shown_text(name))
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArchiveLinkError(member=shown_text(name))
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveEncryptedError(member=shown_text(name))
    if info.compress_type not in _METHODS:
        raise ArchiveMethodError(member=shown_text(name), method=info.compress_type)


def _is_left_behind(name: str) -> bool:
    """What macOS and Windows put beside a person's files."""
    parts = PurePosixPath(name).parts
    return parts[0] == "__MACOSX" or parts[-1].startswith("._") or parts[-1].casefold() in _LEFT_BEHIND
