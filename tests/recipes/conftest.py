"""Trainings of several workers at once: each has a core of its own, for threads that fight for cores wait for each other."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def own_core() -> Iterator[None]:
    """Keep what this worker and its children compute on one core while a module of this folder runs."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker.startswith("gw") or not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[int(worker[2:]) % len(cores)]})
    yield
    os.sched_setaffinity(0, cores)
