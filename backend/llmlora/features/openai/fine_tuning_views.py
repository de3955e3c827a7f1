"""Chains of jobs, their events and their checkpoints, in OpenAI's shapes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from llmlora.contracts.events import Checkpoint, JobEvent, LogBatch, MetricBatch, StateChange
from llmlora.contracts.states import JobState
from llmlora.features.jobs.references import read_references
from llmlora.features.openai.files_schemas import file_id_of
from llmlora.features.openai.fine_tuning_chains import (
    ASKED,
    Chain,
    Stage,
    stage_of,
)
from llmlora.features.openai.fine_tuning_schemas import (
    CheckpointMetrics,
    FineTuningCheckpoint,
    FineTuningEvent,
    FineTuningJob,
    JobError,
    Method,
    SupervisedMethod,
    fine_tuning_id_of,
)
from llmlora.features.recipes.configs import find_recipe
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.job import JobRow

ORGANIZATION = "llmlora"
EVENT_PREFIX, CHECKPOINT_PREFIX = "ftevent-", "ftckpt-"
TITLES: dict[Stage | None, str] = {
    Stage.IMPORT: "Import of the base model",
    Stage.TRAINING: "Training",
    Stage.EXPORT: "Export of the adapter",
    Stage.BASE_EXPORT: "Export of the base model",
    Stage.DEPLOYMENT: "Deployment and its checks",
    None: "A step",
}
# Failures of a training that only other data can mend.
_DATA_CODES = frozenset({"nothing_to_learn", "end_of_turn_untrained", "dataset_gone"})
_LEVELS: dict[str, Literal["info", "warn", "error"]] = {"warning": "warn", "error": "error"}
_METRIC_NAMES = {"train/loss": "train_loss", "eval/loss": "valid_loss"}


def job_out(chain: Chain, now: datetime) -> FineTuningJob:
    """A fine-tuning job."""
    root, asked, status, end = chain.root, chain.root.facts[ASKED], chain.status, chain.deciding
    return FineTuningJob(
        id=fine_tuning_id_of(root.id),
        object="fine_tuning.job",
        created_at=int(root.created_at.timestamp()),
        finished_at=int(end.finished_at.timestamp()) if end and end.finished_at else None,
        estimated_finish=_estimate(chain, now) if status == "running" else None,
        model=asked["model"],
        fine_tuned_model=chain.model_name if status == "succeeded" else None,
        organization_id=ORGANIZATION,
        status=status,
        training_file=file_id_of(_dataset_of(root)),
        validation_file=None,
        result_files=[],
        trained_tokens=_trained_tokens(chain.stages[Stage.TRAINING]),
        seed=root.config["seed"],
        hyperparameters=asked["hyperparameters"],
        method=Method(
            type="supervised", supervised=SupervisedMethod(hyperparameters=asked["hyperparameters"])
        ),
        integrations=[],
        metadata=root.facts.get("metadata", {}),
        user_provided_suffix=asked.get("suffix"),
        error=_error(chain.failed),
    )


def event_out(event: JobEvent, chain: Chain) -> FineTuningEvent:
    """What happened in one of a chain's jobs."""
    body, level, data = event.body, "info", None
    kind: Literal["message", "metrics"] = "message"
    match body:
        case MetricBatch():
            kind, message = "metrics", _measured(body)
            data = {"step": body.step} | {_metric(name): value for name, value in body.values.items()}
        case LogBatch():
            level, message = _LEVELS.get(body.level, "info"), body.message
        case Checkpoint():
            message, data = f"Checkpoint created at step {body.step}", {"step": body.step}
        case StateChange():
            level, message = _told(body, event, chain)
        case _:
            message = body.type
    return FineTuningEvent.model_validate(
        {
            "id": f"{EVENT_PREFIX}{event.job_id}-{event.seq}",
            "object": "fine_tuning.job.event",
            "created_at": int(event.at.timestamp()),
            "level": level,
            "message": message,
            "type": kind,
            "data": data,
        }
    )


