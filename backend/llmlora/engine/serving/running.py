"""One inference server as a child process: started, watched, restarted at the same address, ended with its owner.

The memory bound is a watch on the resident size, not RLIMIT_AS: engines map model files and reserve stacks, so address
space says little, and an allocation that fails inside one aborts in the middle of an answer anyway.
"""

import asyncio
import json
import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import psutil

from llmlora.contracts.run import EndpointInput
from llmlora.engine.hosts.process import child_environment
from llmlora.engine.serving.errors import PortTakenError, ServerStartError
from llmlora.engine.serving.spec import API_KEY_VARIABLE, Served
from llmlora.inference.closing import Closing
from llmlora.kit.errors import AppError
from llmlora.kit.files import write_atomically
from llmlora.kit.processes import end_group, read_reports, spawn_reporting, wait_for_exit

# The one line in which a server says where it listens.
MAX_ADDRESS_BYTES = 64 << 10
START_TIMEOUT_S = 600.0
STOP_GRACE_S = 2.0
WATCH_INTERVAL_S = 1.0
# A loaded machine may be slow to answer; a server that says nothing this many times in a row hangs.
HEALTH_MISSES = 12
HEALTH_TIMEOUT_S = 5.0
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.25, 30.0
# A server that lived this long gets a fresh back-off.
STABLE_S = 60.0

_log = logging.getLogger(__name__)
Spec = TypeVar("Spec", bound=Served)
Client = TypeVar("Client", bound=Closing)
Spec_contra = TypeVar("Spec_contra", bound=Served, contravariant=True)
Client_co = TypeVar("Client_co", bound=Closing, covariant=True)


class ServerProgram(Protocol[Spec_contra, Client_co]):
    """What differs between engines. `module`: the program, which is given the spec's file, the key by the environment, and
    writes one JSON line on descriptor 3, `{"address": …}` or why there is none; it answers `GET /health`."""

    @property
    def module(self) -> str:
        """What `python -m` runs."""

    def check(self, spec: Spec_contra, /) -> None:
        """Cheap refusals before a process is made.

        Raises:
            AppError: a file is not there or is of another kind; the limit cannot be kept.
        """

    def explain(self, spec: Spec_contra, report: Mapping[str, Any], log: Path, status: int, /) -> AppError:
        """Why it did not start, as an error that a person can act on."""

    def endpoint(self, spec: Spec_contra, address: str, api_key: str, /) -> EndpointInput:
        """Where it answers, once it has started. Blocking."""

    def client(self, endpoint: EndpointInput, /) -> Client_co:
        """Somebody who asks it."""


