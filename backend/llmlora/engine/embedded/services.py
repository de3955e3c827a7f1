"""PostgreSQL and Valkey for one data directory: started when first needed, shared, stopped by the last who leaves.

Guarantee: whoever is inside `running_services` finds both servers answering and the tables migrated. Users that were
killed do not count, and `start_services` keeps the servers running until `stop_services`. A first start that fails
for want of room or of permission leaves nothing behind.
"""

import asyncio
import errno
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from llmlora.engine.embedded import postgres, register, valkey
from llmlora.engine.embedded.connect import database_answers, prepare_database, require_redis
from llmlora.engine.embedded.errors import (
    DataDirNotWritableError,
    DiskFullError,
    PostgresUnavailableError,
    ServicesInUseError,
)
from llmlora.engine.embedded.processes import birth_of
from llmlora.kit.db import Database
from llmlora.kit.redis import answers_ping
from llmlora.kit.settings import Settings

T = TypeVar("T")
Prepare = Callable[[Settings, str], Awaitable[None]]
SERVERS = ("postgres", "valkey")
RETRY_WAITS_S = (0.2, 1.0)


@dataclass(frozen=True)
class ServiceUrls:
    """Where the database and the queue answer. Never printed: they hold passwords."""

    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)


@dataclass(frozen=True)
class ServiceStatus:
    """One service: `embedded` or `external`, and whether it answers now."""

    name: str
    kind: str
    running: bool
    pid: int | None


@asynccontextmanager
async def running_services(
    settings: Settings, prepare: Prepare = prepare_database
) -> AsyncIterator[ServiceUrls]:
    """Start or adopt both services, `prepare` the database (migrate it), and leave both to the next user (or stop them).

    Raises:
        UnavailableError: a leaf of `engine.embedded.errors` says what to change.
        DatabaseNewerError: a later version of llmlora has migrated the database.
        RestoreUnfinishedError: half a backup lies in the data directory.
    """
    pid = os.getpid()
    me = register.User(secrets.token_hex(8), pid, birth_of(pid) or "")
    urls = await _enter(settings, me, prepare)
    try:
        yield urls
    finally:
        await _run_to_completion(_leave, settings.data_dir, me)


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
        with register.opened(settings.data_dir, await register.locked(settings.data_dir)) as found:
            found.kept = True
            found.save()
    return urls


def stop_services(settings: Settings) -> None:
    """Stop both, unless another command uses them.

    Raises:
        ServicesInUseError: names the processes.
    """
    root = settings.data_dir
    if not (root / register.FOLDER).exists():
        return
    with register.opened(root, register.locked_blocking(root)) as found:
        if found.users:
            raise ServicesInUseError(pids=", ".join(sorted({str(user.pid) for user in found.users})))
        _stop_servers(root)
        found.kept = False
        found.save()


async def status_of_services(settings: Settings) -> list[ServiceStatus]:
    """What runs now; nothing is started."""
    root = settings.data_dir
    if settings.database_url:
        up = await database_answers(settings.database_url)
        database = ServiceStatus("postgresql", "external", up, None)
    else:
        postmaster = postgres.running(root / "postgres")
        ready = postmaster is not None and postmaster.ready
        database = ServiceStatus("postgresql", "embedded", ready, postmaster.pid if postmaster else None)
    if settings.redis_url:
        return [database, ServiceStatus("valkey", "external", await answers_ping(settings.redis_url), None)]
    server = valkey.running(root / "valkey")
    up = server is not None and await answers_ping(server.url)
    return [database, ServiceStatus("valkey", "embedded", up, server.pid if server else None)]


async def _enter(settings: Settings, me: register.User, prepare: Prepare) -> ServiceUrls:
    root = settings.data_dir
    new_root = not root.exists()
    try:
        try:
            with register.opened(root, await register.locked(root)) as found:
                return await _start(settings, me, found, prepare)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(path=root) from error
            raise DataDirNotWritableError(path=root, reason=error.strerror or str(error)) from error
    except (DiskFullError, DataDirNotWritableError):
        if new_root:
            with suppress(OSError):
                root.rmdir()
        raise


async def _start(
    settings: Settings, me: register.User, found: register.Register, prepare: Prepare
) -> ServiceUrls:
    """Start what does not run yet; on failure, take back what nobody else uses."""
    root = settings.data_dir
    new = [name for name in SERVERS if not (root / name).exists()]
    try:
        urls = await _start_prepared(settings, prepare)
        found.users.append(me)
        found.save()
    except BaseException as error:
        found.users = [user for user in found.users if user.token != me.token]
        if not found.users and not found.kept:
            _stop_servers(root)
        if isinstance(error, OSError | DiskFullError):
            for name in new:
                shutil.rmtree(root / name, ignore_errors=True)
            if not any((root / name).exists() for name in SERVERS):
                register.forget(root)
        raise
    return urls


async def _start_prepared(settings: Settings, prepare: Prepare) -> ServiceUrls:
    """Start and migrate; again when the server died between the two (killed, it still looks alive for a moment)."""
    for wait_s in RETRY_WAITS_S:
        urls = await _start_servers(settings)
        try:
            await prepare(settings, urls.database_url)
            return urls
        except PostgresUnavailableError:
            await asyncio.sleep(wait_s)
    urls = await _start_servers(settings)
    await prepare(settings, urls.database_url)
    return urls


async def _start_servers(settings: Settings) -> ServiceUrls:
    database_url, redis_url = settings.database_url, settings.redis_url
    if redis_url is not None:
        await require_redis(redis_url)
    if database_url is None:
        database_url = await _run_to_completion(postgres.start, settings.data_dir / "postgres")
    if redis_url is None:
        redis_url = await valkey.start(settings.data_dir / "valkey")
    return ServiceUrls(database_url, redis_url)


async def _run_to_completion(work: Callable[..., T], *args: object) -> T:
    """Run blocking work in a thread; a cancellation waits until it is done, for nobody else would stop its servers."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _leave(root: Path, me: register.User) -> None:
    if not (root / register.FOLDER).exists():
        return
    with suppress(OSError), register.opened(root, register.locked_blocking(root)) as found:
        found.users = [user for user in found.users if user.token != me.token]
        if not found.users and not found.kept:
            _stop_servers(root)
        found.save()


def _stop_servers(root: Path) -> None:
    postgres.stop(root / "postgres")
    valkey.stop(root / "valkey")
