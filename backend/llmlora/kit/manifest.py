"""A directory's manifest: which files belong to it, their sizes and sha256. What it names is whole, or it is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmlora.kit.files import sha256_of_file

MANIFEST = "manifest.json"


def write_manifest(directory: Path, **facts: Any) -> None:
    """Hash every file of `directory` into its manifest, with `facts` beside them."""
    paths = [p for p in sorted(directory.iterdir()) if p.name != MANIFEST]
    write_known(directory, {p.name: (sha256_of_file(p), p.stat().st_size) for p in paths}, **facts)


def write_known(directory: Path, files: Mapping[str, tuple[str, int]], **facts: Any) -> None:
    """As `write_manifest`, of files (paths below the directory) whose sha256 and size were found as they were written."""
    hashes = {name: sha256 for name, (sha256, _) in files.items()}
    sizes = {name: size_bytes for name, (_, size_bytes) in files.items()}
    (directory / MANIFEST).write_text(json.dumps({**facts, "files": hashes, "sizes": sizes}))


def first_missing_file(directory: Path) -> str | None:
    """Name of the first file that is gone or of another size, without reading any; None when nothing is amiss.

    Manifests from before sizes were kept: of the first file that is gone.
    """
    try:
        manifest = json.loads((directory / MANIFEST).read_text())
        files: dict[str, str] = manifest["files"]
        sizes: dict[str, int] = manifest.get("sizes", {})
        for name in files:
            path = directory / name
            if not path.is_file() or path.stat().st_size != sizes.get(name, path.stat().st_size):
                return name
    except (OSError, ValueError, KeyError, AttributeError):
        return MANIFEST
    return None


def first_broken_file(directory: Path) -> str | None:
    """Name of the first file that is missing or differs (the manifest itself, perhaps); None when all is well."""
    if missing := first_missing_file(directory):
        return missing
    files: dict[str, str] = json.loads((directory / MANIFEST).read_text())["files"]
    return next((name for name in files if sha256_of_file(directory / name) != files[name]), None)
