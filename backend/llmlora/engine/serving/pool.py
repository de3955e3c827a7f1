"""The inference servers of one machine: started when asked for, shared, stopped when nobody needs them.

Callers talk to a server directly and hold no lease. A server counts as used while anybody is connected to it (the kernel
knows) and for `KEEP_S` after that or after its endpoint was given out; only then may the pool stop it.
"""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

from llmlora.contracts.run import EndpointInput
from llmlora.engine.serving.errors import ServerStartError
from llmlora.engine.serving.running import RunningServer
from llmlora.engine.serving.servers import running_server
from llmlora.engine.serving.spec import ServerSpec
from llmlora.kit.clock import utc_now
from llmlora.kit.errors import AppError, UnavailableError

# What `EndpointSource` promises: an endpoint outlives a minute without requests.
KEEP_S = 60.0
LOOK_INTERVAL_S = 2.0
# A server that died restarts within a second or two; one that does not is replaced.
REVIVAL_S = 5.0
_POLL_S = 0.05

_log = logging.getLogger(__name__)

_Server = RunningServer[Any, Any]
_Key = tuple[ServerSpec, tuple[tuple[int, int] | None, ...]]


class ServersBusyError(UnavailableError):
    """Every server is in use, and there are as many as the pool may ever have."""

    code = "inference_servers_busy"
    ja = "推論サーバーが {servers} 台とも使用中です。回答が終わってから、もう一度試してください。"
    en = "All {servers} inference servers are in use. Try again when they have finished their answers."


