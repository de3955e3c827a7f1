"""Data directories with and without servers in them."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmlora.engine.embedded import postgres, valkey
from llmlora.kit.settings import Settings

from tests.engine.embedded.door import nothing, used


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose first start is done."""
    directory = tmp_path_factory.mktemp("initialised") / "data"
    used(Settings(data_dir=directory), nothing)
    return directory


@pytest.fixture
def settings(initialised: Path, tmp_path: Path) -> Iterator[Settings]:
    """A copy of it, owners kept, stopped at the end whatever the test did."""
    directory = tmp_path / "data"
    subprocess.run(["cp", "-a", initialised, directory], check=True)
    made = Settings(data_dir=directory)
    yield made
    postgres.stop(directory / "postgres")
    valkey.stop(directory / "valkey")


@pytest.fixture
def nobodys_dir(tmp_path: Path) -> Path:
    """A directory that `nobody` owns and can reach."""
    for parent in tmp_path.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)
    tmp_path.chmod(0o755)
    directory = tmp_path / "nobody"
    directory.mkdir()
    os.chown(directory, 65534, 65534)
    return directory
