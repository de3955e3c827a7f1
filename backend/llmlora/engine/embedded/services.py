"""PostgreSQL and Valkey for one data directory: started when first needed, shared, stopped by the last who leaves.

Guarantee: whoever is inside `running_services` finds both servers answering and the tables migrated. Users that were
killed do not count, and `start_services` keeps the servers running until `stop_services`.
"""

import asyncio
import errno
import fcntl
import json
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sqlalchemy import text

from llmlora.engine.embedded import postgres, valkey
from llmlora.engine.embedded.errors import (
    DataDirNotWritableError,
    DiskFullError,
    ExternalServiceUnreachableError,
    ServicesInUseError,
)
from llmlora.engine.embedded.migrate import migrate
from llmlora.engine.embedded.processes import is_same_process, start_time_of
from llmlora.kit.db import Database
from llmlora.kit.files import write_atomically
from llmlora.kit.redis import answers_ping
from llmlora.kit.settings import Settings


@dataclass(frozen=True)
class ServiceUrls:
    """Where the database and the queue answer."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class ServiceStatus:
    """One service: `embedded` or `external`, and whether it answers now."""

    name: str
    kind: str
    running: bool
    pid: int | None


@dataclass(frozen=True)
class _User:
    token: str
    pid: int
    started: float


@dataclass
class _Register:
    """Who uses the servers of a data directory."""

    kept: bool = False
    users: list[_User] = field(default_factory=list)


@asynccontextmanager
async def running_services(settings: Settings) -> AsyncIterator[ServiceUrls]:
    """Start or adopt both services, migrate, and leave them to the next user (or stop them) at the end.

    Raises:
        UnavailableError: a leaf of `engine.embedded.errors` says what to change.
    """
    me = _User(secrets.token_hex(8), os.getpid(), start_time_of(os.getpid()) or 0.0)
    urls = await _enter(settings, me)
    try:
        yield urls
    finally:
        await asyncio.shield(asyncio.to_thread(_leave, settings.data_dir, me))


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """A migrated database for one command.

    Raises:
        UnavailableError: as for `running_services`.
    """
    async with running_services(settings) as urls:
        database = Database(urls.database_url)
        try:
            yield database
        finally:
            await database.close()


async def start_services(settings: Settings) -> ServiceUrls:
    """Start both and keep them running until `stop_services`.

    Raises:
        UnavailableError: as for `running_services`.
    """
    async with running_services(settings) as urls:
        with _locked_register(settings.data_dir) as register:
            register.kept = True
    return urls


def stop_services(settings: Settings) -> None:
    """Stop both, unless another command uses them.

    Raises:
        ServicesInUseError: names the processes.
    """
    if not settings.data_dir.exists():
        return
    with _locked_register(settings.data_dir) as register:
        if register.users:
            raise ServicesInUseError(pids=", ".join(str(user.pid) for user in register.users))
        register.kept = False
        _stop_servers(settings.data_dir)


async def status_of_services(settings: Settings) -> list[ServiceStatus]:
    """What runs now; nothing is started."""
    root = settings.data_dir
    server = valkey.running(root / "valkey")
    redis_url = settings.redis_url or (server.url if server else None)
    pid = postgres.running_pid(root / "postgres")
    external = settings.database_url is not None
    database_up = await _database_answers(settings.database_url) if settings.database_url else pid is not None
    return [
        ServiceStatus(
            "postgresql", "external" if external else "embedded", database_up, None if external else pid
        ),
        ServiceStatus(
            "valkey",
            "external" if settings.redis_url else "embedded",
            redis_url is not None and await answers_ping(redis_url),
            server.pid if server and not settings.redis_url else None,
        ),
    ]


async def _enter(settings: Settings, me: _User) -> ServiceUrls:
    root = settings.data_dir
    try:
        root.mkdir(parents=True, exist_ok=True)
        with _locked_register(root) as register:
            register.users.append(me)
            try:
                urls = await _start_servers(settings)
                await _prepare(settings, urls)
            except BaseException:
                register.users.remove(me)
                if not register.users and not register.kept:
                    _stop_servers(root)
                raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(path=root) from error
        raise DataDirNotWritableError(path=root, reason=error.strerror or str(error)) from error
    return urls


async def _start_servers(settings: Settings) -> ServiceUrls:
    database_url, redis_url = settings.database_url, settings.redis_url
    if database_url is None:
        database_url = await asyncio.to_thread(postgres.start, settings.data_dir / "postgres")
    if redis_url is None:
        redis_url = await valkey.start(settings.data_dir / "valkey")
    return ServiceUrls(database_url, redis_url)


async def _prepare(settings: Settings, urls: ServiceUrls) -> None:
    if settings.redis_url and not await answers_ping(settings.redis_url):
        raise ExternalServiceUnreachableError(setting="LLMLORA_REDIS_URL", reason="no answer to PING")
    database = Database(urls.database_url)
    try:
        await migrate(database.engine)
    except OSError as error:
        raise ExternalServiceUnreachableError(
            setting="LLMLORA_DATABASE_URL", reason=error.strerror or str(error)
        ) from error
    finally:
        await database.close()


async def _database_answers(url: str) -> bool:
    database = Database(url)
    try:
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:  # whatever the driver raises, it does not answer
        return False
    finally:
        await database.close()
    return True


def _leave(root: Path, me: _User) -> None:
    with _locked_register(root) as register:
        register.users = [user for user in register.users if user.token != me.token]
        if not register.users and not register.kept:
            _stop_servers(root)


def _stop_servers(root: Path) -> None:
    postgres.stop(root / "postgres")
    valkey.stop(root / "valkey")


@contextmanager
def _locked_register(root: Path) -> Iterator[_Register]:
    """The register, without users that have died, written back when the block ends."""
    directory = root / "services"
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "register.json"
    with (directory / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        register = _read(path)
        register.users = [user for user in register.users if is_same_process(user.pid, user.started)]
        try:
            yield register
        finally:
            write_atomically(path, json.dumps(asdict(register)).encode())


def _read(path: Path) -> _Register:
    try:
        document = json.loads(path.read_bytes())
        return _Register(document["kept"], [_User(**user) for user in document["users"]])
    except (OSError, ValueError, KeyError, TypeError):
        return _Register()