class ServerStatus(BaseModel):
    """One running server, for the system page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str
    model: Path
    """The file or the directory that is served."""
    adapters: tuple[str, ...]
    pid: int
    alive: bool
    in_use: bool
    restarts: int
    last_used: datetime
    rss_bytes: int | None


class _Pooled:
    """A server of the pool, from the wish for it to its end."""

    def __init__(self, spec: ServerSpec, now: float) -> None:
        self.spec = spec
        self.last_used = now
        self.unwanted = asyncio.Event()
        self.ready: asyncio.Future[_Server] = asyncio.get_running_loop().create_future()
        # Nobody may be left to hear of a failed start.
        self.ready.add_done_callback(lambda ready: ready.cancelled() or ready.exception())
        self.life: asyncio.Task[None]

    def fail(self, error: AppError) -> None:
        """Tell everybody who waits for the server why there is none."""
        if not self.ready.done():
            self.ready.set_exception(error)

    @property
    def server(self) -> _Server | None:
        """None while it starts."""
        return self.ready.result() if self.ready.done() and self.ready.exception() is None else None


class ServerPool:
    """An `EndpointSource` of this process. Use as `async with`, on a thread that outlives the block.

    `max_servers` is what the pool returns to. While all of them are in use it goes up to twice that number, so that a
    long answer neither is cut nor keeps the next person waiting. `idle_s`: how long a server stays without any use.
    """

    def __init__(
        self, work_root: Path, *, max_servers: int = 3, idle_s: float = 600, keep_s: float = KEEP_S
    ) -> None:
        self._work_root = work_root
        self._max_servers = max_servers
        self._idle_s = idle_s
        self._keep_s = keep_s
        self._servers: dict[_Key, _Pooled] = {}
        self._lives: set[asyncio.Task[None]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._work_root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for leftover in self._work_root.glob("server-*"):  # of a pool that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        self._watch = asyncio.create_task(self._look_after())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._watch is not None
        self._watch.cancel()
        self._servers.clear()
        for life in self._lives:
            life.cancel()
        await asyncio.gather(self._watch, *self._lives, return_exceptions=True)

    async def endpoint(self, spec: ServerSpec) -> EndpointInput:
        """An endpoint that serves exactly `spec` from the files as they are now, started if need be.

        Good for at least a minute without requests; whoever keeps it longer asks again.

        Raises:
            AppError: as `engine.serving.servers.running_server`.
            ServersBusyError: twice `max_servers` are in use.
        """
        key = _key(spec)
        while True:
            pooled = self._servers.get(key) or self._start(key)
            pooled.last_used = self._now()
            # One caller that leaves must not end the start that others wait for.
            server = await asyncio.shield(pooled.ready)
            if await self._revived(server):
                pooled.last_used = self._now()
                return server.endpoint
            if self._servers.get(key) is pooled:
                _log.warning("inference pool: replacing a server that does not come back")
                self._stop(key)

    def endpoint_at(self, port: int) -> EndpointInput | None:
        """The endpoint of the server that has this port of the machine; None: none of ours."""
        for pooled in self._servers.values():
            if pooled.server is not None and urlsplit(pooled.server.endpoint.base_url).port == port:
                return pooled.server.endpoint
        return None

    def status(self) -> list[ServerStatus]:
        """The servers that have started, the one used last first."""
        running = sorted(self._servers.values(), key=lambda pooled: -pooled.last_used)
        return [self._status(pooled, server) for pooled in running if (server := pooled.server) is not None]

    def _status(self, pooled: _Pooled, server: _Server) -> ServerStatus:
        in_use = server.in_use()
        age_s = 0.0 if in_use else self._now() - pooled.last_used
        return ServerStatus(
            engine=pooled.spec.engine,
            model=pooled.spec.weights,
            adapters=pooled.spec.adapter_names,
            pid=server.pid,
            alive=server.alive,
            in_use=in_use,
            restarts=server.restarts,
            last_used=utc_now() - timedelta(seconds=age_s),
            rss_bytes=server.rss_bytes(),
        )

    async def _revived(self, server: _Server) -> bool:
        """Whether a server runs, or restarts soon."""
        deadline = self._now() + REVIVAL_S
        while not server.alive:
            if server.failure is not None or self._now() > deadline:
                return False
            await asyncio.sleep(_POLL_S)
        return True

    def _start(self, key: _Key) -> _Pooled:
        """Begin a server's life, after making room for it."""
        self._stop_beyond(self._max_servers - 1)
        if len(self._servers) >= 2 * self._max_servers:
            raise ServersBusyError(servers=len(self._servers))
        pooled = self._servers[key] = _Pooled(key[0], self._now())
        pooled.life = asyncio.create_task(self._live(key, pooled, frozenset(self._leaving)))
        self._lives.add(pooled.life)
        pooled.life.add_done_callback(self._lives.discard)
        return pooled

    async def _live(self, key: _Key, pooled: _Pooled, leaving: frozenset[asyncio.Task[None]]) -> None:
        """Run one server until it is unwanted, from when those that leave have freed their memory and ports."""
        try:
            if leaving:
                await asyncio.wait(leaving)
            with _work_dir(self._work_root) as work_dir:
                async with running_server(pooled.spec, work_dir) as server:
                    pooled.ready.set_result(server)
                    await pooled.unwanted.wait()
        except AppError as error:
            pooled.fail(error)
        except BaseException as error:
            pooled.fail(ServerStartError(reason=f"{type(error).__name__} {error}", log=self._work_root))
            raise
        finally:
            if self._servers.get(key) is pooled:
                del self._servers[key]

    def _stop(self, key: _Key) -> None:
        """Forget a server and let it end."""
        pooled = self._servers.pop(key)
        self._leaving.add(pooled.life)
        pooled.life.add_done_callback(self._leaving.discard)
        pooled.unwanted.set()

    def _stop_beyond(self, count: int) -> None:
        """Stop the least recently used servers beyond `count`, but none in use."""
        excess = max(0, len(self._servers) - count)
        by_age = sorted(self._servers, key=lambda key: self._servers[key].last_used)
        unused = [key for key in by_age if excess and self._is_unused(key, self._keep_s)]
        for key in unused[:excess]:
            self._stop(key)

    def _is_unused(self, key: _Key, for_s: float) -> bool:
        """Whether nobody waits for the server, is connected to it, or was so in the last `for_s` seconds."""
        pooled = self._servers[key]
        if pooled.server is None or pooled.server.in_use():
            pooled.last_used = self._now()
            return False
        return self._now() - pooled.last_used >= for_s

    async def _look_after(self) -> None:
        """Stop what nobody has used for long, and what is too much."""
        idle_s = max(self._idle_s, self._keep_s)
        while True:
            await asyncio.sleep(LOOK_INTERVAL_S)
            for key in [key for key in self._servers if self._is_unused(key, idle_s)]:
                _log.info("inference pool: stopping an idle server")
                self._stop(key)
            self._stop_beyond(self._max_servers)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


@contextmanager
def _work_dir(root: Path) -> Iterator[Path]:
    """A server's directory; it stays where its log has to say why the server did not start."""
    path, told = Path(tempfile.mkdtemp(prefix="server-", dir=root)), False
    try:
        yield path
    except ServerStartError:
        told = True
        raise
    finally:
        if not told:
            shutil.rmtree(path, ignore_errors=True)


def _key(spec: ServerSpec) -> _Key:
    """The spec and the size and age of its files: a file that was replaced is another model."""
    return spec, tuple(_fingerprint(path) for path in spec.files)


def _fingerprint(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # the start says so
        return None
    return found.st_size, found.st_mtime_ns