def checkpoint_out(row: ArtifactRow, chain: Chain, measured: Mapping[str, float]) -> FineTuningCheckpoint:
    """A checkpoint of one of a chain's trainings."""
    step, valid_loss = row.step or 0, measured.get("eval/loss")
    return FineTuningCheckpoint(
        id=f"{CHECKPOINT_PREFIX}{row.id}",
        object="fine_tuning.job.checkpoint",
        created_at=int(row.created_at.timestamp()),
        fine_tuned_model_checkpoint=f"{row.job_id}:ckpt-step-{step}",
        fine_tuning_job_id=fine_tuning_id_of(chain.root.id),
        step_number=step,
        metrics=CheckpointMetrics(
            step=step,
            train_loss=measured.get("train/loss"),
            train_mean_token_accuracy=None,
            valid_loss=valid_loss,
            valid_mean_token_accuracy=None,
            full_valid_loss=valid_loss,
            full_valid_mean_token_accuracy=None,
        ),
    )


def _dataset_of(training: JobRow) -> str:
    read = read_references(find_recipe(training.recipe), training.inputs)
    return next(one.id for one in read.values() if one.kind == "dataset")


def _estimate(chain: Chain, now: datetime) -> int | None:
    """When the stage that runs now will end; export and checks add little to a training."""
    left = [
        job.progress["eta_s"]
        for job in chain.stages.values()
        if job.state == JobState.RUNNING and job.progress and job.progress.get("eta_s") is not None
    ]
    return int((now + timedelta(seconds=max(left))).timestamp()) if left else None


def _trained_tokens(training: JobRow) -> int | None:
    """Tokens of the training rows times the passes really made; null until the training is complete."""
    ledger = training.reports.get("ledger")
    if training.state != JobState.COMPLETED or ledger is None:
        return None
    passes = training.latest_metrics.get("train/epoch", {}).get("value", training.config["epochs"])
    return round(float(ledger["tokens"]) * float(passes))


def _error(failed: JobRow | None) -> JobError | None:
    if failed is None:
        return None
    failure = failed.failure or {}
    code = str(failure.get("code", "job_failed"))
    param = "model" if stage_of(failed) is Stage.IMPORT else "training_file" if code in _DATA_CODES else None
    message = str(failure.get("en") or f"{TITLES[stage_of(failed)]} failed.")
    return JobError(code=code, message=message, param=param)


def _told(change: StateChange, event: JobEvent, chain: Chain) -> tuple[Literal["info", "warn", "error"], str]:
    """A change of state in words."""
    job = chain.jobs[event.job_id]
    title = TITLES[stage_of(job)]
    if job is chain.root and event.seq == 1:
        return "info", f"Created fine-tuning job: {fine_tuning_id_of(job.id)}"
    match change.state:
        case JobState.FAILED:
            why = change.failure.en if change.failure else change.reason
            return "error", f"{title} failed: {why}"
        case JobState.COMPLETED if stage_of(job) is Stage.DEPLOYMENT and chain.model_name:
            return "info", f"New fine-tuned model created: {chain.model_name}"
        case JobState.CANCELLED:
            return "warn", f"{title}: cancelled" + (f" ({change.reason})" if change.reason else "")
        case JobState.QUEUED if change.reason:
            return "warn", f"{title}: queued again ({change.reason})"
        case state:
            return "info", f"{title}: {state}"


def _measured(body: MetricBatch) -> str:
    known: Sequence[tuple[str, str]] = (("train/loss", "training loss"), ("eval/loss", "validation loss"))
    told = [f"{words}={body.values[name]:.4f}" for name, words in known if name in body.values]
    return f"Step {body.step}: " + (", ".join(told) or "metrics")


def _metric(name: str) -> str:
    return _METRIC_NAMES.get(name, name.replace("/", "_"))
