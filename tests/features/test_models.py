"""Base models as records: found by what was asked, verified before use, never swapped."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from llmlora.engine.embedded.services import open_database, start_services, stop_services
from llmlora.features.models.errors import (
    AmbiguousBaseModelError,
    BaseModelChangedError,
    BaseModelFilesGoneError,
)
from llmlora.features.models.service import (
    add_base_model,
    as_input,
    as_out,
    ensure_base_model,
    get_base_model,
    list_base_models,
)
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_model_errors import PythonCodeRefusedError, UnknownBaseModelError
from llmlora.recipes.blocks.hub_errors import HubGatedError
from llmlora.tables.base_model import BaseModelRow

from tests.plugins.hub import FakeHub

T = TypeVar("T")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Real services that stay up for this file."""
    made = Settings(data_dir=tmp_path_factory.mktemp("models_data"))
    asyncio.run(start_services(made))
    yield made
    stop_services(made)


@pytest.fixture
def model_dir(tiny_model_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model_dir, tmp_path / "model"))


def using(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    async def scenario() -> T:
        async with open_database(settings) as database:
            return await work(database)

    return asyncio.run(scenario())


def at(hub: FakeHub, settings: Settings) -> Settings:
    return settings.model_copy(update={"hf_endpoint": hub.url})


def ensured(settings: Settings, reference: str) -> BaseModelRow:
    return using(settings, lambda database: ensure_base_model(database, settings, reference))


def added(settings: Settings, reference: str) -> BaseModelRow:
    return using(settings, lambda database: add_base_model(database, settings, reference))


def got(settings: Settings, reference: str) -> BaseModelRow:
    return using(settings, lambda database: get_base_model(database, reference))


def flip_last_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


@pytest.mark.slow
class TestEnsure:
    def test_new_model_is_imported_and_known_afterwards(self, settings: Settings, model_dir: Path) -> None:
        row = ensured(settings, f"path:{model_dir}")
        again = ensured(settings, f"path:{model_dir}/../model")
        assert again == row
        assert got(settings, row.id) == row
        model = as_input(row, settings.data_dir)
        assert (model.path, model.gguf) == (model_dir, None)
        assert as_out(row, settings.data_dir).linear_layers == row.facts["linear_layers"]
        assert row in using(settings, list_base_models)

    def test_import_leaves_no_run_directory(self, settings: Settings, model_dir: Path) -> None:
        ensured(settings, f"path:{model_dir}")
        (model_dir / "x.py").touch()
        with pytest.raises(PythonCodeRefusedError):
            added(settings, f"path:{model_dir}")
        assert list((settings.data_dir / "jobs").iterdir()) == []

    def test_files_made_here_are_recorded_below_the_data_directory(
        self, settings: Settings, tiny_gguf: Path
    ) -> None:
        row = ensured(settings, f"path:{tiny_gguf}")
        assert row.path == f"models/{row.id}"
        assert row.gguf_path == f"models/{row.id}/{tiny_gguf.name}"
        assert as_input(row, settings.data_dir).gguf == settings.data_dir / row.gguf_path

    def test_unknown_reference_lists_what_is_known(self, settings: Settings, model_dir: Path) -> None:
        known = ensured(settings, f"path:{model_dir}").reference
        with pytest.raises(UnknownBaseModelError) as caught:
            ensured(settings, "llama2:7b")
        assert known in caught.value.detail("ja")
        assert "bundled:smollm2-135m-instruct" in caught.value.detail("en")
        with pytest.raises(UnknownBaseModelError):
            got(settings, "path:/never/added")

    def test_refusal_keeps_its_words_and_its_kind(
        self, settings: Settings, hub: FakeHub, model_dir: Path
    ) -> None:
        hub.gate("owner/gated", model_dir)
        with pytest.raises(HubGatedError) as caught:
            ensured(at(hub, settings), "hf:owner/gated")
        assert caught.value.code == "hub_repository_gated"
        assert f"{hub.url}/owner/gated" in caught.value.detail("ja")


@pytest.mark.slow
class TestChangedWeights:
    def test_changed_bytes_are_refused(self, settings: Settings, model_dir: Path) -> None:
        ensured(settings, f"path:{model_dir}")
        flip_last_byte(model_dir / "model.safetensors")
        with pytest.raises(BaseModelChangedError) as caught:
            ensured(settings, f"path:{model_dir}")
        assert "model.safetensors" in caught.value.detail("ja")

    def test_touched_files_are_accepted(self, settings: Settings, model_dir: Path) -> None:
        row = ensured(settings, f"path:{model_dir}")
        os.utime(model_dir / "model.safetensors")
        assert ensured(settings, f"path:{model_dir}") == row

    def test_missing_file_is_refused(self, settings: Settings, model_dir: Path) -> None:
        ensured(settings, f"path:{model_dir}")
        (model_dir / "tokenizer.json").unlink()
        with pytest.raises(BaseModelFilesGoneError, match="tokenizer"):
            ensured(settings, f"path:{model_dir}")

    def test_adding_again_keeps_the_old_record_apart(self, settings: Settings, model_dir: Path) -> None:
        before = ensured(settings, f"path:{model_dir}")
        flip_last_byte(model_dir / "model.safetensors")
        after = added(settings, f"path:{model_dir}")
        assert after.id != before.id
        assert after.weights_digest != before.weights_digest
        old = got(settings, before.id)
        assert old.reference == f"{before.reference}@{before.weights_digest[:12]}"
        assert old.weights_digest == before.weights_digest
        flip_last_byte(model_dir / "model.safetensors")
        assert added(settings, f"path:{model_dir}").id == before.id


@pytest.mark.slow
class TestHubRevisions:
    def test_reference_without_commit_never_moves(
        self, settings: Settings, hub: FakeHub, model_dir: Path
    ) -> None:
        settings = at(hub, settings)
        known = hub.serve("owner/moving", model_dir)
        first = ensured(settings, "hf:owner/moving")
        assert first.reference == f"hf:owner/moving@{known.commit}"
        hub.serve("owner/moving", model_dir, readme="# Corrected")
        assert ensured(settings, "hf:owner/moving") == first
        second = added(settings, "hf:owner/moving")
        assert second.revision == known.commit != first.revision
        with pytest.raises(AmbiguousBaseModelError) as caught:
            ensured(settings, "hf:owner/moving")
        assert first.reference in caught.value.detail("en")
        assert ensured(settings, first.reference) == first

    def test_token_reaches_the_hub_from_the_settings(self, settings: Settings, hub: FakeHub) -> None:
        with_token = at(hub, Settings(data_dir=settings.data_dir, hf_token="hf_from_settings"))
        with pytest.raises(AppError):
            ensured(with_token, "hf:owner/missing")
        assert hub.tokens == {"Bearer hf_from_settings"}
        for path in settings.data_dir.rglob("*.json*"):
            assert "hf_from_settings" not in path.read_text(errors="replace")
