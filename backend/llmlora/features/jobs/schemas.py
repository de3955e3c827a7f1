"""Jobs as the wire shows and asks for them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticKnownError

from llmlora.contracts.deployment import Quantize, Route, planned_route, refuse_quantised_adapter
from llmlora.contracts.events import Failure, LogBatch, NotFinite
from llmlora.contracts.states import JobState
from llmlora.features.needs.schemas import NeedOut
from llmlora.inference.ollama.names import OwnName
from llmlora.kit.typed import Typed
from llmlora.kit.validation import goes_not_together
from llmlora.recipes import DEFAULT, RECIPES, deploying_to

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
InputReference = Annotated[
    str, StringConstraints(min_length=1, max_length=1024, strip_whitespace=True, pattern=r"^[^\x00]+$")
]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=1024, strip_whitespace=True)]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Asked(Typed):
    model_config = ConfigDict(frozen=True, extra="forbid")


TARGETS = {one.deploys.name: one.deploys for one in RECIPES.values() if one.deploys}
_USUAL_TARGET = next(name for name, target in TARGETS.items() if target.default)


def _known_target(name: str) -> str:
    if deploying_to(name) is None:
        raise PydanticKnownError("literal_error", {"expected": _either(TARGETS)})
    return name


def _either(names: Iterable[str]) -> str:
    *others, last = (f"'{name}'" for name in names)
    return f"{', '.join(others)} or {last}" if others else last


TargetName = Annotated[
    str, AfterValidator(_known_target), WithJsonSchema({"type": "string", "enum": list(TARGETS)})
]


class DeployRequest(_Asked):
    """What follows a training: the adapter as GGUF, served and proved."""

    target: TargetName = _USUAL_TARGET
    quantization: Literal["f16", "f32", "q8_0"] = Field(
        "f16", description="Number format of the adapter's GGUF."
    )
    route: Route = Field(
        "auto",
        description="ollama: the base with the adapter beside it, or one merged model; auto: the first where the server takes adapters.",
    )
    quantize: Quantize = Field(
        "none", description="ollama: what the merged model is quantised to; auto then means merged."
    )
    tag: OwnName | None = Field(
        None,
        description="ollama: the model's name there; by default llmlora/<job>:<form>, numbered where another has it.",
    )
    replace: bool = Field(False, description="ollama: replace a model that has the name.")
    name: Name | None = Field(None, description="Last word of the deployed model's name.")
    context: int | None = Field(
        None,
        ge=64,
        le=1_048_576,
        description="Tokens of one conversation; by default as long as the training's rows, at least 2048.",
    )
    max_tokens: int | None = Field(
        None,
        ge=1,
        le=4096,
        description="Longest answer that the gates compare; by default as long as those in the data.",
    )
    prompts: list[Annotated[str, StringConstraints(min_length=1, max_length=8000)]] | None = Field(
        None,
        min_length=1,
        max_length=32,
        description="Questions of the gates; by default the first rows that are trained, kept beside the adapter.",
    )

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        refuse_quantised_adapter(self.route, self.quantize)
        target = TARGETS[self.target]
        # Where nothing is merged the adapter is always given, so that one may be named.
        is_merged = planned_route(self.route, self.quantize) == "merged"
        if (is_merged and not target.merges) or (
            (self.tag is not None or self.replace) and not target.has_tags
        ):
            others = [name for name, one in TARGETS.items() if one.merges and one.has_tags]
            raise goes_not_together(
                "target",
                ja=f"route、quantize、tag、replace を指定できるのは target が {'、'.join(others)} のときだけです",
                en=f"must be {' or '.join(others)} where route, quantize, tag or replace is given",
            )
        return self


class JobCreate(_Asked):
    """One job, or with `deploy` a chain of jobs that begins with it."""

    recipe: Annotated[str, StringConstraints(min_length=1, max_length=64)] = DEFAULT.name
    name: Name | None = None
    dataset_id: Id | None = None
    base_model: Reference | None = Field(
        None,
        description="Id or reference (`bundled:…`, `path:…`, `hf:…`, `ollama:…`). A new one is imported by a job of its own.",
    )
    training_job_id: Id | None = Field(None, description="The job whose adapter is exported or deployed.")
    export_job_id: Id | None = Field(None, description="The job whose adapter GGUF is deployed.")
    base_export_job_id: Id | None = Field(None, description="The job whose base GGUF is deployed.")
    inputs: dict[Annotated[str, StringConstraints(min_length=1, max_length=64)], InputReference] = Field(
        default_factory=dict,
        max_length=20,
        description="The recipe's inputs by name (see GET /api/recipes): ids of data sets and jobs, ids or references of base models. The fields above name the usual ones.",
    )
    config: dict[str, JsonValue] = Field(
        default_factory=dict, max_length=100, description="Settings of the recipe; see GET /api/recipes."
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    threads: int | None = Field(
        None, ge=1, le=1024, description="Cores the job holds; by default all of a worker's."
    )
    priority: int = Field(0, ge=-100, le=100, description="Higher ones start first.")
    depends_on: list[Id] = Field(default_factory=list, max_length=20)
    deploy: DeployRequest | None = None
    metadata: dict[
        Annotated[str, StringConstraints(max_length=64)], Annotated[str, StringConstraints(max_length=512)]
    ] = Field(default_factory=dict, max_length=16)


class JobCancel(_Asked):
    """How a job ends early."""

    checkpoint: Literal["keep", "discard"] = Field(
        "keep", description="keep: the job can be resumed; discard: its checkpoints are deleted."
    )


class JobDuplicate(_Asked):
    """What is different in the copy."""

    name: Name | None = None
    config: dict[str, JsonValue] = Field(default_factory=dict, max_length=100)


class JobInputs(_Shape):
    """What a job works on, by reference: inputs without a field here stand beside them, by their own names."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str]

    dataset_id: str | None = None
    base_model: str | None = None
    training_job_id: str | None = None
    export_job_id: str | None = None
    base_export_job_id: str | None = None


