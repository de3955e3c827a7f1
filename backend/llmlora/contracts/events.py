"""Numbered facts about a job, as its child process writes them: one JSON object a line on descriptor 3.

`src_seq` counts from 1 within one run (job, epoch), without a gap; a reader may replay a line safely.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter


class ArtifactKind(StrEnum):
    """What a job can leave behind."""

    BASE_MODEL = "base_model"
    ADAPTER = "adapter"
    MERGED_MODEL = "merged_model"
    GGUF = "gguf"
    REPORT = "report"


class FailureClass(StrEnum):
    """Who has to act. Only `infrastructure` is ever tried again."""

    INPUT = "input"
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


class MetricBatch(_Body):
    """Points of one optimizer step; names are `<split>/<metric>` or plain."""

    type: Literal["metrics"] = "metrics"
    step: int = Field(ge=0)
    values: dict[str, float]


class LogBatch(_Body):
    """One line for a person."""

    type: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error"]
    message: str


class ResourceSample(_Body):
    """What the run uses now."""

    type: Literal["resources"] = "resources"
    cpu_percent: float
    rss_bytes: int
    device_bytes: int | None = None


class Checkpoint(_Body):
    """A directory that can be resumed from; it exists because its manifest does."""

    type: Literal["checkpoint"] = "checkpoint"
    step: int
    path: str
    """Relative to the run directory."""
    sha256: str
    size_bytes: int


class Artifact(_Body):
    """Files the run produced, hashed. A directory's hash is `kit.files.sha256_of_tree`."""

    type: Literal["artifact"] = "artifact"
    kind: ArtifactKind
    name: str
    path: str
    """Relative to the run directory, or absolute for what is published elsewhere below the data root."""
    sha256: str
    size_bytes: int
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
