"""A base model in a wheel: fetched from an index, held to its hash, unzipped into the data directory and nowhere else."""

import hashlib
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from llmlora.contracts.run import BaseModelInput, RunInputs, RunSpec
from llmlora.kit.files import sha256_of_file
from llmlora.recipes.blocks.base_model_errors import WheelBrokenError, WheelUnreachableError
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS, MINILM, SMOLLM2, Wheel, default_for
from llmlora.recipes.context import ChildContext
from llmlora.recipes.import_base_model.needs import needs
from llmlora.recipes.import_base_model.sources import from_gguf
from llmlora.recipes.import_base_model.spec import INDEX_VARIABLE, ImportBaseModelConfig
from llmlora.recipes.import_base_model.wheels import from_wheel

from tests.plugins.base_models import as_input, import_model

FILE = "tiny_model-1.0-py3-none-any.whl"
NAMES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


@pytest.fixture
def wheel(tiny_encoder_dir: Path, tmp_path: Path) -> tuple[Wheel, Path]:
    """A wheel with the tiny encoder, and files that nobody asked for; and the index that has it."""
    folder = tmp_path / "index" / "tiny-model"
    folder.mkdir(parents=True)
    path = folder / FILE
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in NAMES:
            archive.write(tiny_encoder_dir / name, f"tiny_model/model/{name}")
        archive.writestr("tiny_model/__init__.py", "raise SystemExit('installed')")
        archive.writestr("tiny_model/model/data_config.json", "[]")
        archive.writestr("tiny_model-1.0.dist-info/LICENSE", "Apache License")
    (folder / "index.html").write_text(f'<a href="{FILE}#sha256=0">{FILE}</a>')
    described = Wheel(
        project="tiny-model",
        version="1.0",
        file=FILE,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size_bytes=path.stat().st_size,
        folder="tiny_model/model",
        names=NAMES,
        licence="apache-2.0",
        card="tiny_model-1.0.dist-info/LICENSE",
    )
    return described, tmp_path / "index"


