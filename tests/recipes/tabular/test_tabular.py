"""Models of tables are cross-validated step by step, judged, saved whole, and refused where what is saved is another."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score, mean_squared_error, r2_score, roc_auc_score
from skops.io import dump

from llmlora.contracts.evaluation import Evaluation, read_evaluation
from llmlora.contracts.events import ArtifactKind, Checkpoint, EventBody, LogBatch, MetricBatch
from llmlora.contracts.prediction import COLUMNS_NAME, HEAD_NAME, Head
from llmlora.contracts.run import RunCancelledError, RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.column_encoder import ColumnEncoder, Matrix, fit_column
from llmlora.data.kinds.table.examples import TableExample
from llmlora.data.kinds.table.names import TABLE
from llmlora.data.scalars import Scalar
from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.recipes.blocks.checkpoint import CheckpointMismatchError
from llmlora.recipes.blocks.columns.graphs import INPUT, OUTPUT, graph_of
from llmlora.recipes.blocks.columns.predictor import load_columns_predictor
from llmlora.recipes.blocks.columns.proof import refuse_other_predictions
from llmlora.recipes.blocks.columns.session import onnx_outputs
from llmlora.recipes.blocks.columns.trusted import ModelUntrustedError, load_model, save_model
from llmlora.recipes.context import ChildContext
from llmlora.recipes.tabular.evaluating import evaluate
from llmlora.recipes.tabular.folds import cross_validate
from llmlora.recipes.tabular.judging import figures, scores
from llmlora.recipes.tabular.models import Fitted, fit
from llmlora.recipes.tabular.rows import Rows, read_rows
from llmlora.recipes.tabular.spec import TabularConfig

from tests.factories import dataset_of, going_on, training_run
from tests.here import run_here

LIGHT = {"n_estimators": 20, "hidden_layers": [16], "max_iter": 200, "learning_rate": 0.03}
MODELS = ("random_forest", "svm", "neural_network", "gradient_boosting", "linear")


def rows_of(name: str, every: int = 1) -> list[TableExample]:
    """A table of scikit-learn, its classes by name."""
    loaded = getattr(datasets, f"load_{name}")()
    classes = getattr(loaded, "target_names", None)
    return [
        TableExample(
            row=at,
            features={n: float(v) for n, v in zip(loaded.feature_names, cells, strict=True)},
            target=float(target) if classes is None else str(classes[target]),
            target_name="target",
        )
        for at, (cells, target) in enumerate(list(zip(loaded.data, loaded.target, strict=True))[::every], 1)
    ]


def mixed_rows(count: int = 60) -> list[TableExample]:
    """Numbers with gaps, categories with gaps, truths: a class that follows from them."""
    random = np.random.default_rng(3)
    rows = []
    for at in range(1, count + 1):
        size, colour, new = (
            float(random.normal()),
            "赤青緑"[int(random.integers(3))],
            bool(random.integers(2)),
        )
        cells: dict[str, Scalar] = {
            "大きさ": None if at % 7 == 0 else size,
            "色": None if at % 11 == 0 else colour,
            "新品": new,
        }
        label = "買う" if size + (colour == "赤") + new > 0.8 else "買わない"
        rows.append(TableExample(row=at, features=cells, target=label, target_name="結果"))
    return rows


def run_of(rows: list[TableExample], tmp_path: Path, **config: Any) -> tuple[RunSpec, Outcome]:
    dataset = dataset_of(rows, tmp_path, TABLE)
    spec = training_run("tabular", dataset, None, tmp_path, **{**LIGHT, "cv": 0, **config})
    return spec, run_here(spec)


def evaluation_of(spec: RunSpec) -> Evaluation:
    return read_evaluation(run_dir_of(spec) / "evaluation.json")


def predictor_dir(spec: RunSpec) -> Path:
    return run_dir_of(spec) / "predictor"


class Told(ChildContext):
    """A context that keeps what it is told, and is asked to end after so many folds."""

    def __init__(self, spec: RunSpec, folds: int | None = None) -> None:
        run_dir_of(spec).mkdir(parents=True)
        super().__init__(spec, run_dir_of(spec), -1)
        self.folds, self.told = folds, list[EventBody]()

    def emit(self, body: EventBody) -> None:
        self.told.append(body)

    @property
    def cancelled(self) -> bool:
        return self.folds is not None and len(self.metrics) >= self.folds

    @property
    def metrics(self) -> list[MetricBatch]:
        return [one for one in self.told if isinstance(one, MetricBatch)]


def prepared(rows: list[TableExample], tmp_path: Path, **config: Any) -> tuple[TabularConfig, Rows, Told]:
    """Config, rows and context of a run that is looked at in parts: no file is written."""
    tmp_path.mkdir(exist_ok=True)
    dataset = dataset_of(rows, tmp_path, TABLE)
    spec = training_run("tabular", dataset, None, tmp_path, **{**LIGHT, **config})
    checked = TabularConfig.model_validate(spec.config)
    ctx = Told(spec)
    return checked, read_rows(checked, dataset, ctx), ctx


def exported(fitted: Fitted, numbers: Matrix) -> Any:
    """What ONNX Runtime makes of a model."""
    graph = graph_of(fitted.estimator, fitted.encoder.width, center=fitted.center, scale=fitted.scale)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run([OUTPUT], {INPUT: numbers})[0]


class TestModels:
    @pytest.mark.parametrize("model", MODELS)
    def test_classes_are_learned_and_the_graph_gives_the_same(self, tmp_path: Path, model: str) -> None:
        config, rows, _ = prepared(rows_of("iris"), tmp_path, model=model)
        fitted = fit(config, rows, rows.train, 1)
        numbers = fitted.encoder.encode(rows.cells(rows.test))
        outputs = fitted.outputs_of_numbers(numbers, 3)
        assert scores(rows.targets[rows.test], outputs, 3)["f1_macro"] > 0.85
        assert np.allclose(exported(fitted, numbers), outputs, atol=1e-5)
        save_model(fitted.estimator, tmp_path)
        assert np.array_equal(load_model(tmp_path).predict_proba(numbers), outputs)

    @pytest.mark.parametrize("model", MODELS)
    def test_amounts_are_learned_and_the_graph_gives_the_same(self, tmp_path: Path, model: str) -> None:
        few = {"alpha": 5.0, "learning_rate": 0.01, "max_iter": 100} if model == "neural_network" else {}
        config, rows, _ = prepared(rows_of("diabetes", every=2), tmp_path, model=model, **few)
        fitted = fit(config, rows, rows.train, 1)
        numbers = fitted.encoder.encode(rows.cells(rows.test))
        outputs = fitted.outputs_of_numbers(numbers, 0)
        assert scores(rows.targets[rows.test], outputs, 0)["r2"] > 0.2
        assert np.allclose(exported(fitted, numbers), outputs, rtol=1e-5)
        save_model(fitted.estimator, tmp_path)

    @pytest.mark.parametrize("encoding", ["onehot", "ordinal"])
    def test_gaps_categories_and_truths(self, tmp_path: Path, encoding: str) -> None:
        config, rows, _ = prepared(
            mixed_rows(), tmp_path, encoding=encoding, missing_indicator=True, class_weights="balanced"
        )
        fitted = fit(config, rows, rows.train, 1)
        assert rows.labels == ("買う", "買わない")
        assert [(one.name, one.type, one.categories) for one in fitted.encoder.columns] == [
            ("大きさ", "number", ()), ("色", "category", ("", "緑", "赤", "青")), ("新品", "boolean", ()),
        ]  # fmt: skip
        numbers = fitted.encoder.encode(rows.cells(rows.test))
        assert np.allclose(exported(fitted, numbers), fitted.outputs_of_numbers(numbers, 2), atol=1e-5)

    @pytest.mark.parametrize("model", MODELS)
    def test_the_same_seed_gives_the_same_model(self, tmp_path: Path, model: str) -> None:
        config, rows, _ = prepared(mixed_rows(), tmp_path, model=model)
        graphs = [
            graph_of(one.estimator, one.encoder.width).SerializeToString()
            for one in (fit(config, rows, rows.train, 1) for _ in range(2))
        ]
        assert graphs[0] == graphs[1]

    def test_early_stopping_ends_before_the_last_iteration(self, tmp_path: Path) -> None:
        config, rows, _ = prepared(
            rows_of("breast_cancer"), tmp_path, model="gradient_boosting", max_iter=300
        )
        assert fit(config, rows, rows.train, 1).estimator.n_iter_ < 300
        off = config.model_copy(update={"early_stopping": False, "max_iter": 20})
        assert fit(off, rows, rows.train, 1).estimator.n_iter_ == 20


class TestFolds:
    def test_each_fold_is_a_step_with_figures_and_a_checkpoint(self, tmp_path: Path) -> None:
        config, rows, ctx = prepared(rows_of("iris"), tmp_path, model="linear", cv=4)
        crossed = cross_validate(config, rows, 1, ctx)
        assert [one.step for one in ctx.metrics] == [1, 2, 3, 4]
        assert [one.step for one in ctx.told if isinstance(one, Checkpoint)] == [1, 2, 3, 4]
        assert set(ctx.metrics[0].values) == {
            "eval/score", "eval/accuracy", "eval/f1_macro", "eval/f1_weighted", "eval/roc_auc",
        }  # fmt: skip
        judged = sorted(row for fold in crossed.folds for row in fold.rows)
        assert judged == rows.train.tolist()
        assert 0.8 < crossed.summary()["f1_macro"]["mean"] <= 1

    @pytest.mark.parametrize("after", [1, 3])
    def test_resume_goes_on_at_the_fold_and_gives_the_very_numbers(self, tmp_path: Path, after: int) -> None:
        config, rows, whole = prepared(mixed_rows(), tmp_path / "whole", cv=5, test_split=0)
        told = cross_validate(config, rows, 1, whole)
        first = Told(whole.spec.model_copy(update={"data_dir": tmp_path / "parts"}), after)
        with pytest.raises(RunCancelledError):
            cross_validate(config, rows, 1, first)
        second = Told(going_on(first.spec))
        again = cross_validate(config, rows, 1, second)
        assert [one.step for one in second.metrics] == list(range(after + 1, 6))
        assert [*first.metrics, *second.metrics] == whole.metrics
        assert again == told
        fitted = fit(config, rows, rows.train, 1)
        assert evaluate(config, rows, fitted, again, second) == evaluate(config, rows, fitted, told, whole)

    def test_checkpoint_of_other_settings_is_refused(self, tmp_path: Path) -> None:
        config, rows, first = prepared(mixed_rows(), tmp_path, model="linear", cv=3)
        first.folds = 1
        with pytest.raises(RunCancelledError):
            cross_validate(config, rows, 1, first)
        other = config.model_copy(update={"seed": 7})
        with pytest.raises(CheckpointMismatchError, match="other settings or data"):
            cross_validate(other, rows, 1, Told(going_on(first.spec)))

    def test_folds_are_no_more_than_the_smallest_class_has_rows(self, tmp_path: Path) -> None:
        rows = [*mixed_rows(40)]
        rows[0] = rows[0].model_copy(update={"target": "珍しい"})
        rows[1] = rows[1].model_copy(update={"target": "珍しい"})
        config, read, ctx = prepared(rows, tmp_path, model="linear", cv=5, test_split=0)
        assert len(cross_validate(config, read, 1, ctx).folds) == 2
        assert any("2 分割" in one.message for one in ctx.told if isinstance(one, LogBatch))


@pytest.mark.slow
class TestRun:
    @pytest.mark.parametrize(
        ("name", "config", "judged"),
        [
            ("iris", {"cv": 2}, 30),
            ("iris", {"model": "svm", "cv": 3, "test_split": 0}, 150),
            ("diabetes", {"model": "gradient_boosting"}, 88),
        ],
    )
    def test_leaves_a_model_that_was_proved_and_an_evaluation(
        self, tmp_path: Path, name: str, config: Mapping[str, Any], judged: int
    ) -> None:
        spec, outcome = run_of(rows_of(name), tmp_path, **config)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert {one.kind for one in outcome.artifacts} == {ArtifactKind.MODEL, ArtifactKind.REPORT}
        told = evaluation_of(spec)
        assert told.rows == judged
        found = {one.name: one for one in told.figures}
        dummy = {one.name: one for one in told.baseline.figures} if told.baseline else {}
        for one in found.values():
            assert one.low is not None
            assert one.high is not None
            assert one.low <= one.value <= one.high
        main = "r2" if name == "diabetes" else "f1_macro"
        assert found[main].value > dummy[main].value + 0.2
        head = Head.model_validate_json((predictor_dir(spec) / HEAD_NAME).read_bytes())
        assert (head.input, head.target) == ("columns", "target")
        assert head.task == ("number" if name == "diabetes" else "single_label")
        assert head.labels == told.labels
        predictor = load_columns_predictor(predictor_dir(spec))
        outputs = onnx_outputs(predictor_dir(spec), predictor.numbers(predictor.held))
        assert np.allclose(outputs, predictor.outputs(predictor.held), rtol=1e-4, atol=1e-5)
        assert len(predictor.held) == 64 if judged > 63 else 31


class TestEvaluation:
    def test_tells_what_matters_how_sure_it_is_and_where_it_errs(self, tmp_path: Path) -> None:
        config, rows, ctx = prepared(rows_of("wine"), tmp_path, test_split=0.5, n_estimators=5, cv=0)
        crossed, fitted = cross_validate(config, rows, 1, ctx), fit(config, rows, rows.train, 1)
        told = evaluate(config, rows, fitted, crossed, ctx)
        assert told is not None
        assert told.importances is not None
        assert len(told.importances.inputs) == 13
        values = [one.value for one in told.importances.inputs]
        assert values == sorted(values, reverse=True)
        assert values[0] > 0.01
        assert [one.name for one in told.curves] == ["calibration", "coverage"]
        assert told.confusion is not None
        assert sum(map(sum, told.confusion.counts)) == told.rows == sum(one.support for one in told.classes)
        assert told.baseline is not None
        assert told.baseline.figures[0].value < told.figures[0].value
        assert all(one.example["features"] for one in told.mistakes)
        assert Evaluation.model_validate(told.report()).figures == told.figures

    def test_figures_are_those_of_scikit_learn(self) -> None:
        random = np.random.default_rng(0)
        targets = random.integers(0, 3, 80)
        outputs = random.dirichlet(np.ones(3), 80).round(2)
        outputs[:, 2] = 1 - outputs[:, :2].sum(axis=1)
        predicted = outputs.argmax(axis=1)
        found = scores(targets, outputs, 3)
        assert found["accuracy"] == pytest.approx(accuracy_score(targets, predicted))
        assert found["f1_macro"] == pytest.approx(f1_score(targets, predicted, average="macro"))
        assert found["f1_weighted"] == pytest.approx(f1_score(targets, predicted, average="weighted"))
        assert found["roc_auc"] == pytest.approx(roc_auc_score(targets, outputs, multi_class="ovr"))
        amounts, given = random.normal(50, 3, 80), random.normal(50, 3, (80, 1))
        told = scores(amounts, given, 0)
        assert told["r2"] == pytest.approx(r2_score(amounts, given[:, 0]))
        assert told["rmse"] == pytest.approx(mean_squared_error(amounts, given[:, 0]) ** 0.5)

    def test_intervals_hold_the_figure_and_narrow_with_rows(self) -> None:
        random = np.random.default_rng(1)

        def width(rows: int) -> float:
            targets = random.integers(0, 2, rows)
            sure = np.clip(0.5 + (targets - 0.5) * 0.4 + random.normal(0, 0.3, rows), 0, 1)
            accuracy = figures(targets, np.stack([1 - sure, sure], axis=1), 2, 0)[0]
            assert accuracy.low is not None
            assert accuracy.high is not None
            assert accuracy.low <= accuracy.value <= accuracy.high
            return accuracy.high - accuracy.low

        assert width(800) < width(50) / 2


@pytest.mark.slow
class TestProof:
    @pytest.fixture(scope="class")
    def saved(self, tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
        spec, outcome = run_of(mixed_rows(), tmp_path_factory.mktemp("saved"), model="linear")
        assert outcome.state is JobState.COMPLETED, outcome.failure
        return spec

    @pytest.mark.parametrize(
        ("name", "plant", "told"),
        [
            (COLUMNS_NAME, lambda s: s["columns"][0].update(fill=9.0), "欠損"),
            (COLUMNS_NAME, lambda s: s["columns"][1]["categories"].reverse(), "カテゴリー"),
            (HEAD_NAME, lambda s: s["labels"].reverse(), "買わない"),
        ],
        ids=["imputation", "categories", "labels"],
    )
    def test_planted_fault_is_refused_in_words(
        self, saved: RunSpec, tmp_path: Path, name: str, plant: Callable[[dict[str, Any]], None], told: str
    ) -> None:
        directory = tmp_path / "predictor"
        directory.mkdir()
        for file in predictor_dir(saved).iterdir():
            (directory / file.name).write_bytes(file.read_bytes())
        before = load_columns_predictor(directory)
        outputs = before.outputs(before.held)
        ctx = Told(training_run("tabular", saved.inputs.dataset(), None, tmp_path))
        assert refuse_other_predictions(directory, before.held, outputs, before.head.labels, ctx) < 1e-5
        state = json.loads((directory / name).read_text())
        plant(state)
        (directory / name).write_text(json.dumps(state))
        with pytest.raises(Exception) as caught:
            refuse_other_predictions(directory, before.held, outputs, before.head.labels, ctx)
        assert caught.value.code in {"saved_columns_differ", "reloaded_model_fails"}  # type: ignore[attr-defined]
        assert told in caught.value.detail("ja")  # type: ignore[attr-defined]

    def test_file_that_would_build_something_else_is_not_loaded(self, tmp_path: Path) -> None:
        forest = RandomForestClassifier(2).fit([[0.0], [1.0]], [0, 1])
        forest.stranger = Stranger()
        dump(forest, tmp_path / "model.skops")
        with pytest.raises(ModelUntrustedError, match="Stranger"):
            load_model(tmp_path)


class Stranger:
    """A type that no model of ours consists of."""


class TestRefusals:
    @pytest.mark.parametrize(
        ("targets", "config", "code"),
        [
            (["a"] * 20, {}, "table_single_class"),
            ([f"n{n}" for n in range(120)], {}, "table_too_many_classes"),
            (["1", "2", "x"] * 7, {"task": "regression"}, "table_target_not_numbers"),
            (["a", "b"] * 10, {"drop_columns": ["nothing"]}, "table_column_unknown"),
            (["a", "b"] * 10, {"drop_columns": ["size", "kind"]}, "table_no_feature"),
            (["a", "b"], {}, "table_too_few_rows"),
            ([*["a"] * 10, "b"], {"model": "svm", "test_split": 0}, "table_class_too_small"),
        ],
    )
    def test_what_cannot_be_learned_says_what_to_change(
        self, tmp_path: Path, targets: list[str], config: Mapping[str, Any], code: str
    ) -> None:
        rows = [
            TableExample(
                row=at, features={"size": at % 5, "kind": "xyz"[at % 3]}, target=one, target_name="y"
            )
            for at, one in enumerate(targets, 1)
        ]
        _, outcome = run_of(rows, tmp_path, **config)
        assert outcome.failure is not None
        assert (outcome.failure.code, outcome.failure.failure_class) == (code, "input")

    def test_columns_that_give_the_answer_away_are_left_out_and_told(self, tmp_path: Path) -> None:
        rows = [
            one.model_copy(
                update={"features": {**one.features, "copy": one.target, "id": one.row, "none": None}}
            )
            for one in mixed_rows()
        ]
        _, read, ctx = prepared(rows, tmp_path)
        assert read.left_out == {"copy": "equals_target", "id": "identifier", "none": "empty"}
        logs = [one.message for one in ctx.told if isinstance(one, LogBatch)]
        assert any("copy" in one and "目的変数と同じ値" in one for one in logs)
        _, kept, _ = prepared(rows, tmp_path / "kept", leaking_columns="keep", drop_columns=["id"])
        assert kept.left_out == {"none": "empty", "id": "dropped"}


class TestEncoder:
    def test_nothing_but_the_given_cells_decides_how_others_are_read(self) -> None:
        column = fit_column(
            "a", "number", [1.0, 3.0, None], imputation="mean", encoding="onehot", scaling="standard",
            most_categories=5, marks_gaps=True,
        )  # fmt: skip
        encoder = ColumnEncoder(columns=(column,))
        read = encoder.encode({"a": [1, "3", None, "x", 1e300]})
        assert read.dtype == np.float32
        assert read[:, 1].tolist() == [0, 0, 1, 0, 0]
        assert read[2, 0] == read[3, 0] == 0
        assert np.isfinite(read).all()

    def test_rare_and_unknown_categories_are_none(self) -> None:
        cells = [*"aaabbc", None]
        column = fit_column(
            "a", "category", cells, imputation="mean", encoding="onehot", scaling="none", most_categories=2,
            marks_gaps=False,
        )  # fmt: skip
        assert column.categories == ("a", "b")
        assert column.encode(["a", "b", "c", None]).tolist() == [[1, 0], [0, 1], [0, 0], [0, 0]]
