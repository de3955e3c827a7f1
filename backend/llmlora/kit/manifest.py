"""A directory's manifest: which files belong to it and their sha256. What it names is whole, or it is refused."""

import json
from pathlib import Path
from typing import Any

from llmlora.kit.files import sha256_of_file

MANIFEST = "manifest.json"


def write_manifest(directory: Path, **facts: Any) -> None:
    """Hash every file of `directory` into its manifest, with `facts` beside them."""
    files = {p.name: sha256_of_file(p) for p in sorted(directory.iterdir()) if p.name != MANIFEST}
    (directory / MANIFEST).write_text(json.dumps({**facts, "files": files}))


def first_broken_file(directory: Path) -> str | None:
    """Name of the first file that is missing or differs (the manifest itself, perhaps); None when all is well."""
    try:
        files: dict[str, str] = json.loads((directory / MANIFEST).read_text())["files"]
    except (OSError, ValueError, KeyError):
        return MANIFEST
    for name, digest in files.items():
        if not (directory / name).is_file() or sha256_of_file(directory / name) != digest:
            return name
    return None
