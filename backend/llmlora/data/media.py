"""Pictures and sounds that the rows of a data set show: each kept once, under its sha256, whatever names it had.

What a file is, its bytes say, never its name. Pictures are decoded here, in the import child with its bounds, for their size and
a thumbnail; rows hold `Media`, which names the bytes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from llmlora.data.archives import Archive
from llmlora.data.cells import CellRefusedError
from llmlora.data.manifest import KeptFile
from llmlora.data.raw import CHUNK_BYTES
from llmlora.kit.files import fsync_path

if TYPE_CHECKING:
    from PIL.Image import Image

FOLDER, THUMBNAILS = "media", "thumbnails"
THUMBNAIL_PIXELS = 256
THUMBNAIL_TYPE = "image/webp"
MAX_PIXELS = 64_000_000  # a large camera's; decoded, 256 MiB
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "audio/wav": ".wav",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
}
_PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}


class Media(BaseModel):
    """One picture or sound, as a row names it. `width` and `height` in pixels, of pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    type: str
    size_bytes: int
    width: int | None = None
    height: int | None = None

    @property
    def file(self) -> str:
        """Where it is kept, below the data set's directory."""
        return f"{FOLDER}/{self.sha256[:2]}/{self.sha256}{_ENDINGS[self.type]}"

    @property
    def thumbnail(self) -> str:
        """Where its small picture is kept."""
        return f"{THUMBNAILS}/{self.sha256[:2]}/{self.sha256}.webp"


def media_type_of(head: bytes) -> str | None:
    """What a file's first bytes (12 of them tell) say it is; None where it is neither picture nor sound."""
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12])
    beginnings = {
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"\xff\xd8\xff": "image/jpeg",
        b"GIF87a": "image/gif",
        b"GIF89a": "image/gif",
        b"fLaC": "audio/flac",
        b"OggS": "audio/ogg",
        b"ID3": "audio/mpeg",
        b"\xff\xfb": "audio/mpeg",
        b"\xff\xf3": "audio/mpeg",
        b"\xff\xf2": "audio/mpeg",
    }
    return next((name for magic, name in beginnings.items() if head.startswith(magic)), None)


def type_of_file(name: str) -> str:
    """The type of a kept file, by the ending that we gave it."""
    ending = PurePosixPath(name).suffix
    return next((kind for kind, one in _ENDINGS.items() if one == ending), "application/octet-stream")


class MediaStore:
    """Keeps media below a data set's directory. `thumbnails`: small pictures are made too."""

    def __init__(self, directory: Path, *, thumbnails: bool) -> None:
        self._directory, self._thumbnails = directory, thumbnails
        self._kept: dict[str, Media] = {}
        self._files: dict[str, KeptFile] = {}

    @property
    def files(self) -> Iterator[KeptFile]:
        """What was kept, for the manifest."""
        return iter(self._files.values())

    def keep(self, source: Path) -> Media:
        """Take a file (it is moved, or removed where its bytes are known).

        Raises:
            CellRefusedError: it is neither picture nor sound, cannot be decoded, or is too large.
            OSError: the disk is full.
        """
        sha256, size_bytes, head = _read(source)
        known = self._kept.get(sha256)
        if known is not None:
            source.unlink()
            return known
        kind = media_type_of(head)
        if kind is None:
            raise CellRefusedError("media_unknown", None)
        media = Media(sha256=sha256, type=kind, size_bytes=size_bytes)
        if kind in _PICTURES:
            media = self._looked_at(source, media)
        target = self._directory / media.file
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
        fsync_path(target)
        self._files[media.file] = KeptFile(media.file, "media", sha256, size_bytes)
        self._kept[sha256] = media
        return media

    def _looked_at(self, source: Path, media: Media) -> Media:
        """With its size in pixels; its thumbnail is made."""
        from PIL import Image

        Image.MAX_IMAGE_PIXELS = MAX_PIXELS
        try:
            with Image.open(source, formats=[_PICTURES[media.type]]) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise CellRefusedError("media_too_large", None, limit=MAX_PIXELS // 1_000_000)
                if self._thumbnails:
                    self._make_thumbnail(picture, media)
                else:
                    picture.verify()
        except Image.DecompressionBombError as error:
            raise CellRefusedError("media_too_large", None, limit=MAX_PIXELS // 1_000_000) from error
        except (OSError, SyntaxError, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # the disk's fault, not the picture's
            raise CellRefusedError("media_unreadable", None, detail=str(error)) from error
        return media.model_copy(update={"width": width, "height": height})

    def _make_thumbnail(self, picture: "Image", media: Media) -> None:
        from PIL import ImageOps

        small = ImageOps.exif_transpose(picture).convert("RGBA" if _has_alpha(picture) else "RGB")
        small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
        target = self._directory / media.thumbnail
        target.parent.mkdir(parents=True, exist_ok=True)
        small.save(target, "WEBP", quality=80)
        fsync_path(target)
        sha256, size_bytes, _ = _read(target)
        self._files[media.thumbnail] = KeptFile(media.thumbnail, "thumbnail", sha256, size_bytes)


class MediaSource:
    """What rows can show: the pictures and sounds that lie beside them in their archive; none where there is no archive."""

    def __init__(
        self,
        store: MediaStore,
        scratch: Path,
        archive: Archive | None = None,
        types: Mapping[str, str] | None = None,
    ) -> None:
        """`types`: the media of the archive, by name."""
        self._store, self._scratch, self._archive = store, scratch, archive
        self._types = types or {}
        self._taken: dict[str, Media] = {}
        self.folder = PurePosixPath()
        """Of the file that is read just now: its rows name what lies beside it."""

    def take(self, name: str, column: str, accepted: frozenset[str]) -> Media:
        """The picture or sound that a row names, kept.

        Raises:
            CellRefusedError: it is not there, of no type that is accepted, cannot be decoded, or is too large.
            ArchiveRefusedError: the archive is damaged, or unfolds too far.
            OSError: the disk is full.
        """
        found = next((one for one in (str(self.folder / name), name) if one in self._types), None)
        if found is None or self._archive is None:
            raise CellRefusedError("media_missing", column, name=name)
        if self._types[found] not in accepted:
            raise CellRefusedError("media_type", column, found=self._types[found])
        if found not in self._taken:
            target = self._scratch / "taken"
            self._archive.copy(found, target)
            try:
                self._taken[found] = self._store.keep(target)
            except CellRefusedError as error:
                raise CellRefusedError(error.reason, column, **error.facts) from error
        return self._taken[found]


def _read(path: Path) -> tuple[str, int, bytes]:
    """Hash, size and first bytes of a file."""
    digest, size_bytes, head = hashlib.sha256(), 0, b""
    with path.open("rb") as reader:
        while chunk := reader.read(CHUNK_BYTES):
            head = head or chunk[:16]
            digest.update(chunk)
            size_bytes += len(chunk)
    return digest.hexdigest(), size_bytes, head


def _has_alpha(picture: "Image") -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
