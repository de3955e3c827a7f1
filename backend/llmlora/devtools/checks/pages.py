"""What `check` says about the pages: style, types, translations, the generated client, and what a browser has to load."""

import gzip
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from llmlora.engine.pages.build import FRONTEND, Pages, built_pages, install_packages
from llmlora.engine.pages.node import require_node
from llmlora.entry.console import err
from llmlora.kit.net import free_port

GENERATED = FRONTEND / "src" / "lib" / "api" / "generated"
# First-load JavaScript that a page names in its HTML (gzip). The aim is 150 kB; of that react-dom and Next.js' client take
# 131 kB before the first line of ours (docs/performance.md). No page may grow beyond what it takes now.
BUDGET_BYTES = 215_000
PAGES = (
    "/", "/datasets", "/datasets/ds_0", "/models", "/models/find", "/training", "/training/new", "/training/job_0",
    "/training/compare", "/evaluate", "/chat", "/playground", "/learn", "/learn/1", "/notifications", "/system",
)  # fmt: skip
_START_S = 60.0
_SCRIPT = re.compile(r"<script\b([^>]*)>")
_SOURCE = re.compile(r'\bsrc="(/_next/static/[^"]+\.js)')


def packages() -> str:
    """Install what the other steps need."""
    install_packages(require_node(), _say)
    return ""


def style() -> str:
    """What ESLint finds: also the import law, and text that no language file has."""
    return run_program("eslint", ".")


def types() -> str:
    """What the compiler finds, after Next.js has written the types of the routes."""
    return run_program("next", "typegen") or run_program("tsc", "--noEmit")


def translations() -> str:
    """Keys and arguments that one language has and the other lacks."""
    return run_program("vitest", "run", "--project", "logic", "src/lib/i18n")


def client_drift() -> str:
    """Whether the committed client is the one that the OpenAPI document makes."""
    with tempfile.TemporaryDirectory() as folder:
        problem = generate_client(Path(folder))
        if problem or _files(Path(folder)) == _files(GENERATED):
            return problem
    return f"not as docs/openapi.json says: {GENERATED.relative_to(FRONTEND.parent)}"


def generate_client(folder: Path = GENERATED) -> str:
    """Draw the client from docs/openapi.json; returns what went wrong."""
    return run_program("openapi-ts", GENERATED_CLIENT=str(folder))


def bundle_budget() -> str:
    """Pages whose first load is larger than the budget."""
    sizes = first_load_bytes(built_pages(require_node(), _say))
    large = {path: size for path, size in sizes.items() if size > BUDGET_BYTES}
    return "\n".join(
        f"{path}: {size / 1000:.1f} kB of JavaScript (gzip), allowed {BUDGET_BYTES / 1000:.0f} kB"
        for path, size in large.items()
    )


def first_load_bytes(pages: Pages) -> dict[str, int]:
    """Gzip bytes of the scripts that each page names in its HTML."""
    with _served(pages) as url, httpx.Client(base_url=url, trust_env=False, timeout=30.0) as client:
        return {path: sum(_gzip_bytes(pages, script) for script in _scripts(client, path)) for path in PAGES}


def run_program(name: str, *arguments: str, **environment: str) -> str:
    """What a failing program of `node_modules` printed; empty when it passed."""
    node = require_node()
    program = FRONTEND / "node_modules" / ".bin" / name
    done = subprocess.run(
        [node.node, str(program), *arguments],
        cwd=FRONTEND,
        env=node.environment(**environment),
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"$ {name} {' '.join(arguments)}\n{done.stdout}{done.stderr}"


def _scripts(client: httpx.Client, path: str) -> set[str]:
    page = client.get(path)
    page.raise_for_status()
    tags = [tag for tag in _SCRIPT.findall(page.text) if "nomodule" not in tag.lower()]
    return {found.group(1) for tag in tags if (found := _SOURCE.search(tag))}


def _gzip_bytes(pages: Pages, script: str) -> int:
    file = pages.static / script.removeprefix("/_next/static/")
    return len(gzip.compress(file.read_bytes(), 6))


@contextmanager
def _served(pages: Pages) -> Iterator[str]:
    port = free_port()
    env = {**os.environ, "PORT": str(port), "HOSTNAME": "127.0.0.1", "NODE_ENV": "production"}
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [pages.node.node, str(pages.server)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_until_served(url)
            yield url
        finally:
            server.terminate()


def _wait_until_served(url: str) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            httpx.get(f"{url}/healthz", trust_env=False).raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def _say(ja: str, en: str) -> None:
    err().print(f"[dim]{ja} / {en}[/]", highlight=False, soft_wrap=True)