@pytest.fixture
def index(wheel: tuple[Wheel, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    handler = partial(SimpleHTTPRequestHandler, directory=str(wheel[1]))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv(INDEX_VARIABLE, address)
        yield address
        server.shutdown()


def context(tmp_path: Path) -> ChildContext:
    run_dir, data_dir = tmp_path / "run", tmp_path / "data"
    run_dir.mkdir()
    spec = RunSpec(
        job_id="job_1", epoch=1, recipe="import_base_model", config={}, inputs=RunInputs(), data_dir=data_dir
    )
    return ChildContext(spec, run_dir, os.open(run_dir / "events", os.O_WRONLY | os.O_CREAT))


REFERENCE = parse(MINILM.reference)


class TestFetch:
    @pytest.mark.usefixtures("index")
    def test_only_what_is_a_model_lands_in_the_data_directory(
        self, wheel: tuple[Wheel, Path], tmp_path: Path
    ) -> None:
        ctx = context(tmp_path)
        origin = from_wheel(REFERENCE, wheel[0], tmp_path / "data" / "models", ctx)
        assert {one.name for one in origin.directory.iterdir()} == {*NAMES, "LICENSE", "origin.json"}
        assert origin.licence == "apache-2.0"
        assert origin.directory.is_relative_to(tmp_path / "data")

    @pytest.mark.usefixtures("index")
    def test_other_bytes_are_refused_and_leave_nothing(
        self, wheel: tuple[Wheel, Path], tmp_path: Path
    ) -> None:
        models = tmp_path / "data" / "models"
        with pytest.raises(WheelBrokenError, match="is not the file that this studio knows"):
            from_wheel(REFERENCE, replace(wheel[0], sha256="0" * 64), models, context(tmp_path))
        assert list(models.glob("*")) == []

    @pytest.mark.usefixtures("index")
    def test_file_that_the_index_lacks_is_named(self, wheel: tuple[Wheel, Path], tmp_path: Path) -> None:
        absent = replace(wheel[0], file="other-1.0-py3-none-any.whl")
        with pytest.raises(WheelUnreachableError, match=r"wheels/other-1\.0"):
            from_wheel(REFERENCE, absent, tmp_path / "data" / "models", context(tmp_path))

    def test_file_that_lies_there_needs_no_network(
        self, wheel: tuple[Wheel, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(INDEX_VARIABLE, "http://127.0.0.1:1")
        kept = tmp_path / "data" / "wheels" / FILE
        kept.parent.mkdir(parents=True)
        kept.write_bytes((wheel[1] / "tiny-model" / FILE).read_bytes())
        origin = from_wheel(REFERENCE, wheel[0], tmp_path / "data" / "models", context(tmp_path))
        assert (origin.directory / "model.safetensors").is_file()


@pytest.mark.slow
class TestGguf:
    """A wheel whose model is a GGUF: what is installed, what lies there and what is fetched are one model."""

    def test_fetched_gguf_becomes_the_model_that_the_file_itself_becomes(
        self, tiny_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(INDEX_VARIABLE, "http://127.0.0.1:1")
        kept = tmp_path / "data" / "wheels" / FILE
        kept.parent.mkdir(parents=True)
        with zipfile.ZipFile(kept, "w") as archive:
            archive.write(tiny_gguf, f"no_such_package/{tiny_gguf.name}")
            archive.writestr("tiny_model-1.0.dist-info/LICENSE", "Apache License")
        described = Wheel(
            project="tiny-model",
            version="1.0",
            file=FILE,
            sha256=sha256_of_file(kept),
            size_bytes=kept.stat().st_size,
            folder="no_such_package",
            names=(tiny_gguf.name,),
            licence="apache-2.0",
            card="tiny_model-1.0.dist-info/LICENSE",
            gguf_sha256=sha256_of_file(tiny_gguf),
        )
        models, ctx = tmp_path / "data" / "models", context(tmp_path)
        fetched = from_wheel(REFERENCE, described, models, ctx)
        assert fetched.published is not None
        assert (fetched.directory / "LICENSE").read_text() == "Apache License"
        assert sha256_of_file(fetched.directory / tiny_gguf.name) == described.gguf_sha256
        assert list(ctx.run_dir.glob(".wheel-*")) == []

        kept.unlink()  # what is there is found again, without the wheel
        assert from_wheel(REFERENCE, described, models, ctx).published == fetched.published
        own = from_gguf(REFERENCE, tiny_gguf, models, ctx, link=False)
        assert own.identity == fetched.identity

    def test_table_holds_the_hash_of_the_gguf_that_is_installed(self) -> None:
        installed = SMOLLM2.wheel.installed()
        assert installed is not None
        assert sha256_of_file(installed) == SMOLLM2.wheel.gguf_sha256


class TestTable:
    def test_each_is_found_by_its_reference_and_says_what_it_can_learn(self) -> None:
        for reference, bundled in BUNDLED_MODELS.items():
            assert str(parse(reference)) == reference == bundled.reference
            assert bundled.tasks
        assert default_for({"text.encode"}) is MINILM
        assert default_for(()).reference == "bundled:smollm2-135m-instruct"

    def test_network_is_for_wheels_alone(self) -> None:
        sources = {name: needs(ImportBaseModelConfig(reference=name)).sources for name in BUNDLED_MODELS}
        assert sources == {
            "bundled:smollm2-135m-instruct": ("bundled",),
            "bundled:minilm-l6-v2": ("wheel",),
        }


class TestEncoder:
    def test_directory_is_described_by_what_it_can_learn(
        self, tiny_encoder_dir: Path, tmp_path: Path
    ) -> None:
        outcome = import_model(f"path:{tiny_encoder_dir}", tmp_path)
        assert outcome.failure is None, outcome.failure
        facts = outcome.artifacts[0].facts
        assert (facts["tasks"], facts["architecture"]) == (["text.encode"], "BertModel")
        assert isinstance(as_input(outcome.artifacts[0]), BaseModelInput)

    def test_file_that_begins_with_whole_numbers_is_read(
        self, tiny_encoder_dir: Path, tmp_path: Path
    ) -> None:
        """As older BERT files do, MiniLM's among them: the positions come first."""
        directory = tmp_path / "older"
        shutil.copytree(tiny_encoder_dir, directory)
        tensors = load_file(directory / "model.safetensors")
        positions = {"embeddings.position_ids": torch.arange(64).unsqueeze(0)}
        save_file({**positions, **tensors}, directory / "model.safetensors", metadata={"format": "pt"})
        outcome = import_model(f"path:{directory}", tmp_path)
        assert outcome.failure is None, outcome.failure

    def test_language_model_generates(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        outcome = import_model(f"path:{tiny_model_dir}", tmp_path)
        assert outcome.artifacts[0].facts["tasks"] == ["text.generate"]


@pytest.mark.long
def test_minilm_is_fetched_from_the_index(tmp_path: Path) -> None:
    outcome = import_model(MINILM.reference, tmp_path)
    assert outcome.failure is None, outcome.failure
    facts = outcome.artifacts[0].facts
    assert (facts["parameters"], facts["licence"]) == (MINILM.known.architecture.parameters, "apache-2.0")
    assert facts["linear_layers"] == MINILM.known.architecture.linear_layers
