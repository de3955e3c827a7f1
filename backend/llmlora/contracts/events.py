"""Numbered facts about a job.

`Event` is what a child process writes, one JSON object a line on descriptor 3; its `src_seq` counts from 1 within one
run (job, epoch), without a gap, so a line can be replayed safely. `JobEvent` is what everybody reads afterwards; its
`seq` counts from 1 within one job, without a gap, over all epochs.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from llmlora.contracts.states import JobState


class ArtifactKind(StrEnum):
    """What a job can leave behind."""

    BASE_MODEL = "base_model"
    ADAPTER = "adapter"
    MERGED_MODEL = "merged_model"
    MODEL = "model"
    GGUF = "gguf"
    ONNX = "onnx"
    COREML = "coreml"
    REPORT = "report"


ARTIFACT_WORDS: dict[ArtifactKind, tuple[str, str]] = {
    ArtifactKind.BASE_MODEL: ("ベースモデル", "base model"),
    ArtifactKind.ADAPTER: ("アダプター", "adapter"),
    ArtifactKind.MERGED_MODEL: ("結合モデル", "merged model"),
    ArtifactKind.MODEL: ("予測モデル", "prediction model"),
    ArtifactKind.GGUF: ("GGUF", "GGUF"),
    ArtifactKind.ONNX: ("ONNX", "ONNX"),
    ArtifactKind.COREML: ("Core ML", "Core ML"),
    ArtifactKind.REPORT: ("レポート", "report"),
}
"""What a sentence calls a kind: Japanese, English."""


PRODUCTS = frozenset({ArtifactKind.ADAPTER, ArtifactKind.MODEL})
"""What a training leaves to be exported, deployed, or gone on with."""


class FailureClass(StrEnum):
    """Who has to act. Only `infrastructure` is ever tried again."""

    INPUT = "input"
    DIVERGED = "diverged"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    RECIPE = "recipe"
    INFRASTRUCTURE = "infrastructure"


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Progress(_Body):
    """How far the run is. `eta_s` is null until it can be known."""

    type: Literal["progress"] = "progress"
    stage: str
    done: int = Field(ge=0)
    total: int = Field(ge=0)
    unit: str
    eta_s: float | None = None


NotFinite = Literal["nan", "inf", "-inf"]


class MetricBatch(_Body):
    """Points of one optimizer step; names are `<split>/<metric>` or plain.

    `not_finite`: figures of the step that are no numbers, in words, since JSON has none for them.
    """

    type: Literal["metrics"] = "metrics"
    step: int = Field(ge=0)
    values: dict[str, float]
    not_finite: dict[str, NotFinite] = Field(default_factory=dict)


class LogBatch(_Body):
    """One line for a person. `step`: it tells the figures of that step, which a `metrics` event has told programs."""

    type: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error"]
    message: str
    step: int | None = Field(default=None, ge=0)


class GpuSample(_Body):
    """One accelerator of the machine now."""

    index: int
    name: str
    utilisation_percent: float | None
    used_bytes: int
    total_bytes: int


class ResourceSample(_Body):
    """What the run uses now, and what its machine has left. `cpu_percent`: 100 is one core."""

    type: Literal["resources"] = "resources"
    cpu_percent: float
    rss_bytes: int
    device_bytes: int | None = None
    machine_cpu_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    disk_free_bytes: int | None = None
    gpus: tuple[GpuSample, ...] = ()


class Checkpoint(_Body):
    """A directory that can be resumed from; it exists because its manifest does."""

    type: Literal["checkpoint"] = "checkpoint"
    step: int
    path: str
    """Relative to the run directory."""
    sha256: str
    size_bytes: int


class Artifact(_Body):
    """Files the run produced, hashed. A directory's hash is `kit.files.sha256_of_tree`; that of the `files` which alone
    count in a directory of somebody else's is `sha256_of_files`."""

    type: Literal["artifact"] = "artifact"
    kind: ArtifactKind
    name: str
    path: str
    """Relative to the run directory, or absolute for what is published elsewhere below the data root."""
    sha256: str
    size_bytes: int
    files: tuple[str, ...] | None = None
    """Relative to `path`; None: all there are."""
    facts: dict[str, JsonValue] = Field(default_factory=dict)


class Report(_Body):
    """A document about the run: `ledger`, `gates`, `plan`, …"""

    type: Literal["report"] = "report"
    name: str
    body: dict[str, JsonValue]


class Failure(_Body):
    """Why the run failed and what to change. Always the run's last event but for logs."""

    type: Literal["failure"] = "failure"
    failure_class: FailureClass
    code: str
    ja: str
    en: str


class Finished(_Body):
    """The run did all it was asked to, or was cancelled cleanly and saved what it had."""

    type: Literal["finished"] = "finished"
    outcome: Literal["completed", "cancelled"]


EventBody = Annotated[
    Progress | MetricBatch | LogBatch | ResourceSample | Checkpoint | Artifact | Report | Failure | Finished,
    Field(discriminator="type"),
]


class Event(BaseModel):
    """A numbered fact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    src_seq: int = Field(ge=1)
    at: datetime
    body: EventBody


event_adapter: TypeAdapter[Event] = TypeAdapter(Event)


class StateChange(_Body):
    """The platform's own fact: a job changed its state. `reason` is a stable word such as `lease_lapsed`."""

    type: Literal["state"] = "state"
    state: JobState
    reason: str | None = None
    failure: Failure | None = None


JobEventBody = Annotated[
    Progress
    | MetricBatch
    | LogBatch
    | ResourceSample
    | Checkpoint
    | Artifact
    | Report
    | Failure
    | Finished
    | StateChange,
    Field(discriminator="type"),
]


EventType = Literal[
    "progress",
    "metrics",
    "log",
    "resources",
    "checkpoint",
    "artifact",
    "report",
    "failure",
    "finished",
    "state",
]
"""`type` of a `JobEventBody`."""


class JobEvent(BaseModel):
    """A numbered fact as readers see it. Paths of checkpoints and artifacts are relative to the data root."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    seq: int = Field(ge=1)
    epoch: int = Field(ge=0)
    at: datetime
    body: JobEventBody


job_event_adapter: TypeAdapter[JobEvent] = TypeAdapter(JobEvent)
