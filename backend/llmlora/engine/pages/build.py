"""The production build of the pages: made once for a set of sources and kept.

Guarantee: `.pages/DIGEST` is a whole build of exactly the sources with that digest, or absent. A server keeps the
build that it was started from; what is built later stands beside it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from llmlora.engine.pages.errors import PagesNotBuiltError
from llmlora.engine.pages.node import Node
from llmlora.kit.files import published_directory, sha256_of_file, write_atomically
from llmlora.kit.processes import PARENT_VARIABLE

FRONTEND = Path(__file__).parents[4] / "frontend"
SOURCES = ("package.json", "package-lock.json", "next.config.ts", "postcss.config.mjs", "tsconfig.json")
SOURCE_FOLDERS = ("src", "messages", "public")
BUILDS_KEPT = 3
# Holds the digest of the lock file that was installed.
STAMP = Path("node_modules") / ".installed"

# Says one thing to whoever waits: Japanese, English.
Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Pages:
    """A built set of pages and the Node.js that serves them."""

    node: Node
    folder: Path

    @property
    def server(self) -> Path:
        """The program that serves them (`PORT`, `HOSTNAME`)."""
        return self.folder / "server.js"

    @property
    def static(self) -> Path:
        """Scripts, styles and fonts as browsers fetch them."""
        return self.folder / ".next" / "static"


def built_pages(node: Node, say: Say, frontend: Path = FRONTEND) -> Pages:
    """The build of the present sources; made first when there is none.

    Raises:
        PagesNotBuiltError: installing the packages or building failed.
    """
    target = frontend / ".pages" / digest_of_sources(frontend)[:16]
    if not target.exists():
        with _alone(frontend, say):
            if not target.exists():
                _install(node, say, frontend)
                _build(node, say, frontend, target)
                _forget_old_builds(target)
    os.utime(target)
    return Pages(node, target)


def install_packages(node: Node, say: Say, frontend: Path = FRONTEND) -> None:
    """`npm install`, unless `node_modules` is what the lock file says.

    Raises:
        PagesNotBuiltError: a package could not be installed.
    """
    if _is_installed(frontend):
        return  # whoever builds meanwhile is none of our business
    with _alone(frontend, say):
        _install(node, say, frontend)


def _is_installed(frontend: Path) -> bool:
    stamp = frontend / STAMP
    return stamp.exists() and stamp.read_text() == sha256_of_file(frontend / "package-lock.json")


def _install(node: Node, say: Say, frontend: Path) -> None:
    if _is_installed(frontend):
        return
    wanted = sha256_of_file(frontend / "package-lock.json")
    say(
        "画面に必要なパッケージを取得しています（npm、1〜2 分）",
        "getting the packages for the pages (npm, 1–2 minutes)",
    )
    # Not `npm ci`: it refuses where a registry lacks another system's optional packages. The lock's versions hold here too.
    argv = [
        *node.npm,
        "install",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
    ]
    _run("npm install", argv, node, frontend)
    write_atomically(frontend / STAMP, wanted.encode())


def digest_of_sources(frontend: Path = FRONTEND) -> str:
    """Hex digest of everything that the build depends on; tests are no part of it."""
    digest = hashlib.sha256()
    files = [frontend / name for name in SOURCES]
    for folder in SOURCE_FOLDERS:
        files += sorted(p for p in (frontend / folder).rglob("*") if p.is_file() and ".test." not in p.name)
    for path in files:
        digest.update(f"{path.relative_to(frontend).as_posix()}\0{sha256_of_file(path)}\n".encode())
    return digest.hexdigest()


def _build(node: Node, say: Say, frontend: Path, target: Path) -> None:
    say("画面をビルドしています（1〜2 分）", "building the pages (1–2 minutes)")
    started = time.monotonic()
    made = frontend / ".next" / "standalone"
    shutil.rmtree(made, ignore_errors=True)
    _run("next build", [node.node, "node_modules/next/dist/bin/next", "build"], node, frontend)
    with published_directory(target) as folder:
        shutil.copytree(made, folder, dirs_exist_ok=True, symlinks=True)
        shutil.copytree(frontend / ".next" / "static", folder / ".next" / "static")
        if (frontend / "public").exists():
            shutil.copytree(frontend / "public", folder / "public")
    seconds = round(time.monotonic() - started)
    say(f"画面をビルドしました（{seconds} 秒）", f"built the pages in {seconds} s")


def _run(step: str, argv: list[str], node: Node, frontend: Path) -> None:
    log = frontend / ".pages" / "build.log"
    env = node.environment(CI="1", NODE_ENV="production", **{PARENT_VARIABLE: str(os.getpid())})
    if step == "npm install":
        del env["NODE_ENV"]  # it would leave out what building needs
    bound = [sys.executable, "-m", "llmlora.kit.bound", *argv]
    with log.open("ab") as stream:
        begin = stream.tell()
        done = subprocess.run(
            bound, cwd=frontend, env=env, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, check=False
        )
    if done.returncode != 0:
        lines = log.read_bytes()[begin:].decode(errors="replace").strip().splitlines() or ["–"]
        raise PagesNotBuiltError(step=step, log=log, last=lines[-1])


def _forget_old_builds(newest: Path) -> None:
    builds = sorted(
        (p for p in newest.parent.iterdir() if p.is_dir() and not p.name.startswith(".")),
        key=lambda p: p.stat().st_mtime,
    )
    served = _served_folders()
    for old in [p for p in builds if p != newest][: -(BUILDS_KEPT - 1)]:
        if old.resolve() not in served:
            shutil.rmtree(old, ignore_errors=True)


def _served_folders() -> set[Path]:
    """Where programs of this machine work; a server of Next.js works in its build."""
    return {Path(process.info["cwd"]) for process in psutil.process_iter(["cwd"]) if process.info["cwd"]}


@contextmanager
def _alone(frontend: Path, say: Say) -> Iterator[None]:
    """Hold the one lock on `node_modules` and `.next`."""
    folder = frontend / ".pages"
    folder.mkdir(exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("別のビルドが終わるのを待っています", "waiting for another build")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
