"""Base models as records: found by what was asked, verified before use, never swapped."""

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import select
from sqlmodel import col

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.services import start_services, stop_services
from llmlora.entry.inputs import base_model_named, imported_base_model
from llmlora.entry.workplace import Workplace, workplace
from llmlora.features.models.errors import (
    AmbiguousBaseModelError,
    BaseModelChangedError,
    BaseModelFilesGoneError,
)
from llmlora.features.models.service import (
    as_input,
    as_out,
    get_base_model,
    list_base_models,
)
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_model_errors import PythonCodeRefusedError, UnknownBaseModelError
from llmlora.recipes.blocks.hub_errors import HubGatedError
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.job import JobRow

from tests.fakes.here_host import HERE
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


def using(settings: Settings, work: Callable[[Workplace], Awaitable[T]]) -> T:
    async def scenario() -> T:
        async with workplace(settings, HERE) as place:
            return await work(place)

    return asyncio.run(scenario())


async def newest_jobs(place: Workplace, count: int) -> list[JobRow]:
    async with place.database.unit_of_work() as session:
        newest = select(JobRow).order_by(col(JobRow.created_at).desc()).limit(count)
        return list((await session.scalars(newest)).all())


def at(hub: FakeHub, settings: Settings) -> Settings:
    return settings.model_copy(update={"hf_endpoint": hub.url})


def ensured(settings: Settings, reference: str) -> BaseModelRow:
    return using(settings, lambda place: base_model_named(place, reference))


def added(settings: Settings, reference: str) -> BaseModelRow:
    return using(settings, lambda place: imported_base_model(place, reference))


def got(settings: Settings, reference: str) -> BaseModelRow:
    return using(settings, lambda place: get_base_model(place.database, reference))


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
        assert row in using(settings, lambda place: list_base_models(place.database))

    def test_import_is_a_job_that_is_listed(self, settings: Settings, model_dir: Path) -> None:
        ensured(settings, f"path:{model_dir}")
        (model_dir / "x.py").touch()
        with pytest.raises(PythonCodeRefusedError):
            added(settings, f"path:{model_dir}")
        failed, done = using(settings, lambda place: newest_jobs(place, 2))
        assert [one.state for one in (done, failed)] == [JobState.COMPLETED, JobState.FAILED]
        assert {one.config["reference"] for one in (done, failed)} == {f"path:{model_dir}"}

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
