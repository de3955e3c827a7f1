"""The files of rows that one upload is: itself, or the members of a ZIP file in the order of their names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from llmlora.data.archive_errors import (
    ArchiveEmptyError,
    ArchiveMediaUnusedError,
    ArchiveMemberRefusedError,
    ArchiveNestedError,
    ArchiveRefusedError,
)
from llmlora.data.archives import Archive, is_archive, open_archive
from llmlora.data.errors import FileRefusedError, UnfoldsTooFarError, UnknownEncodingError
from llmlora.data.kinds.protocol import DataKind
from llmlora.data.media import MediaSource, MediaStore, media_type_of
from llmlora.data.read import packed_format_of
from llmlora.data.refusals import shown_text


@dataclass(frozen=True)
class Part:
    """One file of rows. `name`: in its archive; None where it is the upload itself."""

    path: Path
    name: str | None

    @property
    def shown(self) -> str:
        """What errors call it."""
        return shown_text(self.name or self.path.name)


class Parts:
    """An upload, taken apart. `total_bytes`: of its rows, as far as it is known."""

    def __init__(self, source: Path, scratch: Path, archive: Archive | None) -> None:
        """Raises:
        ArchiveRefusedError: a member is an archive itself, or none holds rows.
        """
        self._source, self._scratch, self._archive = source, scratch, archive
        self._media: dict[str, str] = {}
        self._rows: list[str] = []
        for name in archive.names if archive else ():
            self._sort(name)
        if archive is not None and not self._rows:
            raise ArchiveEmptyError(name=source.name)
        sizes = (archive.claimed_bytes(name) for name in self._rows) if archive else ()
        self.total_bytes = sum(sizes) or source.stat().st_size

    @property
    def is_archive(self) -> bool:
        """Whether there can be several."""
        return self._archive is not None

    def files(self) -> Iterator[Part]:
        """One after another; each is there until the next is asked for."""
        if self._archive is None:
            yield Part(self._source, None)
            return
        for name in self._rows:
            path = self._scratch / "member"
            self._archive.copy(name, path)
            yield Part(path, name)
            path.unlink()

    def media(self, store: MediaStore) -> MediaSource:
        """What the rows can show."""
        return MediaSource(store, self._scratch, self._archive, self._media)

    def refuse_unused_media(self, kind: DataKind) -> None:
        """Raises:
        ArchiveMediaUnusedError: there is a picture or sound that rows of this kind cannot show.
        """
        for name, found in self._media.items():
            if found not in kind.media:
                raise ArchiveMediaUnusedError(member=shown_text(name), format=found, kind=kind.words)

    def _sort(self, name: str) -> None:
        assert self._archive is not None
        head = self._archive.head(name)
        if (packed := packed_format_of(head)) is not None:
            raise ArchiveNestedError(member=shown_text(name), format=packed)
        if (found := media_type_of(head)) is not None:
            self._media[name] = found
        else:
            self._rows.append(name)


@contextmanager
def open_parts(source: Path, scratch: Path) -> Iterator[Parts]:
    """Take an upload apart; members are unpacked into `scratch`, one at a time.

    Raises:
        ArchiveRefusedError: the ZIP file as a whole cannot be used.
    """
    if not is_archive(source):
        yield Parts(source, scratch, None)
        return
    with open_archive(source) as archive:
        yield Parts(source, scratch, archive)


@contextmanager
def named(part: Part) -> Iterator[None]:
    """What is wrong with a member is told with its name.

    Raises:
        ArchiveMemberRefusedError: in place of what is raised inside, where the file is a member.
    """
    try:
        yield
    except (ArchiveRefusedError, UnfoldsTooFarError, UnknownEncodingError):
        raise  # the first two name it; the last carries choices that pages offer
    except FileRefusedError as error:
        if part.name is None:
            raise
        facts = {key: part.shown if value == part.path.name else value for key, value in error.facts.items()}
        told = type(error)(**facts)
        reason = (told.detail("ja"), told.detail("en"))
        raise ArchiveMemberRefusedError(member=part.shown, reason=reason) from error


def folder_of(part: Part) -> PurePosixPath:
    """Where it lies in its archive."""
    return PurePosixPath(part.name or "").parent