class RunningServer(Generic[Spec, Client]):
    """A server of one model. The endpoint stays valid across restarts."""

    def __init__(self, program: ServerProgram[Spec, Client], spec: Spec, work_dir: Path) -> None:
        self._program = program
        self._spec = spec
        self._work_dir = work_dir
        self._api_key = secrets.token_urlsafe(32)
        self._exited: asyncio.Future[int] | None = None
        self._answering = False
        self._probe_port = 0
        self.pid = 0
        self.restarts = 0
        self.failure: AppError | None = None
        """Why the last restart failed; None since a start went well."""
        self.endpoint: EndpointInput
        self.backend: Client

    async def open(self) -> None:
        """Start for the first time and fix address and key.

        Raises:
            AppError: as `serving`.
        """
        address = await self._start(self._spec)
        self._answering = True
        self._spec = self._spec.model_copy(update={"port": urlsplit(address).port})
        told = self._program.endpoint
        self.endpoint = await asyncio.to_thread(told, self._spec, address, self._api_key)
        self.backend = self._program.client(self.endpoint)

    @property
    def alive(self) -> bool:
        """Whether the process runs and has its model; False between a death and the restart."""
        return self._answering and self._exited is not None and not self._exited.done()

    def in_use(self) -> bool:
        """Whether anybody but our watch is connected: an answer that is being made holds its connection.

        The kernel is asked, not the server: a server that reads a long prompt answers nobody else, and a question
        would wake one that sleeps.
        """
        try:
            connections = psutil.Process(self.pid).net_connections(kind="tcp4")
        except psutil.NoSuchProcess:
            return False
        except psutil.Error:
            return True
        return any(
            c.status == psutil.CONN_ESTABLISHED
            and c.laddr.port == self._spec.port
            and c.raddr.port != self._probe_port
            for c in connections
        )

    def rss_bytes(self) -> int | None:
        """Resident size, mapped weights included; None while there is no process."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return None

    async def close(self) -> None:
        """End the process group and the client."""
        if self._exited is not None:
            await end_group(self.pid, self._exited, grace_s=STOP_GRACE_S)
        with suppress(AttributeError):
            await self.backend.aclose()

    async def keep_alive(self) -> None:
        """Restart the server whenever it dies, hangs or outgrows its limit. Runs until cancelled."""
        backoff_s = FIRST_BACKOFF_S
        while True:
            lived_s = await self._until_unfit()
            backoff_s = FIRST_BACKOFF_S if lived_s > STABLE_S else min(2 * backoff_s, LONGEST_BACKOFF_S)
            await asyncio.sleep(backoff_s)
            try:
                self._program.check(self._spec)
                await self._start(self._spec)
            except AppError as error:
                self.failure = error
                _log.warning("inference server: restart failed: %s", error.code)
                continue
            self.restarts += 1
            self.failure, self._answering = None, True
            _log.info("inference server: restarted as %d (restart %d)", self.pid, self.restarts)

    async def _until_unfit(self) -> float:
        """Wait until the process is gone (ending it if need be); seconds it lived under watch."""
        clock = asyncio.get_running_loop().time
        started, misses = clock(), 0
        exited = self._exited
        while exited is not None and not exited.done():
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_INTERVAL_S):
                    await asyncio.shield(exited)
                break
            misses = 0 if await self._healthy() else misses + 1
            if misses >= HEALTH_MISSES or self._outgrown():
                _log.warning("inference server: ending %d (%d missed health checks)", self.pid, misses)
                await end_group(self.pid, exited, grace_s=STOP_GRACE_S)
        self._answering = False
        return clock() - started

    async def _healthy(self) -> bool:
        """`GET /health` from a port that `in_use` knows as ours."""
        loop = asyncio.get_running_loop()
        with socket.socket() as probe:
            probe.setblocking(False)
            try:
                probe.bind(("127.0.0.1", 0))
                self._probe_port = probe.getsockname()[1]
                async with asyncio.timeout(HEALTH_TIMEOUT_S):
                    await loop.sock_connect(probe, ("127.0.0.1", self._spec.port))
                    await loop.sock_sendall(
                        probe, b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                    )
                    return (await loop.sock_recv(probe, 64)).startswith(b"HTTP/1.1 200")
            except OSError:  # TimeoutError is one, too
                return False

    def _outgrown(self) -> bool:
        limit = self._spec.memory_limit_bytes
        return limit is not None and (self.rss_bytes() or 0) > limit

    async def _start(self, spec: Spec) -> str:
        """Spawn the child and wait for its address.

        Raises:
            AppError: as `serving`.
        """
        if spec.port is not None:
            _refuse_taken_port(spec.port)
        spec_path, log = self._work_dir / "server.json", self._work_dir / "server.log"
        try:
            write_atomically(spec_path, spec.model_dump_json(indent=2).encode())
            log.unlink(missing_ok=True)
            self.pid, read_fd = spawn_reporting(
                [sys.executable, "-m", self._program.module, str(spec_path)],
                env=child_environment({API_KEY_VARIABLE: self._api_key}),
                output=log,
            )
        except OSError as error:
            raise ServerStartError(reason=error, log=log) from error
        self._exited = asyncio.ensure_future(wait_for_exit(self.pid))
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                line = await _read_line(read_fd)
        except TimeoutError as error:
            await end_group(self.pid, self._exited, grace_s=0)
            raise ServerStartError(
                reason=(f"{START_TIMEOUT_S:.0f} 秒間応答なし", f"no answer in {START_TIMEOUT_S:.0f} s"),
                log=log,
            ) from error
        except BaseException:
            await end_group(self.pid, self._exited, grace_s=0)
            raise
        return await self._address(line, spec, log)

    async def _address(self, line: bytes, spec: Spec, log: Path) -> str:
        """The address in the child's line, or the error that explains why there is none."""
        report = json.loads(line) if line.endswith(b"\n") else {}
        if address := report.get("address"):
            return str(address)
        assert self._exited is not None
        status = await end_group(self.pid, self._exited, grace_s=STOP_GRACE_S)
        raise self._program.explain(spec, report, log, status)


@asynccontextmanager
async def serving(
    program: ServerProgram[Spec, Client], spec: Spec, work_dir: Path
) -> AsyncIterator[RunningServer[Spec, Client]]:
    """Serve a model while the block runs. `work_dir` gets the log; a crash of ours ends the server too (Linux).

    Call it from a thread that outlives the block: the kernel ends the child when its parent *thread* ends.

    Raises:
        AppError: what `program` refuses or explains.
        PortTakenError: another program has the port.
        ServerStartError: the process does not come up for another reason.
    """
    program.check(spec)
    work_dir.mkdir(parents=True, exist_ok=True)
    server = RunningServer(program, spec, work_dir)
    await server.open()
    watch = asyncio.create_task(server.keep_alive())
    try:
        yield server
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await server.close()


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTakenError(port=port) from error


async def _read_line(read_fd: int) -> bytes:
    """The child's first line; empty when it died before writing one."""
    reader, transport = await read_reports(read_fd, limit=MAX_ADDRESS_BYTES)
    try:
        return await reader.readline()
    finally:
        transport.close()
