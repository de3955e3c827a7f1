"""What a build sees of the clone: everything that `.dockerignore` does not hide, matched as Docker's own client does it."""

from collections.abc import Iterable
from pathlib import Path

from docker.utils.build import PatternMatcher


def ignore_patterns(root: Path) -> list[str]:
    """The lines of `.dockerignore` that are patterns; without the file, none.

    Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
    """
    path = root / ".dockerignore"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def visible(paths: Iterable[str], patterns: list[str]) -> set[str]:
    """Those of some paths (relative, with `/`) that a build sees."""
    matcher = PatternMatcher(patterns)
    return {path for path in paths if not matcher.matches(path)}


def context_files(root: Path) -> set[str]:
    """All files and links below `root` that a build sees, relative to it."""
    found = PatternMatcher(ignore_patterns(root)).walk(str(root))
    return {path for path in found if (root / path).is_symlink() or not (root / path).is_dir()}
