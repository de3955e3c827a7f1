"""A true platform for the client: API, worker and inference under `up`, on a port of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from llmlora.client import Client
from llmlora.kit.net import free_port


def _llmlora(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "-m", "llmlora.entry.cli", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def platform_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of its API."""
    home = ("--data-dir", str(tmp_path_factory.mktemp("platform") / "data"))
    port = free_port()
    _llmlora("up", "--detach", "--no-pages", "--api-port", str(port), *home)
    yield f"http://127.0.0.1:{port}"
    _llmlora("down", *home)


@pytest.fixture
def client(platform_url: str) -> Iterator[Client]:
    with Client(platform_url, language="en") as opened:
        yield opened
