"""Runs as child processes of this machine.

The child knows its run directory, and where recipes are, and nothing else: no database, no Redis, no tokens but those it
is given.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path

from llmlora.engine.hosts.handle import Ended, Host
from llmlora.kit.files import write_atomically
from llmlora.kit.limits import usable_cores
from llmlora.kit.processes import end_group, read_reports, signal_group, spawn_reporting, wait_for_exit
from llmlora.kit.settings import kind_directories
from llmlora.recipes import EXTERNAL_DIRECTORIES

MAX_EVENT_BYTES = 16 << 20
RECIPE_PROGRAM = (sys.executable, "-m", "llmlora.recipes")
PID_FILE = "pid"
_INHERITED = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "TZ",
    "USER",
    "LD_LIBRARY_PATH",
    "VIRTUAL_ENV",
    "SSL_CERT_FILE",
)
_INHERITED_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "PYTORCH_", "ROCR_", "HIP_")


class ChildProcess:
    """A `RunHandle`: the child leads a session and a process group of its own."""

    def __init__(self, pid: int, read_fd: int, exited: "asyncio.Future[int]", run_dir: Path) -> None:
        """`read_fd`: our end of the pipe that it reports through; `exited`: its exit status, or minus its signal.

        Its pid is noted in the run directory, for whoever looks for what a dead worker left (`orphans`).

        Raises:
            OSError: the note could not be written.
        """
        self.pid, self.read_fd, self.exited = pid, read_fd, exited
        self._kills_before = _kills_for_memory()
        write_atomically(run_dir / PID_FILE, str(pid).encode())

    @property
    def where(self) -> str:
        """Its pid."""
        return f"pid {self.pid}"

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended yet."""
        return not self.exited.done()

    async def events(self) -> AsyncGenerator[bytes]:
        """The lines of its pipe."""
        reader, transport = await read_reports(self.read_fd, limit=MAX_EVENT_BYTES)
        try:
            while line := await reader.readline():
                yield line
        finally:
            transport.close()

    async def ended(self) -> Ended:
        """Wait for its exit status."""
        return self._as_ended(await asyncio.shield(self.exited))

    async def stop(self, *, grace_s: float) -> Ended:
        """SIGTERM for its group, SIGKILL after `grace_s`."""
        return self._as_ended(await end_group(self.pid, self.exited, grace_s=grace_s))

    def kill(self) -> None:
        """SIGKILL for its group."""
        signal_group(self.pid, signal.SIGKILL)

    def hold(self) -> None:
        """SIGSTOP for its group."""
        signal_group(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT for its group."""
        signal_group(self.pid, signal.SIGCONT)

    def _as_ended(self, status: int) -> Ended:
        return Ended(status, is_out_of_memory=_kills_for_memory() > self._kills_before)


def executed(program: Sequence[str]) -> Host:
    """A new process of `program`, which is given the run directory as its last argument."""

    async def start(
        run_dir: Path, env: Mapping[str, str], output: Path, secrets: bytes = b""
    ) -> ChildProcess:
        argv = [*program, str(run_dir)]
        pid, read_fd = spawn_reporting(argv, env=env, output=output, secrets=secrets)
        return ChildProcess(pid, read_fd, asyncio.ensure_future(wait_for_exit(pid)), run_dir)

    return start


RECIPE = executed(RECIPE_PROGRAM)


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An allow-listed environment with thread pools as large as our limits allow, which spin for microseconds, then
    sleep, and GPUs that are counted as `nvidia-smi` and we do.

    Two processes whose OpenMP threads spin for milliseconds on the same cores slow each other 7–20 times; threads
    that sleep at once lose as much time to waking up when the machine is quiet.
    """
    env = {k: v for k, v in os.environ.items() if k in _INHERITED or k.startswith(_INHERITED_PREFIXES)}
    cores = str(usable_cores())
    env |= {
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": cores,
        "OPENBLAS_NUM_THREADS": cores,
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "1000",
        "KMP_BLOCKTIME": "0",
        # What Metal has no kernel for is computed on the CPU, slower; torch reads it when it loads, and only on a Mac.
        "PYTORCH_ENABLE_MPS_FALLBACK": os.environ.get("PYTORCH_ENABLE_MPS_FALLBACK", "1"),
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_XET": "1",
    }
    if EXTERNAL_DIRECTORIES:
        env["LLMLORA_RECIPES"] = os.pathsep.join(map(str, EXTERNAL_DIRECTORIES))
    if directories := kind_directories():
        env["LLMLORA_DATA_KINDS"] = os.pathsep.join(map(str, directories))
    return env | dict(extra or {})


def _kills_for_memory() -> int:
    """How often the kernel (Linux) has killed a process of this machine for want of memory."""
    try:
        counters = Path("/proc/vmstat").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in counters.splitlines() if line.startswith("oom_kill ")), 0)
