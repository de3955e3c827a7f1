"""Cross-validation as the steps of a run: a fold, its figures, a checkpoint. What a resume reads back is what was found."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict
from sklearn.model_selection import KFold, StratifiedKFold

from llmlora.contracts.events import MetricBatch, Progress
from llmlora.contracts.run import Context, DatasetInput
from llmlora.recipes.blocks.cancelling import stop_if_cancelled
from llmlora.recipes.blocks.checkpoint import (
    CheckpointMismatchError,
    load_state,
    prune_checkpoints,
    save_checkpoint,
    whole_checkpoint,
)
from llmlora.recipes.tabular.judging import scores
from llmlora.recipes.tabular.models import Indices, fit
from llmlora.recipes.tabular.rows import Rows
from llmlora.recipes.tabular.spec import TabularConfig

KEPT_CHECKPOINTS = 2


class Fold(BaseModel):
    """What one fold has found. `rows`: places of the rows that were judged, `outputs`: what the model gave for each, kept where
    nothing else is held out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    scores: dict[str, float]
    rows: list[int]
    outputs: list[list[float]]


class _State(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    threads: int
    folds: list[Fold]


@dataclass(frozen=True)
class CrossValidated:
    """All folds, and the threads that they were computed with."""

    folds: tuple[Fold, ...]
    threads: int

    def summary(self) -> dict[str, dict[str, float]]:
        """Of every figure mean and standard deviation over the folds."""
        names = self.folds[0].scores if self.folds else {}
        values = {name: [one.scores[name] for one in self.folds if name in one.scores] for name in names}
        return {
            name: {"mean": float(np.mean(found)), "std": float(np.std(found))}
            for name, found in values.items()
        }


def fingerprint_of(config: TabularConfig, dataset: DatasetInput) -> str:
    """What a checkpoint must share with the run that resumes from it."""
    return hashlib.sha256(f"{config.model_dump_json()}\n{dataset.sha256}".encode()).hexdigest()


def cross_validate(config: TabularConfig, rows: Rows, threads: int, ctx: Context) -> CrossValidated:
    """Each fold judged by a model that has learned from the others; those of a checkpoint are not computed again.

    Raises:
        CheckpointMismatchError: the checkpoint is of other settings or data.
        RunCancelledError: SIGTERM was seen; the folds so far are in the checkpoint.
    """
    state = _state(config, threads, ctx)
    parts, done = _parts(config, rows, ctx), list(state.folds)
    for number, (learned, judged) in enumerate(parts, 1):
        ctx.emit(Progress(stage="folds", done=len(done), total=len(parts), unit="folds"))
        if number <= len(done):
            continue
        stop_if_cancelled(ctx)
        fold = _judged(config, rows, number, learned, judged, state.threads)
        done.append(fold)
        state = state.model_copy(update={"folds": done})
        directory = ctx.run_dir / "checkpoints"
        saved = save_checkpoint(directory, ctx.run_dir, number, {}, state.model_dump(mode="json"))
        prune_checkpoints(directory, KEPT_CHECKPOINTS)
        ctx.emit(saved)
        values = {f"eval/{name}": value for name, value in fold.scores.items()}
        ctx.emit(MetricBatch(step=number, values=values))
    ctx.emit(Progress(stage="folds", done=len(parts), total=len(parts), unit="folds"))
    return CrossValidated(tuple(done), state.threads)


def _state(config: TabularConfig, threads: int, ctx: Context) -> _State:
    mark = fingerprint_of(config, ctx.spec.inputs.dataset())
    checkpoint = whole_checkpoint(ctx.spec)
    if checkpoint is None:
        return _State(fingerprint=mark, threads=threads, folds=[])
    state = _State.model_validate(load_state(checkpoint))
    if state.fingerprint != mark:
        raise CheckpointMismatchError(path=checkpoint, what=("設定かデータ", "settings or data"))
    return state


def _parts(config: TabularConfig, rows: Rows, ctx: Context) -> list[tuple[Indices, Indices]]:
    """(rows to learn from, rows to judge) of each fold."""
    if config.cv < 2:
        return []
    targets, most = rows.targets[rows.train], len(rows.train)
    if rows.is_classification:
        counts = np.bincount(targets)
        most = int(min((count for count in counts if count > 1), default=1))
    count = min(config.cv, most)
    if count < config.cv:
        ctx.log(
            f"最も少ないクラスの行が {most} 行のため、{count} 分割にします / "
            f"the smallest class has {most} rows, so there are {count} folds",
            level="warning",
        )
    if count < 2:
        return []
    make: Any = StratifiedKFold if rows.is_classification else KFold
    splitter = make(count, shuffle=True, random_state=config.seed)
    return [(rows.train[learned], rows.train[judged]) for learned, judged in splitter.split(targets, targets)]


def _judged(
    config: TabularConfig, rows: Rows, number: int, learned: Indices, judged: Indices, threads: int
) -> Fold:
    fitted = fit(config, rows, learned, threads)
    outputs = fitted.outputs(rows.cells(judged), len(rows.labels))
    kept = outputs if not len(rows.test) else outputs[:0]
    return Fold(
        number=number,
        scores=scores(rows.targets[judged], outputs, len(rows.labels)),
        rows=judged.tolist(),
        outputs=kept.tolist(),
    )
