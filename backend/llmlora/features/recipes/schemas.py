"""What goes over the wire about recipes."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import Lane, Unit


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(_Shape):
    """The same words in both languages."""

    ja: str
    en: str


class InputOut(_Shape):
    """One input of a recipe: what it may be. `only_where`: the values of settings with which it is read; without any it
    always is. `named`: whether a request names it, under this name in `inputs`."""

    title: Words
    dataset_kinds: list[DatasetKind]
    base_model_tasks: list[str]
    artifacts: list[ArtifactKind]
    endpoint: bool
    group: bool
    required: bool
    only_where: dict[str, list[str]]
    named: bool


class MetricOut(_Shape):
    """A curve. Those with the same `chart` are drawn together. `main`: drawn in small in lists; `tile`: among a job's
    figures, as its last value or its largest; `sparse`: never smoothed; `drawn`: on the page of a job, not in a comparison
    alone."""

    name: str
    title: Words
    chart: str
    unit: Unit
    better: Literal["up", "down", "neither"]
    axis: Literal["linear", "log"]
    main: bool
    tile: Literal["last", "peak"] | None
    sparse: bool
    drawn: bool


class StageOut(_Shape):
    """A part of a run; `name` is the first word of `progress.stage`. `prepares`: before the work that the job is for."""

    name: str
    title: Words
    prepares: bool


class RunStepOut(_Shape):
    """A box of the strip over a job's page. `does_where`: other words than `does`, by setting and its value; `since`: the
    stage that it begins with; `until_served`: over as soon as the tuned model can be asked."""

    name: str
    title: Words
    does: Words
    does_where: dict[str, dict[str, Words]]
    since: str | None
    until_served: bool


class TargetOut(_Shape):
    """Where a recipe that deploys makes a model available: `deploy.target` of a training. `merges`: as one merged model,
    too; `has_tags`: under a name of its own; `chats`: models there take conversations, else they predict;
    `default`: what a deployment without a target means."""

    name: str
    title: Words
    chats: bool
    merges: bool
    has_tags: bool
    default: bool


class RecipeOut(_Shape):
    """A recipe. `default`: what a request without a recipe means; `method`: the fine-tuning of OpenAI's API that it
    answers; `pulls`: the engine that it has pull a model. `config_schema` is JSON Schema 2020-12; its properties carry
    `title`, `title_ja`, `description_ja`, `group` and `key` (a form shows it without opening anything).

    `short`: its name in a chain of jobs; `steps`: the boxes of the strip over a job's page; `charts`: what charts are called;
    `facts`: settings under a job's title; `reports`: those that it leaves, as far as
    pages draw them.

    `defaults` holds every setting that has one; those without have to be given.
    """

    name: str
    title: Words
    summary: Words
    family: str
    inputs: dict[str, InputOut]
    dataset_kinds: list[DatasetKind]
    artifacts: list[ArtifactKind]
    metrics: list[MetricOut]
    stages: list[StageOut]
    default: bool
    method: str | None
    deploys: TargetOut | None
    pulls: str | None
    short: Words
    steps: list[RunStepOut]
    charts: dict[str, Words]
    facts: list[str]
    reports: dict[str, Words]
    lane: Lane
    resumable: bool
    gpu: Literal["no", "optional", "required"]
    trains: bool
    config_schema: dict[str, JsonValue]
    defaults: dict[str, JsonValue]
    required: list[str]


class PresetOut(_Shape):
    """A good beginning: what it sets, over the recipe's defaults. `first`: what a form begins with."""

    name: str
    title: Words
    summary: Words
    values: dict[str, JsonValue]
    first: bool
