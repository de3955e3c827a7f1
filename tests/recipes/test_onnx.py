"""A model that predicts, from its training's files to a session that answers as it does: exported, served, proved, refused."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import onnx
import pytest
import torch
from onnx import numpy_helper
from safetensors.torch import load_file, save_file

from llmlora.contracts.prediction import HEAD_NAME, HELD_NAME, Head, PredictionAnswer, TextItem
from llmlora.contracts.states import JobState
from llmlora.data.predictor_files import MODEL_NAME, TOKENIZER_NAME, marks_of
from llmlora.engine.hosts.running import Outcome
from llmlora.engine.serving.pool import ServerPool
from llmlora.engine.serving.spec import OnnxSpec
from llmlora.inference.predictor import PredictorClient
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.predictor import load_predictor

from tests.plugins.predictors import (
    HELD,
    LABELS,
    classifier_dir,
    file_of,
    onnx_dir,
    run_of,
    write_classifier,
    write_tokenizer,
)

__all__ = ["classifier_dir", "onnx_dir"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def copy(onnx_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(onnx_dir, tmp_path / "copy"))


def marked(directory: Path) -> Path:
    """The graph marked for the files that lie beside it now: one who exports wrongly marks that, too."""
    model = onnx.load(directory / MODEL_NAME)
    onnx.helper.set_model_props(model, marks_of(directory))
    onnx.save(model, directory / MODEL_NAME)
    return directory


def asked(directory: Path, work: Path, texts: tuple[str, ...] = HELD) -> PredictionAnswer:
    """What a session over a directory says, through the pool and its own process."""

    async def ask() -> PredictionAnswer:
        async with ServerPool(work) as pool:
            endpoint = await pool.endpoint(OnnxSpec(onnx=directory, threads=1))
            [status] = pool.status()
            assert (status.engine, status.model, status.alive) == ("ONNX Runtime", directory, True)
            async with PredictorClient(endpoint) as client:
                return await client.predict([TextItem(type="text", text=text) for text in texts])

    return asyncio.run(ask())


def gated(trained: Path, directory: Path, work: Path) -> Outcome:
    """How the gate ends, asked of a session over a directory."""

    async def judge() -> Outcome:
        async with ServerPool(work / "pool") as pool:
            endpoint = await pool.endpoint(OnnxSpec(onnx=directory, threads=1))
            inputs = {"model": file_of(trained), "onnx": file_of(directory), "endpoint": endpoint}
            return await asyncio.to_thread(run_of, "deploy_onnx", work, inputs)

    return asyncio.run(judge())


class TestExport:
    def test_session_computes_what_the_trained_model_does(
        self, classifier_dir: Path, onnx_dir: Path, tmp_path: Path
    ) -> None:
        texts = (*HELD, "the match was won " * 20, "i", "CAFÉ")
        answer = asked(onnx_dir, tmp_path, texts)
        trained = load_predictor(classifier_dir)
        for text, found in zip(texts, answer.outcomes, strict=True):
            item = (TextItem(type="text", text=text),)
            logits = trained.logits(item)[0]
            assert found.logits == pytest.approx(logits.tolist(), abs=1e-5)
            assert found.input_ids == tuple(trained.encode(item)["input_ids"][0].tolist())
            shares = torch.softmax(logits.double(), 0)
            assert found.labels[0].label == LABELS[int(logits.argmax())]
            assert {one.label: one.score for one in found.labels} == pytest.approx(
                dict(zip(LABELS, shares.tolist(), strict=True)), abs=1e-6
            )
            assert [one.is_chosen for one in found.labels] == [True, False, False]
        assert [one.is_cut for one in answer.outcomes] == [False] * 5 + [True, False, False]

    def test_several_labels_are_each_judged_by_the_threshold(
        self, onnx_dir: Path, copy: Path, tmp_path: Path
    ) -> None:
        head = Head(task="multi_label", labels=LABELS, max_length=16, threshold=0.3)
        (copy / HEAD_NAME).write_text(head.model_dump_json())
        several, one = asked(marked(copy), tmp_path / "a"), asked(onnx_dir, tmp_path / "b")
        for found, single in zip(several.outcomes, one.outcomes, strict=True):
            expected = {
                label: 1 / (1 + 2.718281828459045**-x) for label, x in zip(LABELS, single.logits, strict=True)
            }
            assert {s.label: s.score for s in found.labels} == pytest.approx(expected)
            assert {s.label for s in found.labels if s.is_chosen} == {
                k for k, v in expected.items() if v >= 0.3
            }
        assert several.model_sha256 != one.model_sha256

    def test_lost_head_is_refused(self, classifier_dir: Path, tmp_path: Path) -> None:
        broken = Path(shutil.copytree(classifier_dir, tmp_path / "broken"))
        tensors = load_file(broken / "model.safetensors")
        save_file(
            {name: one for name, one in tensors.items() if "classifier" not in name},
            broken / "model.safetensors",
            metadata={"format": "pt"},
        )
        failure = run_of("export_onnx", tmp_path, {"model": file_of(broken)}).failure
        assert failure is not None
        assert (failure.code, failure.failure_class) == ("head_lost", "input")
        assert "classifier.weight" in failure.en
        assert "classifier.weight" in failure.ja

    @pytest.mark.parametrize(
        ("break_it", "code"),
        [
            (lambda d: (d / HEAD_NAME).unlink(), "predictor_file_missing"),
            (lambda d: (d / HEAD_NAME).write_text("{}"), "predictor_file_missing"),
            (lambda d: (d / HELD_NAME).write_text('{"items": []}'), "predictor_file_missing"),
            (lambda d: _relabel(d, LABELS[::-1]), "label_order"),
            (lambda d: _relabel(d, LABELS[:2]), "label_order"),
            (lambda d: (d / "evil.py").write_text(""), "base_model_python_code"),
        ],
        ids=["no head", "not a head", "no held rows", "labels turned round", "a label too few", "code"],
    )
    def test_what_is_no_trained_model_is_refused_and_leaves_nothing(
        self, classifier_dir: Path, tmp_path: Path, break_it: Callable[[Path], object], code: str
    ) -> None:
        broken = Path(shutil.copytree(classifier_dir, tmp_path / "broken"))
        break_it(broken)
        outcome = run_of("export_onnx", tmp_path / "data", {"model": file_of(broken)})
        assert outcome.failure is not None
        assert outcome.failure.code == code
        assert (outcome.artifacts, list((tmp_path / "data").rglob("model.onnx"))) == ([], [])


def _relabel(directory: Path, labels: tuple[str, ...]) -> None:
    head = json.loads((directory / HEAD_NAME).read_text()) | {"labels": labels}
    (directory / HEAD_NAME).write_text(json.dumps(head))


class TestSession:
    @pytest.mark.parametrize(
        ("break_it", "code", "word"),
        [
            (lambda d: _relabel(d, LABELS[::-1]), "predictor_file_changed", "labels"),
            (lambda d: _lowercase_not(d), "predictor_file_changed", "normalized"),
            (lambda d: (d / TOKENIZER_NAME).unlink(), "predictor_file_missing", "tokenizer.json"),
            (lambda d: (d / MODEL_NAME).write_bytes(b"nonsense"), "predictor_file_missing", "model.onnx"),
            (lambda d: _unmark(d), "predictor_unmarked", "model.onnx"),
        ],
        ids=["another label order", "another normalisation", "no tokenizer", "no graph", "not ours"],
    )
    def test_directory_that_was_changed_after_its_export_is_not_served(
        self, copy: Path, tmp_path: Path, break_it: Callable[[Path], object], code: str, word: str
    ) -> None:
        break_it(copy)
        with pytest.raises(AppError) as caught:
            asked(copy, tmp_path / "work")
        assert caught.value.code == code
        assert word in caught.value.detail("en")
        assert caught.value.detail("ja") != caught.value.detail("en")

    def test_key_is_needed(self, onnx_dir: Path, tmp_path: Path) -> None:
        async def ask() -> int:
            async with ServerPool(tmp_path) as pool:
                endpoint = await pool.endpoint(OnnxSpec(onnx=onnx_dir, threads=1))
                body = {"items": [{"type": "text", "text": "a"}]}
                async with httpx.AsyncClient(base_url=endpoint.base_url) as client:
                    return (await client.post("/predict", json=body)).status_code

        assert asyncio.run(ask()) == 401


def _lowercase_not(directory: Path) -> None:
    """The same words, letter case kept."""
    found = json.loads((directory / TOKENIZER_NAME).read_text())
    found["normalizer"]["lowercase"] = False
    (directory / TOKENIZER_NAME).write_text(json.dumps(found))


def _unmark(directory: Path) -> None:
    model = onnx.load(directory / MODEL_NAME)
    del model.metadata_props[:]
    onnx.save(model, directory / MODEL_NAME)


class TestGate:
    def test_green_for_what_was_exported(self, classifier_dir: Path, onnx_dir: Path, tmp_path: Path) -> None:
        outcome = gated(classifier_dir, onnx_dir, tmp_path)
        assert (outcome.state, outcome.failure) == (JobState.COMPLETED, None)
        gates = outcome.reports["gates"]
        assert gates["passed"] is True
        assert gates["parity"]["prompts"] == len(HELD)  # type: ignore[index, call-overload]
        assert 0 <= gates["parity"]["largest_delta"] < 1e-5  # type: ignore[index, call-overload, operator]

    @pytest.mark.parametrize(
        ("break_it", "kind", "words"),
        [
            (lambda d: _relabel(d, (LABELS[1], LABELS[0], LABELS[2])), "labels", "order of the labels"),
            (lambda d: _lowercase_not(d), "input_ids", "normalization"),
            (lambda d: _lose_head(d), "logits", "head"),
        ],
        ids=["wrong label order", "another normalisation", "lost head"],
    )
    def test_export_that_is_wrong_throughout_is_red_in_words(
        self,
        classifier_dir: Path,
        copy: Path,
        tmp_path: Path,
        break_it: Callable[[Path], object],
        kind: str,
        words: str,
    ) -> None:
        break_it(copy)
        outcome = gated(classifier_dir, marked(copy), tmp_path)
        assert outcome.state == JobState.FAILED
        assert outcome.failure is not None
        assert outcome.failure.code == "gate_failed"
        assert words in outcome.failure.en
        assert outcome.reports["gates"]["passed"] is False
        faults = outcome.reports["gates"]["parity"]["faults"]  # type: ignore[index, call-overload]
        assert {one["kind"] for one in faults} == {kind}  # type: ignore[index, union-attr]

    def test_model_of_another_training_is_red(self, onnx_dir: Path, tmp_path: Path) -> None:
        other = write_classifier(tmp_path / "other", seed=1)
        write_tokenizer(other)
        outcome = gated(other, onnx_dir, tmp_path)
        assert outcome.failure is not None
        assert outcome.failure.code == "gate_failed"


def _lose_head(directory: Path) -> None:
    """The classifying layer as transformers would draw it anew."""
    model = onnx.load(directory / MODEL_NAME)
    [weight] = [one for one in model.graph.initializer if tuple(one.dims) in {(3, 32), (32, 3)}]
    drawn = torch.randn(tuple(weight.dims), generator=torch.Generator().manual_seed(3)) * 0.02
    weight.CopyFrom(numpy_helper.from_array(drawn.numpy(), weight.name))
    onnx.save(model, directory / MODEL_NAME)
