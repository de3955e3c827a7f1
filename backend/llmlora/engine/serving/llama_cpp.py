"""One llama.cpp server as a child process: started, watched, restarted at the same address, ended with its owner.

The memory bound is a watch on the resident size, not RLIMIT_AS: llama.cpp maps model files and reserves stacks, so
address space says little, and an allocation that fails inside ggml aborts in the middle of an answer anyway.
"""

import asyncio
import json
import logging
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from llmlora.contracts.run import EndpointInput
from llmlora.data.chat_files import ends_of
from llmlora.engine.hosts.process import child_environment
from llmlora.engine.serving.errors import (
    GgufBrokenError,
    GgufMissingError,
    MemoryLimitTooSmallError,
    PortTakenError,
    ServerStartError,
)
from llmlora.engine.serving.spec import API_KEY_VARIABLE, AdapterFile, LlamaCppSpec
from llmlora.inference.llama_cpp import LlamaCppBackend
from llmlora.kit.errors import AppError
from llmlora.kit.files import write_atomically
from llmlora.kit.processes import end_group, read_reports, spawn_reporting, wait_for_exit

# The one line in which a server says where it listens.
MAX_ADDRESS_BYTES = 64 << 10

__all__ = ["AdapterFile", "LlamaCppSpec", "RunningServer", "llama_cpp_server"]

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


class RunningServer:
    """A served base model with its adapters. The endpoint stays valid across restarts."""

    def __init__(self, spec: LlamaCppSpec, work_dir: Path) -> None:
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
        self.backend: LlamaCppBackend

    async def open(self) -> None:
        """Start for the first time and fix address and key.

        Raises:
            AppError: as `llama_cpp_server`.
        """
        address = await self._start(self._spec)
        tokenizer = self._spec.tokenizer
        ends = () if tokenizer is None else await asyncio.to_thread(ends_of, tokenizer)
        self._answering = True
        self._spec = self._spec.model_copy(update={"port": urlsplit(address).port})
        self.endpoint = EndpointInput(
            engine="llama_cpp",
            base_url=address,
            api_key=self._api_key,
            model=self._spec.model_name,
            adapter_index=0 if self._spec.adapters else None,
            ends=ends,
        )
        self.backend = LlamaCppBackend(self.endpoint)

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
                _check_files(self._spec)
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

    async def _start(self, spec: LlamaCppSpec) -> str:
        """Spawn the child and wait for its address.

        Raises:
            AppError: as `llama_cpp_server`.
        """
        if spec.port is not None:
            _refuse_taken_port(spec.port)
        spec_path, log = self._work_dir / "server.json", self._work_dir / "server.log"
        try:
            write_atomically(spec_path, spec.model_dump_json(indent=2).encode())
            log.unlink(missing_ok=True)
            self.pid, read_fd = spawn_reporting(
                [sys.executable, "-m", "llmlora.engine.serving.server_main", str(spec_path)],
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

    async def _address(self, line: bytes, spec: LlamaCppSpec, log: Path) -> str:
        """The address in the child's line, or the error that explains why there is none."""
        report = json.loads(line) if line.endswith(b"\n") else {}
        if address := report.get("address"):
            return str(address)
        assert self._exited is not None
        status = await end_group(self.pid, self._exited, grace_s=STOP_GRACE_S)
        raise _explain(log, spec, status)


@asynccontextmanager
async def llama_cpp_server(spec: LlamaCppSpec, work_dir: Path) -> AsyncIterator[RunningServer]:
    """Serve a model while the block runs. `work_dir` gets the log; a crash of ours ends the server too (Linux).

    Call it from a thread that outlives the block: the kernel ends the child when its parent *thread* ends.

    Raises:
        GgufMissingError: a file is not there.
        GgufBrokenError: llama.cpp refuses the model, an adapter or the template.
        MemoryLimitTooSmallError: the limit is below the model's size.
        PortTakenError: another program has the port.
        ServerStartError: the process does not come up for another reason.
    """
    _check_files(spec)
    work_dir.mkdir(parents=True, exist_ok=True)
    server = RunningServer(spec, work_dir)
    await server.open()
    watch = asyncio.create_task(server.keep_alive())
    try:
        yield server
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await server.close()


def _check_files(spec: LlamaCppSpec) -> None:
    """Cheap refusals before a process is made."""
    for path in (spec.gguf, *(a.path for a in spec.adapters)):
        if not path.is_file():
            raise GgufMissingError(path=path)
        try:
            with path.open("rb") as stream:
                header = stream.read(4)
        except OSError as error:
            raise GgufBrokenError(path=path, reason=error.strerror) from error
        if header != b"GGUF":
            raise GgufBrokenError(path=path, reason=("GGUF のヘッダーがない", "no GGUF header"))
    if spec.chat_template is not None and not spec.chat_template.is_file():
        raise GgufMissingError(path=spec.chat_template)
    model_bytes = spec.gguf.stat().st_size
    if spec.memory_limit_bytes is not None and spec.memory_limit_bytes < model_bytes:
        raise MemoryLimitTooSmallError(limit_bytes=spec.memory_limit_bytes, model_bytes=model_bytes)


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


def _explain(log: Path, spec: LlamaCppSpec, status: int) -> AppError:
    """Turn llama.cpp's own words into an error a person can act on."""
    text = log.read_text(errors="replace") if log.exists() else ""
    errors = [line.split(": ", 1)[-1].strip() for line in text.splitlines() if " E " in line]
    reason = errors[0] if errors else f"exit status {status}"
    if "couldn't bind HTTP server socket" in text:
        return PortTakenError(port=spec.port)
    if "load lora adapter" in text or "lora adapter" in reason:
        broken = next((a.path for a in spec.adapters if f"adapter '{a.path}'" in text), spec.gguf)
        return GgufBrokenError(path=broken, reason=reason)
    if "chat template" in text:
        return GgufBrokenError(path=spec.chat_template or spec.gguf, reason=reason)
    if "failed to load model" in text:
        return GgufBrokenError(path=spec.gguf, reason=reason)
    return ServerStartError(reason=reason, log=log)
