"""The worker's side of the nursery (`recipes.nursery`): children that begin with the learning libraries loaded."""

import asyncio
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import structlog

from llmlora.engine.hosts.handle import RunHandle
from llmlora.engine.hosts.process import RECIPE, ChildProcess, child_environment
from llmlora.kit.processes import signal_group, spawn, wait_for_exit
from llmlora.recipes.nursery import MAX_PACKET_BYTES, ChildState, StartChild

IDLE_S = 600.0
NURSERY_PROGRAM = (sys.executable, "-m", "llmlora.recipes.nursery")
GPU_DEVICES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")  # NVIDIA, AMD, and what WSL shows of either
_log = structlog.get_logger()


def can_fork() -> bool:
    """Whether children of this machine may be forked: on Linux, without an accelerator, whose driver survives no fork."""
    return sys.platform == "linux" and not any(Path(device).exists() for device in GPU_DEVICES)


class Nursery:
    """Starts recipes' children by fork. Begins with the first, ends ten minutes after the last; a dead one is replaced."""

    def __init__(self, data_dir: Path, *, idle_s: float = IDLE_S) -> None:
        self._data_dir, self._idle_s = data_dir, idle_s
        self._open: _Open | None = None

    @property
    def pid(self) -> int | None:
        """Its process, while there is one."""
        return None if self._open is None or self._open.is_over else self._open.pid

    async def start(
        self, run_dir: Path, env: Mapping[str, str], output: Path, secrets: bytes = b""
    ) -> RunHandle:
        """As `process.RECIPE`, which takes over when the nursery fails, the libraries have to load otherwise, or the
        child is handed secrets.

        Raises:
            OSError: as `Host`.
        """
        if secrets or not _loads_alike(env):
            return await RECIPE(run_dir, env, output, secrets)
        try:
            if self._open is None or self._open.is_over:
                self._open = _Open(self._data_dir, self._idle_s)
            return await self._open.fork(run_dir, env, output)
        except OSError as error:
            _log.warning("nursery: it does not answer, the child is executed", error=str(error))
            return await RECIPE(run_dir, env, output)

    async def close(self) -> None:
        """End it; children that live die with it."""
        if self._open is not None:
            await self._open.close()


def _loads_alike(env: Mapping[str, str]) -> bool:
    """Libraries read their settings (offline, proxies, devices) as they load: ours alone may differ from child to child."""
    return {
        name: value for name, value in env.items() if not name.startswith("LLMLORA_")
    } == child_environment()


def _end_unwanted(pid: int, read_fd: int) -> None:
    """Nobody waits for it any more."""
    os.close(read_fd)
    signal_group(pid, signal.SIGKILL)


class _Open:
    """One process of the nursery and what was asked of it."""

    def __init__(self, data_dir: Path, idle_s: float) -> None:
        loop = asyncio.get_running_loop()
        output = data_dir / "logs" / "nursery.log"
        output.parent.mkdir(parents=True, exist_ok=True)
        argv = [*NURSERY_PROGRAM, str(data_dir)]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                pid = spawn(argv, env=child_environment(), output=output, events_fd=theirs.fileno())
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        self.pid = pid
        self._link = ours
        self._gone = asyncio.ensure_future(wait_for_exit(pid))
        self._asked: deque[tuple[asyncio.Future[ChildProcess], Path]] = deque()
        self._pipes: deque[int] = deque()
        self._living: dict[int, asyncio.Future[int]] = {}
        self._idle_s = idle_s
        self._idle: asyncio.TimerHandle | None = None
        self.is_over = False
        loop.add_reader(ours, self._read_packet)

    async def fork(self, run_dir: Path, env: Mapping[str, str], output: Path) -> ChildProcess:
        """Ask for a child and wait until it has started.

        Raises:
            OSError: the nursery is gone, or `output` cannot be opened.
        """
        self._keep_open()
        started: asyncio.Future[ChildProcess] = asyncio.get_running_loop().create_future()
        order = StartChild(run_dir=run_dir, env=dict(env)).model_dump_json().encode()
        log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        read_fd, write_fd = os.pipe()
        try:
            socket.send_fds(self._link, [order], [write_fd, log])
        except OSError:
            os.close(read_fd)
            raise
        finally:
            os.close(write_fd)
            os.close(log)
        self._asked.append((started, run_dir))
        self._pipes.append(read_fd)
        try:
            return await started
        except asyncio.CancelledError:
            if not started.cancel():  # it started in that very moment
                child = started.result()
                _end_unwanted(child.pid, child.read_fd)
            raise

    async def close(self) -> None:
        """Close our end, which ends it."""
        self._give_up()
        await self._gone

    def _read_packet(self) -> None:
        try:
            packet = self._link.recv(MAX_PACKET_BYTES)
        except BlockingIOError:
            return
        except OSError:
            packet = b""
        if not packet:
            self._give_up()
            return
        child = ChildState.model_validate_json(packet)
        if child.status is None:
            self._child_started(child.pid)
        else:
            self._living.pop(child.pid).set_result(child.status)
        if not self._living and not self._asked:
            self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._give_up)

    def _child_started(self, pid: int) -> None:
        (started, run_dir), read_fd = self._asked.popleft(), self._pipes.popleft()
        exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._living[pid] = exited
        if started.cancelled():
            _end_unwanted(pid, read_fd)
            return
        try:
            started.set_result(ChildProcess(pid, read_fd, exited, run_dir))
        except OSError as error:  # its note could not be written
            _end_unwanted(pid, read_fd)
            started.set_exception(error)

    def _keep_open(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _give_up(self) -> None:
        """It ends or has ended, and its children with it."""
        if self.is_over:
            return
        self.is_over = True
        self._keep_open()
        asyncio.get_running_loop().remove_reader(self._link)
        self._link.close()
        for ended in self._living.values():
            ended.set_result(-signal.SIGKILL)
        for (started, _), read_fd in zip(self._asked, self._pipes, strict=True):
            os.close(read_fd)
            if not started.cancelled():
                started.set_exception(ConnectionError("the nursery is gone"))
        self._living.clear()
        self._asked.clear()
        self._pipes.clear()