class ProgressOut(_Shape):
    """How far the current stage is. `eta_s` is null until it can be known."""

    stage: str
    done: int
    total: int
    unit: str
    eta_s: float | None


class LatestMetric(_Shape):
    """The newest point of one curve. Where that is no number, `value` is null and `not_finite` says what it is."""

    step: int
    value: float | None
    not_finite: NotFinite | None = None


class JobOut(_Shape):
    """One job. `desired` is `cancel` while a running job is being stopped, `prune` where it is a trial that others have beaten."""

    id: str
    name: str
    recipe: str
    state: JobState
    desired: Literal["run", "cancel", "prune"]
    config: dict[str, JsonValue]
    inputs: JobInputs
    device: str
    threads: int | None
    priority: int
    attempt: int
    epoch: int
    head_seq: int
    progress: ProgressOut | None
    latest_metrics: dict[str, LatestMetric]
    failure: Failure | None
    forecast: dict[str, JsonValue] | None
    resumes_job_id: str | None
    group_id: str
    metadata: dict[str, str]
    tags: list[str]
    note: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    next_run_at: datetime | None


class ExtremesOut(_Shape):
    """The smallest and the largest value of a curve, of those that are finite."""

    min: float
    max: float


class ListedJobOut(JobOut):
    """A job of a list. `extremes`: of its curves, by metric; `dataset_rows` and `base_reference` are null where the data
    set or the base model is gone."""

    extremes: dict[str, ExtremesOut]
    dataset_rows: int | None
    base_reference: str | None


class JobTotals(BaseModel):
    """What the jobs of a list come to, of all pages. `run_time_s`: how long they have run together; `tokens`: that they
    have learned from; `size_bytes`: of the files that they have left below the data directory."""

    model_config = ConfigDict(extra="forbid")

    count: int
    by_state: dict[JobState, int]
    run_time_s: float
    tokens: int
    size_bytes: int


class JobFiles(_Shape):
    """What a job keeps on the disk: the bytes that deleting it would free, and who needs it."""

    size_bytes: int
    needs: list[NeedOut]


class JobDeleted(_Shape):
    """A job that is no longer known; the bytes that were freed."""

    id: str
    freed_bytes: int


class JobStage(_Shape):
    """One job of the same chain."""

    id: str
    recipe: str
    state: JobState
    progress: ProgressOut | None
    failure: Failure | None


class ArtifactOut(_Shape):
    """Files that a job made. `download_url` is null for what was published outside the job."""

    id: str
    job_id: str
    epoch: int
    kind: str
    name: str
    path: str
    sha256: str
    size_bytes: int
    step: int | None
    facts: dict[str, JsonValue]
    created_at: datetime
    download_url: str | None


class JobDetail(JobOut):
    """One job with everything around it. `evaluation_id`: of what it has found on held-out rows, where it has looked."""

    depends_on: list[str]
    stages: list[JobStage]
    artifacts: list[ArtifactOut]
    reports: dict[str, dict[str, JsonValue]]
    evaluation_id: str | None


class WaitingJobs(BaseModel):
    """The line of jobs that wait for a worker. `data`: the first by id, as they are taken; `length`: of the whole line."""

    model_config = ConfigDict(extra="forbid")

    data: list[str]
    length: int


class JobProgress(_Shape):
    """What a poll needs."""

    state: JobState
    desired: Literal["run", "cancel", "prune"]
    progress: ProgressOut | None
    latest_metrics: dict[str, LatestMetric]
    failure: Failure | None
    head_seq: int


class Series(_Shape):
    """One curve. `total`: points there are; `steps` and `values` hold at most about `width` of them."""

    steps: list[int]
    values: list[float]
    total: int


class RunClock(_Shape):
    """How long a job had run when some of its steps were measured; in between it is straight.

    Waiting does not count, and what a resumed job's predecessors took does. `at`: a moment, while it runs, by which it
    had run for `at_s`; null when it does not, and `at_s` is the whole. `waited_s`: the pauses that were left out.
    """

    steps: list[int]
    seconds: list[float]
    at: datetime | None
    at_s: float
    waited_s: float


class MetricsOut(_Shape):
    """The curves of a job, down-sampled so that no peak is lost."""

    series: dict[str, Series]
    clock: RunClock
    head_seq: int


class LogPage(BaseModel):
    """Log lines in order. `next`: what to give as `after`, null when these are the last for now; `earlier`: what to
    give as `before`, null when there are none before these; `head_seq`: number of the job's last event of all."""

    model_config = ConfigDict(extra="forbid")

    data: list["LogLine"]
    next: str | None
    earlier: int | None
    head_seq: int


class LogLine(_Shape):
    """One log line with the number of its event. `step`: it tells the figures of that step."""

    seq: int
    epoch: int
    at: datetime
    level: Literal["debug", "info", "warning", "error"]
    message: str
    step: int | None


def log_line(seq: int, epoch: int, at: datetime, body: LogBatch) -> LogLine:
    """A log event as the wire shows it."""
    return LogLine(seq=seq, epoch=epoch, at=at, level=body.level, message=body.message, step=body.step)
