"""A whole studio with its pages and an Ollama beside it, and the flows that a browser walks through in it."""

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmlora.devtools.browser import FIREFOX, BrowserMissingError, find_browser, find_chromium
from llmlora.engine.pages.build import FRONTEND, install_packages
from llmlora.engine.pages.node import require_node
from llmlora.kit.net import free_port

from tests.factories import bundled_gguf
from tests.with_ollama.standin.process import running_standin

FLOW_TIMEOUT_S = 1700
"""Of one flow, on a machine that several share."""


@dataclass(frozen=True)
class Studio:
    """A running `up`."""

    data_dir: Path
    api_url: str
    pages_url: str
    chromium: str
    node: str


@contextmanager
def running_studio(data_dir: Path, **environment: str) -> Iterator[Studio]:
    """`up --detach` on free ports, as a user has it; everything is ended and asserted gone at the end.

    The Ollama is the stand-in, which has nothing yet and can get the bundled model under its name in the library.
    """
    node, chromium = require_node(), find_chromium()
    install_packages(node, lambda _ja, _en: None)
    api_port, pages_port = free_port(), free_port()
    ports = ("--api-port", str(api_port), "--pages-port", str(pages_port))
    with running_standin(data_dir.parent / "ollama") as ollama:
        ollama.seed("smollm2:135m", bundled_gguf())
        beside = {"OLLAMA_HOST": ollama.url, "OLLAMA_MODELS": str(ollama.models)}
        try:
            llmlora("up", "--detach", "--data-dir", str(data_dir), *ports, **beside, **environment)
            yield Studio(
                data_dir,
                f"http://127.0.0.1:{api_port}",
                f"http://127.0.0.1:{pages_port}",
                chromium,
                node.node,
            )
        finally:
            llmlora("down", "--data-dir", str(data_dir))


def walk(studio: Studio, flow: str, pictures: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one file of frontend/flows/ to its end; the first step that fails ends it, and leaves a picture.

    `FLOW_FIREFOX`: run it in that Firefox instead of Chromium.
    """
    program = ("node_modules/vitest/vitest.mjs", "run", "--project", "flows", "--bail", "1", flow)
    pictures.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        [studio.node, *program],
        cwd=FRONTEND,
        env={
            **os.environ,
            "PAGES_URL": studio.pages_url,
            "API_URL": studio.api_url,
            "DATA_DIR": str(studio.data_dir),
            "CHROMIUM": studio.chromium,
            "FLOW_PICTURES": str(pictures),
            "NO_COLOR": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=FLOW_TIMEOUT_S,
    )


def firefox_or_skip() -> str:
    """Path of a Firefox, installed where this may be done; a test that cannot have one says why it is skipped."""
    try:
        return find_browser(FIREFOX)
    except BrowserMissingError as missing:
        warnings.warn(f"not seen in Firefox: {missing}", stacklevel=2)  # a skip alone is a letter among dots
        pytest.skip(f"not seen in Firefox: {missing}")


def llmlora(*arguments: str, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "llmlora.entry.cli", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
