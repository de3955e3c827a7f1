"""What a training has left, as a Core ML package: converted, read back, computed without Core ML, refused where it is wrong."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from llmlora.contracts.prediction import HEAD_NAME
from llmlora.contracts.run import BaseModelInput
from llmlora.data.predictor_files import TOKENIZER_NAME
from llmlora.engine.hosts.running import Outcome
from llmlora.kit.errors import AppError
from llmlora.recipes.export_coreml.checking import (
    LABELS_KEY,
    read_program,
    refuse_other_interface,
    refuse_other_weights,
    refuse_unlike,
)
from llmlora.recipes.export_coreml.converting import PACKAGE_NAME, coremltools
from llmlora.recipes.export_coreml.models import Convertible, load_encoder

from tests.plugins.predictors import LABELS, classifier_dir, file_of, run_of

__all__ = ["classifier_dir"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def _silent() -> Iterator[None]:
    logging.disable(logging.DEBUG)  # torch traces every step of an export, and pytest keeps it all
    yield
    logging.disable(logging.NOTSET)


def exported(trained: Path, data_dir: Path) -> Outcome:
    base = BaseModelInput(
        id="bm_x", reference="path:/x", path=trained, weights_digest="d", tokenizer_hash="t", template_hash=None,
        licence="apache-2.0",
    )  # fmt: skip
    return run_of("export_coreml", data_dir, {"model": file_of(trained), "base_model": base})


@pytest.fixture(scope="module")
def package(classifier_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    logging.disable(logging.DEBUG)
    data_dir = tmp_path_factory.mktemp("coreml")
    outcome = exported(classifier_dir, data_dir)
    assert outcome.failure is None, outcome.failure
    report = outcome.reports["coreml"]
    assert (report["rows"], report["rows_alike"], report["run_on_apple"]) == (6, 6, False)
    assert report["labels"] == list(LABELS)
    [path] = data_dir.glob(f"jobs/*/1/{outcome.artifacts[0].path}")
    return path


@pytest.fixture(scope="module")
def model(classifier_dir: Path) -> Convertible:
    return load_encoder(classifier_dir, None)


@pytest.fixture
def copy(package: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(package, tmp_path / "copy"))


class TestPackage:
    def test_tells_of_itself(self, package: Path) -> None:
        spec = coremltools().utils.load_spec(str(package / PACKAGE_NAME))
        told = spec.description.metadata.userDefined
        assert json.loads(told[LABELS_KEY]) == list(LABELS)
        assert told["llmlora.base_licence"] == "apache-2.0"
        assert {one.name for one in package.iterdir()} == {PACKAGE_NAME, HEAD_NAME, TOKENIZER_NAME}

    def test_tensor_that_was_altered_is_named(self, copy: Path, model: Convertible) -> None:
        tensor = model.module.state_dict()["model.classifier.weight"].numpy().astype(np.float16)
        [weights] = copy.rglob("weight.bin")
        content = weights.read_bytes()
        path = copy / PACKAGE_NAME / "Data" / "com.apple.CoreML" / "model.mlmodel"
        held = weights if tensor.tobytes() in content else path
        old = held.read_bytes()
        assert old.count(tensor.tobytes()) == 1
        held.write_bytes(old.replace(tensor.tobytes(), (-tensor).tobytes()))
        package = copy / PACKAGE_NAME
        program = read_program(package, coremltools().utils.load_spec(str(package)))
        with pytest.raises(AppError, match=r"model\.classifier\.weight") as caught:
            refuse_other_weights(program, model, "float16")
        assert caught.value.code == "coreml_weights_differ"

    def test_labels_in_another_order_are_refused(self, copy: Path, model: Convertible) -> None:
        spec = coremltools().utils.load_spec(str(copy / PACKAGE_NAME))
        spec.description.metadata.userDefined[LABELS_KEY] = json.dumps(LABELS[::-1])
        with pytest.raises(AppError, match="order") as caught:
            refuse_other_interface(spec, copy, model)
        assert caught.value.code == "coreml_interface"

    def test_another_tokenizer_is_refused(self, copy: Path, model: Convertible) -> None:
        (copy / TOKENIZER_NAME).write_text("{}")
        with pytest.raises(AppError, match=r"tokenizer\.json") as caught:
            refuse_unlike(copy, model, "float16")
        assert caught.value.code == "coreml_file_changed"


class TestRefused:
    def test_lost_head(self, classifier_dir: Path, tmp_path: Path) -> None:
        broken = Path(shutil.copytree(classifier_dir, tmp_path / "broken"))
        tensors = load_file(broken / "model.safetensors")
        kept = {name: one for name, one in tensors.items() if "classifier" not in name}
        save_file(kept, broken / "model.safetensors", metadata={"format": "pt"})
        outcome = exported(broken, tmp_path / "data")
        assert outcome.failure is not None
        assert (outcome.failure.code, outcome.artifacts) == ("head_lost", [])
        assert not list((tmp_path / "data").rglob(PACKAGE_NAME))
