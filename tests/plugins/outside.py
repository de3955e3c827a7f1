"""Servers that LLMLORA_DATABASE_URL and LLMLORA_REDIS_URL name serve the session's `services`, a database a worker.

Tests that start servers of their own are not to meet them, so both variables are taken out of the environment.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from llmlora.kit.ids import new_id

from tests.databases import named, on_server

KEPT_AS = {
    "LLMLORA_DATABASE_URL": "LLMLORA_TEST_DATABASE_URL",
    "LLMLORA_REDIS_URL": "LLMLORA_TEST_REDIS_URL",
}


def pytest_configure(config: pytest.Config) -> None:
    """Workers inherit the environment that is left here."""
    for name, kept in KEPT_AS.items():
        if name in os.environ:
            os.environ[kept] = os.environ.pop(name)


@contextmanager
def outside_services() -> Iterator[dict[str, str]]:
    """As settings: an empty database on the server that the environment names, a numbered one of its Redis, or neither."""
    database_url, redis_url = (os.environ.get(kept) for kept in KEPT_AS.values())
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    redis = {"redis_url": f"{redis_url.rstrip('/')}/{int(worker[2:]) + 1}"} if redis_url else {}
    if not database_url:
        yield redis
        return
    name = new_id("tests")
    asyncio.run(on_server(database_url, f"CREATE DATABASE {name}"))
    yield redis | {"database_url": named(database_url, name)}
    asyncio.run(on_server(database_url, f"DROP DATABASE {name} WITH (FORCE)"))
