"""A core for each worker and all that it starts: threads of two trainings that fight for cores wait for each other."""

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Stay on one core from the beginning, where workers share a machine."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker.startswith("gw") and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker[2:]) % len(cores)]})
