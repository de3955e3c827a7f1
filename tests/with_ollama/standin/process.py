"""`running_standin(tmp_dir)`: the stand-in as a process of its own, gone when the block ends."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import psutil

from llmlora.kit.net import free_port
from llmlora.kit.processes import PARENT_VARIABLE

from tests.with_ollama.standin.character import FIRST
from tests.with_ollama.standin.create import seed
from tests.with_ollama.standin.store import Store

REPOSITORY = Path(__file__).parents[3]
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Standin:
    """A running stand-in."""

    url: str
    models: Path
    """Its store, as `$OLLAMA_MODELS`."""
    registry: Path
    log: Path
    pid: int

    def fault(self, mode: str, route: str | None = None, times: int | None = None) -> None:
        """Do something wrong (`faults.py` says what) on a route, so many times; None: on all, for ever."""
        body = {"mode": mode, "route": route, "times": times}
        self._control("POST", "faults", json=body)

    def heal(self) -> None:
        """Forget all faults."""
        self._control("DELETE", "faults")

    def asked(self) -> list[str]:
        """Every request so far, as "POST /api/create"."""
        return list(self._control("GET", "asked").json())

    def play(self, character: str) -> None:
        """Be another release from now on (`character.py`)."""
        self._control("POST", "character", json={"name": character})

    def seed(
        self,
        name: str,
        gguf: Path,
        *,
        template: str | None = None,
        system: str | None = None,
        params: Mapping[str, Any] | None = None,
        into: Literal["registry", "store"] = "registry",
    ) -> None:
        """Make a model that can be pulled, or that is there already.

        Raises:
            CreateError: `/api/create` would refuse it.
        """
        words = {"template": template, "system": system, "parameters": params}
        seed(Store(self.registry if into == "registry" else self.models), name, gguf, words)

    def _control(self, method: str, what: str, **more: Any) -> httpx.Response:
        answer = httpx.request(method, f"{self.url}/standin/{what}", trust_env=False, **more)
        return answer.raise_for_status()


@contextmanager
def running_standin(
    tmp_dir: Path,
    *,
    character: str = FIRST,
    version: str | None = None,
    pull_piece_bytes: int = 1 << 20,
    pull_delay_s: float = 0.0,
    idle_s: float = 300.0,
) -> Iterator[Standin]:
    """A stand-in with a store, a registry and a log in `tmp_dir`; all its processes are gone afterwards.

    Call it on a thread that outlives the block: the kernel ends the server when that thread ends.
    """
    models, registry, log = tmp_dir / "models", tmp_dir / "registry", tmp_dir / "standin.log"
    port = free_port()
    options = {
        "port": port,
        "models": models,
        "registry": registry,
        "character": character,
        **({"version": version} if version else {}),
        "pull-piece-bytes": pull_piece_bytes,
        "pull-delay-s": pull_delay_s,
        "idle-s": idle_s,
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    tmp_dir.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.with_ollama.standin", *arguments],
            cwd=REPOSITORY,
            env=os.environ | {PARENT_VARIABLE: str(os.getpid())},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for_answer(process, url, log)
        yield Standin(url, models, registry, log, process.pid)
    finally:
        _end(process)


def _wait_for_answer(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            httpx.get(f"{url}/api/version", trust_env=False)
            return
        except httpx.TransportError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the stand-in does not start: {log.read_text()}") from error
            time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server and see that its models went with it."""
    children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
    _, alive = psutil.wait_procs(children, timeout=STOP_TIMEOUT_S)
    assert not alive, f"left behind: {alive}"
