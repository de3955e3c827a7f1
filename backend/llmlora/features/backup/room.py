"""Whether there is room, asked before anything is written."""

import shutil
from pathlib import Path

from llmlora.features.backup.errors import NotEnoughRoomError

# Heads of a tar's members, a manifest, what the file system needs itself.
SPARE_BYTES = 4 << 20


def refuse_little_room(place: Path, wanted_bytes: int) -> None:
    """Check that the disk of `place` has room for so many bytes more.

    Raises:
        NotEnoughRoomError: it has not; says both figures.
    """
    existing = next(path for path in (place, *place.parents) if path.exists())
    free, needed = shutil.disk_usage(existing).free, max(0, wanted_bytes) + SPARE_BYTES
    if free < needed:
        raise NotEnoughRoomError(path=place, free=readable(free), need=readable(needed))


def readable(size_bytes: int) -> str:
    """A size for people, in the decimal units of the pages."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
