"""How this machine reaches its package registries: what a step of a build needs beside what its Dockerfile says.

A step runs as it would on a machine that has the network; where registries are mirrors, pip and npm are told so by files
and variables, which the steps get as they are. None of it is part of a Dockerfile, and none of it stays in a root.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.containers.rooms import Mount

_NAMES = re.compile(
    r"PIP_\w+|npm_config_\w+|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(https?|all|no)_proxy",
    re.IGNORECASE,
)
_NETWORK = ("/etc/resolv.conf", "/etc/hosts")


def registry_environment() -> dict[str, str]:
    """Variables of this process that say where packages come from."""
    return {name: value for name, value in os.environ.items() if _NAMES.fullmatch(name)} | _npm_files()


def network_mounts() -> tuple[Mount, ...]:
    """How names are resolved here."""
    return tuple(
        Mount(Path(path).resolve(), path, read_only=True) for path in _NETWORK if Path(path).exists()
    )


def registry_mounts() -> tuple[Mount, ...]:
    """Read-only: the files that pip and npm read here, and what they name, at the places where they lie here."""
    paths = [
        *_NETWORK,
        *_pip_paths(),
        *_npm_files().values(),
        *registry_environment().values(),
        *_npm_values(),
    ]
    found = {
        path for path in paths if path.startswith("/") and Path(path).exists() and len(Path(path).parts) > 2
    }
    # A directory brings what is below it.
    outermost = [path for path in sorted(found) if not any(str(one) in found for one in Path(path).parents)]
    return tuple(Mount(Path(path).resolve(), path, read_only=True) for path in outermost)


def torch_index() -> str | None:
    """An index for torch in place of the Dockerfile's: the setting's, or pip's own where torch's cannot be reached."""
    named = os.environ.get("LLMLORA_TORCH_INDEX_URL")
    if named:
        return named
    try:
        httpx.get("https://download.pytorch.org/whl/cpu/torch/", timeout=5).raise_for_status()
    except httpx.HTTPError:
        return os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    return None


def _pip_paths() -> list[str]:
    """Files and directories in pip's configuration, and the files in which it stands."""
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "debug"], capture_output=True, text=True, check=True
    ).stdout
    files = re.findall(r"^\s+(/.*), exists: True$", told, re.MULTILINE)
    values = re.findall(r"^\s+[\w.-]+[:=]\s*'?(.*?)'?$", told, re.MULTILINE)
    words = [word for value in values for word in value.split()]
    # An index refers to files that lie beside it.
    return files + [
        str(Path(urlsplit(word).path).parent) if word.startswith("file://") else word for word in words
    ]


def _npm_files() -> dict[str, str]:
    """Where npm's configuration lies, by the variables that name it."""
    told = _npm_config()
    found = {f"npm_config_{name}": str(told.get(name, "")) for name in ("userconfig", "globalconfig")}
    return {name: path for name, path in found.items() if path and Path(path).exists()}


def _npm_values() -> list[str]:
    return [str(_npm_config().get(name) or "") for name in ("cafile",)]


def _npm_config() -> dict[str, object]:
    if shutil.which("npm") is None:
        return {}
    done = subprocess.run(
        ["npm", "config", "list", "--json", "--long"], capture_output=True, text=True, check=False
    )
    return dict(json.loads(done.stdout)) if done.returncode == 0 and done.stdout.strip() else {}
