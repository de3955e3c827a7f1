"""Files that are either whole or absent: temporary name → fsync → rename → fsync of the parent."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

CHUNK_BYTES = 1 << 20

OnBytes = Callable[[int], None]
"""Called with the size of every piece that was read; what it raises ends the reading."""


def ignore_bytes(_size_bytes: int) -> None:
    """For readers whom nobody watches."""


def sha256_of_file(path: Path, on_bytes: OnBytes = ignore_bytes) -> str:
    """Hex digest of a file's bytes, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            on_bytes(len(chunk))
    return digest.hexdigest()


def sha256_of_tree(root: Path, on_bytes: OnBytes = ignore_bytes) -> str:
    """Hex digest over the sorted relative names and digests of all files below `root`."""
    paths = sorted(p for p in root.rglob("*") if p.is_file())
    return _digest_of_pairs((p.relative_to(root).as_posix(), sha256_of_file(p, on_bytes)) for p in paths)


def sha256_of_files(root: Path, names: Iterable[str], on_bytes: OnBytes = ignore_bytes) -> str:
    """`digest_of_digests` of those files below `root` alone, whatever lies beside them.

    Raises:
        OSError: one of them cannot be read.
    """
    return digest_of_digests({name: sha256_of_file(root / name, on_bytes) for name in names})


def digest_of_digests(digests: Mapping[str, str]) -> str:
    """Hex digest over names and digests of files, in the order of their names."""
    return _digest_of_pairs(sorted(digests.items()))


def _digest_of_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    digest = hashlib.sha256()
    for name, sha256 in pairs:
        digest.update(f"{name}\0{sha256}\n".encode())
    return digest.hexdigest()


def size_of_tree(root: Path) -> int:
    """Bytes of all files below `root` (or of the file itself)."""
    if root.is_file():
        return root.stat().st_size
    return sum(p.stat().st_size for p in root.rglob("*") if p.is_file())


def size_freed_by(root: Path) -> int:
    """Bytes that go when `root` does: a file that also has a name elsewhere frees nothing. 0 where nothing is."""
    sizes: dict[tuple[int, int], int] = {}
    names: dict[tuple[int, int], tuple[int, int]] = {}
    for path in _tree(root):
        with suppress(OSError):
            found = path.lstat()
            inode = found.st_dev, found.st_ino
            sizes[inode] = found.st_size
            names[inode] = names.get(inode, (0, 0))[0] + 1, found.st_nlink
    return sum(size for inode, size in sizes.items() if names[inode][0] >= names[inode][1])


def remove_tree(root: Path) -> int:
    """Delete `root` and all below it, as far as that can be; the bytes that were really freed by it."""
    freed = 0
    for path in _tree(root):
        with suppress(OSError):
            found = path.lstat()
            path.unlink()
            # The last name of a file frees it.
            freed += found.st_size if found.st_nlink == 1 else 0
    shutil.rmtree(root, ignore_errors=True)
    return freed


def _tree(root: Path) -> Iterator[Path]:
    """All that is not a directory, links included and never followed."""
    if root.is_symlink() or root.is_file():
        yield root
        return
    for directory, links, files in os.walk(root):
        below = Path(directory)
        yield from (below / name for name in files)
        yield from (below / name for name in links if (below / name).is_symlink())


def fsync_path(path: Path) -> None:
    """Force a file or a directory entry to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` in one step; a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        fsync_path(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def published_directory(target: Path) -> Iterator[Path]:
    """Yield a temporary directory that becomes `target` when the block ends well, and nothing when it fails.

    Raises:
        FileExistsError: `target` exists when the block ends.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        for path in temporary.rglob("*"):
            fsync_path(path)
        fsync_path(temporary)
        if target.exists():
            raise FileExistsError(target)
        temporary.rename(target)
        fsync_path(target.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
