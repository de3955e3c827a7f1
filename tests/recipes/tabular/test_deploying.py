"""A model of columns from its training's files to a session that answers as it does: exported, served, proved, refused."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from llmlora.contracts.prediction import COLUMNS_NAME, HEAD_NAME, ColumnsItem, PredictionAnswer
from llmlora.contracts.states import JobState
from llmlora.data.predictor_files import MODEL_NAME, marks_of
from llmlora.engine.hosts.running import Outcome
from llmlora.engine.serving.pool import ServerPool
from llmlora.engine.serving.spec import OnnxSpec
from llmlora.inference.predictor import PredictorClient
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.columns.predictor import load_columns_predictor

from tests.plugins.predictors import exported, file_of, run_of
from tests.recipes.tabular.test_tabular import mixed_rows, predictor_dir, rows_of
from tests.recipes.tabular.test_tabular import run_of as trained_by

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec, outcome = trained_by(mixed_rows(), tmp_path_factory.mktemp("classes"), model="linear")
    assert outcome.state is JobState.COMPLETED, outcome.failure
    return predictor_dir(spec)


@pytest.fixture(scope="module")
def regressor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec, outcome = trained_by(rows_of("diabetes", every=3), tmp_path_factory.mktemp("amounts"), model="svm")
    assert outcome.state is JobState.COMPLETED, outcome.failure
    return predictor_dir(spec)


def asked(directory: Path, work: Path, items: tuple[ColumnsItem, ...]) -> PredictionAnswer:
    """What a session over a directory says, through the pool and its own process."""

    async def ask() -> PredictionAnswer:
        async with ServerPool(work) as pool:
            endpoint = await pool.endpoint(OnnxSpec(onnx=directory, threads=1))
            async with PredictorClient(endpoint) as client:
                return await client.predict(items)

    return asyncio.run(ask())


def gated(trained: Path, directory: Path, work: Path) -> Outcome:
    """How the gate ends, asked of a session over a directory."""

    async def judge() -> Outcome:
        async with ServerPool(work / "pool") as pool:
            endpoint = await pool.endpoint(OnnxSpec(onnx=directory, threads=1))
            inputs = {"model": file_of(trained), "onnx": file_of(directory), "endpoint": endpoint}
            return await asyncio.to_thread(run_of, "deploy_onnx", work, inputs)

    return asyncio.run(judge())


def edited(directory: Path, name: str, edit: Callable[[dict[str, Any]], None], *, marked: bool) -> Path:
    """With another state of a file; `marked`: by one who exports wrongly, and marks that."""
    state = json.loads((directory / name).read_text())
    edit(state)
    (directory / name).write_text(json.dumps(state))
    if marked:
        model = onnx.load(directory / MODEL_NAME)
        onnx.helper.set_model_props(model, marks_of(directory))
        onnx.save(model, directory / MODEL_NAME)
    return directory


def test_session_says_what_the_trained_model_does(classifier: Path, regressor: Path, tmp_path: Path) -> None:
    for trained in (classifier, regressor):
        predictor = load_columns_predictor(trained)
        directory = exported(trained, tmp_path / trained.parts[-5])
        answer = asked(directory, tmp_path / "work", predictor.held)
        for said, outputs in zip(answer.outcomes, predictor.outputs(predictor.held), strict=True):
            if predictor.head.labels:
                shares = {one.label: one.score for one in said.labels}
                expected = dict(zip(predictor.head.labels, outputs.tolist(), strict=True))
                assert shares == pytest.approx(expected, abs=1e-5)
                assert said.labels[0].is_chosen
            else:
                assert (said.labels, said.number) == ((), pytest.approx(float(outputs[0]), rel=1e-4))
        outcome = gated(trained, directory, tmp_path / "gate")
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert outcome.reports["gates"]["passed"] is True


@pytest.mark.parametrize(
    ("name", "edit", "told"),
    [
        (COLUMNS_NAME, lambda s: s["columns"][0].update(fill=9.0), "欠損の補完"),
        (COLUMNS_NAME, lambda s: s["columns"][1]["categories"].reverse(), "列の読み方"),
        (HEAD_NAME, lambda s: s["labels"].reverse(), "ラベルの順序"),
    ],
    ids=["imputation", "categories", "labels"],
)
def test_planted_fault_makes_the_gate_red_in_words(
    classifier: Path, tmp_path: Path, name: str, edit: Callable[[dict[str, Any]], None], told: str
) -> None:
    directory = Path(shutil.copytree(classifier, tmp_path / "copy"))
    outcome = gated(classifier, edited(directory, name, edit, marked=True), tmp_path / "gate")
    assert outcome.failure is not None
    assert outcome.failure.code == "gate_failed"
    assert told in outcome.failure.ja


@pytest.mark.parametrize("name", [COLUMNS_NAME, HEAD_NAME])
def test_files_that_were_changed_after_the_export_are_not_served(
    classifier: Path, tmp_path: Path, name: str
) -> None:
    directory = Path(shutil.copytree(classifier, tmp_path / "copy"))
    edited(directory, name, lambda state: state.update(version=1, extra=2), marked=False)
    with pytest.raises(AppError) as caught:
        asked(directory, tmp_path / "work", (ColumnsItem(type="columns", columns={"大きさ": 1}),))
    assert caught.value.code == "predictor_file_changed"
