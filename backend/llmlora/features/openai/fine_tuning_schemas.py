"""Fine-tuning in OpenAI's own shapes. LoRA settings stand beside OpenAI's hyperparameters, under their own names."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from llmlora.kit.typed import Typed

JOB_PREFIX = "ftjob-"
"""A fine-tuning job's id is this and the id of its training."""

_NO_NUL = r"^[^\x00]*$"  # PostgreSQL keeps no NUL

JobId = Annotated[str, Path(pattern=r"^[\w-]{1,80}$", description="`ftjob-…`, as the creation answered.")]
FileId = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=_NO_NUL)]
Settings = Annotated[dict[str, JsonValue], Field(max_length=60)]
Status = Literal["validating_files", "queued", "running", "succeeded", "failed", "cancelled"]


class _Given(Typed):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SupervisedGiven(_Given):
    """`hyperparameters`: n_epochs, batch_size, learning_rate_multiplier, and any setting of the recipe."""

    hyperparameters: Settings | None = None


class MethodGiven(_Given):
    """How to train: a method that some recipe answers; others are taken apart only to be refused by name."""

    type: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "supervised"
    supervised: SupervisedGiven | None = None
    dpo: JsonValue = None
    reinforcement: JsonValue = None


class FineTuningJobCreate(Typed):
    """`POST /v1/fine_tuning/jobs`. Further keys are settings of the recipe (what clients send by `extra_body`)."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, JsonValue]

    model: Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=_NO_NUL)]
    training_file: FileId
    validation_file: FileId | None = None
    suffix: Annotated[str, StringConstraints(max_length=64, pattern=_NO_NUL)] | None = None
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    method: MethodGiven | None = None
    hyperparameters: Settings | None = None
    integrations: list[JsonValue] | None = Field(default=None, max_length=16)
    metadata: (
        Annotated[
            dict[
                Annotated[str, StringConstraints(max_length=64, pattern=_NO_NUL)],
                Annotated[str, StringConstraints(max_length=512, pattern=_NO_NUL)],
            ],
            Field(max_length=16),
        ]
        | None
    ) = None


class JobError(_Sent):
    """Why a job failed and what to change."""

    code: str
    message: str
    param: str | None


class SupervisedMethod(_Sent):
    """As asked for."""

    hyperparameters: dict[str, JsonValue]


class Method(_Sent):
    """As asked for."""

    type: Literal["supervised"]
    supervised: SupervisedMethod


class FineTuningJob(_Sent):
    """One fine-tuning: training, export, deployment and its checks. `succeeded`: the model answers under its name."""

    id: str
    object: Literal["fine_tuning.job"]
    created_at: int
    finished_at: int | None
    estimated_finish: int | None
    model: str
    fine_tuned_model: str | None
    organization_id: str
    status: Status
    training_file: str
    validation_file: None
    result_files: list[str]
    trained_tokens: int | None
    seed: int
    hyperparameters: dict[str, JsonValue]
    method: Method
    integrations: list[JsonValue]
    metadata: dict[str, str]
    user_provided_suffix: str | None
    error: JobError | None


class FineTuningEvent(_Sent):
    """What happened in a job."""

    id: str
    object: Literal["fine_tuning.job.event"]
    created_at: int
    level: Literal["info", "warn", "error"]
    message: str
    type: Literal["message", "metrics"]
    data: dict[str, Any] | None


class CheckpointMetrics(_Sent):
    """Null: not measured at this step. Validation covers the whole held-out part, so both losses are the same."""

    step: int
    train_loss: float | None
    train_mean_token_accuracy: None
    valid_loss: float | None
    valid_mean_token_accuracy: None
    full_valid_loss: float | None
    full_valid_mean_token_accuracy: None


class FineTuningCheckpoint(_Sent):
    """A point from which `resume` can go on. Its name is not served; only the finished model is."""

    id: str
    object: Literal["fine_tuning.job.checkpoint"]
    created_at: int
    fine_tuned_model_checkpoint: str
    fine_tuning_job_id: str
    step_number: int
    metrics: CheckpointMetrics


def fine_tuning_id_of(job_id: str) -> str:
    """`job_…` → `ftjob-job_…`."""
    return f"{JOB_PREFIX}{job_id}"


def job_id_of(fine_tuning_id: str) -> str | None:
    """`ftjob-job_…` → `job_…`; None: no id of ours."""
    prefix = JOB_PREFIX
    return fine_tuning_id.removeprefix(prefix) if fine_tuning_id.startswith(prefix) else None
