"""Batches as the wire shows and asks for them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from llmlora.contracts.events import Failure
from llmlora.contracts.states import JobState
from llmlora.features.jobs.results import Direction
from llmlora.features.jobs.schemas import JobCreate, Name
from llmlora.kit.typed import Typed

MOST_ITEMS = 200
MetricName = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class BatchCreate(Typed):
    """Many jobs at once, each as `POST /api/training/jobs` takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name | None = None
    items: list[JobCreate] = Field(min_length=1, max_length=MOST_ITEMS)
    continue_on_error: bool = Field(
        True, description="false: the first that fails cancels those that have not begun."
    )
    metric: MetricName | None = Field(
        None, description="What the best is chosen by; by default the main curve of the recipe."
    )


class BatchItem(BaseModel):
    """One of its jobs, in the order of the request: the newest, where it was run again. `tries`: how often it was;
    `value`: of the batch's metric."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    name: str
    recipe: str
    state: JobState
    config: dict[str, JsonValue]
    value: float | None
    failure: Failure | None
    tries: int


class BatchOut(BaseModel):
    """A batch. `state`: running while one of its jobs is not over, then failed where one has failed, cancelled where one was
    cancelled, else completed. `best`: the job whose value of `metric` is best in `direction`; null where none can be named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    state: Literal["running", "completed", "failed", "cancelled"]
    continue_on_error: bool
    by_state: dict[JobState, int]
    metric: str | None
    direction: Direction | None
    best: BatchItem | None
    created_at: datetime


class BatchDetail(BatchOut):
    """A batch with all its jobs."""

    items: list[BatchItem]
