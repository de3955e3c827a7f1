"""Users of the embedded services in processes of their own, and what a test asks about the servers."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from llmlora.engine.embedded.services import (
    ServiceUrls,
    running_services,
    status_of_services,
)
from llmlora.kit.settings import Settings

T = TypeVar("T")
AS_ROOT = pytest.mark.skipif(
    os.geteuid() != 0,
    reason="gives folders to another user or mounts disks, which only root can: run the tests as root",
)
# Enters, says so, and stays until it is told to go on (or is killed).
USER = """
import asyncio, signal, sys
from pathlib import Path
from llmlora.engine.embedded.services import running_services
from llmlora.kit.settings import Settings

# Whoever started the tests in the background made them deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def main():
    async with running_services(Settings(data_dir=Path(sys.argv[1]))) as urls:
        print(urls.database_url, flush=True)
        told = asyncio.Event()
        asyncio.get_running_loop().add_reader(0, told.set)
        await told.wait()

asyncio.run(main())
"""
# Everything is loaded while we are root: Python itself may lie where `nobody` cannot read.
AS_NOBODY = """
import asyncio, os, sys, tempfile
from pathlib import Path
from llmlora.engine.embedded.services import running_services, status_of_services
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings

async def use(path):
    settings = Settings(data_dir=Path(path))
    async with running_services(settings):
        return [one.running for one in await status_of_services(settings)]

with tempfile.TemporaryDirectory() as warm_up:
    asyncio.run(use(warm_up))
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    print(asyncio.run(use(sys.argv[1])))
except AppError as error:
    print(error.code)
"""


def run(work: Awaitable[T]) -> T:
    async def scenario() -> T:
        return await work

    return asyncio.run(scenario())


def used(settings: Settings, work: Callable[[ServiceUrls], Awaitable[T]]) -> T:
    async def scenario() -> T:
        async with running_services(settings) as urls:
            return await work(urls)

    return asyncio.run(scenario())


async def nothing(_urls: ServiceUrls) -> None:
    """Enter and leave."""


def states(settings: Settings) -> list[bool]:
    return [one.running for one in run(status_of_services(settings))]


def pids(settings: Settings) -> list[int]:
    found = [one.pid for one in run(status_of_services(settings))]
    return [pid for pid in found if pid is not None]


def kill_all(of: list[int]) -> None:
    servers = [psutil.Process(pid) for pid in of]
    for process in [*servers, *(child for one in servers for child in one.children(recursive=True))]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@contextmanager
def another_user(settings: Settings) -> Iterator["subprocess.Popen[str]"]:
    """A process that is inside; killed at the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(settings.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql")
        yield process
    finally:
        process.kill()
        process.wait()


def let_go(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def as_nobody(directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(directory)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
