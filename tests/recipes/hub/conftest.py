"""A place to import into, and a small model to serve."""

import shutil
from pathlib import Path

import pytest

from tests.plugins.hub import FakeHub
from tests.recipes.hub.testbed import Testbed


@pytest.fixture
def testbed(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Testbed:
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    return Testbed(hub, tmp_path / "data")


@pytest.fixture
def model(tiny_model_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_dir, tmp_path / "model"))
