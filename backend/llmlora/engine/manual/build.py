"""Builds `site/{ja,en}` of `docs/{ja,en}` by zensical (ADR 0040); made once for a set of sources and kept.

Guarantee: `site/LANGUAGE` is a whole site, or absent.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from llmlora.kit.errors import InvalidInputError
from llmlora.kit.files import sha256_of_file

REPOSITORY = Path(__file__).parents[4]
SITE = REPOSITORY / "site"
# The file of each language's build; the second inherits from the first.
CONFIGURATIONS = {"en": "mkdocs.yml", "ja": "mkdocs.ja.yml"}
# Shown by snippets, beside the pages themselves.
_SHOWN = ("docs/*.md", "mkdocs*.yml")
_EXTENSION = Path(__file__).with_name("japanese.py")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")

# Says one thing to whoever waits: Japanese, English.
Say = Callable[[str, str], None]


class ManualNotBuiltError(InvalidInputError):
    """A page of the manual cannot be built, or (strictly) leads nowhere."""

    code = "manual_not_built"
    ja = "マニュアル（{configuration}）をビルドできませんでした。次の点を直してください。\n{problems}"
    en = "The manual ({configuration}) could not be built. Correct the following.\n{problems}"


def built_manual(say: Say, root: Path = REPOSITORY, *, strict: bool = False) -> Path:
    """The folder with the site of the present sources; made first when there is none. `strict`: made anew, without a warning.

    Raises:
        ManualNotBuiltError: what the builder says; `strict`: also of a link that leads nowhere.
    """
    site = root / "site"
    digest = digest_of_sources(root)
    with _alone(root):
        stamp = site / ".built"
        if not strict and stamp.is_file() and stamp.read_text() == digest:
            return site
        say("マニュアルをビルドしています（数秒）", "building the manual (a few seconds)")
        _forget_pages(root)
        with ThreadPoolExecutor() as pool:
            built = [pool.submit(_build, root, *one, strict=strict) for one in CONFIGURATIONS.items()]
            for one in built:
                one.result()
        stamp.write_text(digest)
    return site


def digest_of_sources(root: Path = REPOSITORY) -> str:
    """Hex digest of everything that the site is made of."""
    digest = hashlib.sha256()
    files = {path for pattern in _SHOWN for path in root.glob(pattern)}
    for folder in ("docs/en", "docs/ja", "docs/theme"):
        files |= {path for path in (root / folder).rglob("*") if path.is_file()}
    digest.update(sha256_of_file(_EXTENSION).encode())
    for path in sorted(files):
        digest.update(f"{path.relative_to(root).as_posix()}\0{sha256_of_file(path)}\n".encode())
    return digest.hexdigest()


def _forget_pages(root: Path) -> None:
    """The builder keeps what it has drawn by the text alone, and would miss that an extension draws it in another way."""
    for kept in (root / ".cache").iterdir():
        if kept.name.isdecimal():
            kept.unlink()


def _build(root: Path, language: str, configuration: str, *, strict: bool) -> None:
    made = root / ".cache" / "manual" / language
    shutil.rmtree(made, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "zensical",
        "build",
        "-f",
        configuration,
        *(["--strict"] if strict else []),
    ]
    env = {**os.environ, "MANUAL_SITE": made.relative_to(root).as_posix(), "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not (made / "index.html").is_file():
        said = _COLOURS.sub("", done.stdout + done.stderr).partition("Traceback")[0].strip()
        raise ManualNotBuiltError(configuration=configuration, problems=said or f"exit {done.returncode}")
    target = root / "site" / language
    target.parent.mkdir(exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    made.rename(target)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    folder = root / ".cache"
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder / ".manual.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
