"""What a recipe declares: its settings, its inputs, its curves, what a run of it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema, to_jsonable_python

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.text import Text
from llmlora.kit.typed import Typed
from llmlora.kit.validation import not_taken

AUTO: Literal["auto"] = "auto"
"""A setting that the forecast chooses (`contracts.forecast.Automatic`)."""
Lane = Literal["compute", "light", "waiting"]
"""Jobs that hold cores or an accelerator for long; short ones beside them; those that follow another server's work."""


class RecipeConfig(Typed):
    """The settings of a recipe, each drawn by `setting()`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Accepts:
    """What one input of a recipe may be: a data set of some kinds, a base model that can learn some tasks, a file that
    another job made, a running server, a group of jobs. `only_where`: the values of settings with which it is read and
    needed; without any it always is."""

    title: Text
    dataset_kinds: frozenset[DatasetKind] = frozenset()
    base_model_tasks: frozenset[str] = frozenset()
    artifacts: frozenset[ArtifactKind] = frozenset()
    endpoint: bool = False
    group: bool = False
    required: bool = True
    only_where: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_named(self) -> bool:
        """Whether a request names it; a server is found by whoever runs the job."""
        return not self.endpoint

    def is_needed(self, config: Mapping[str, Any]) -> bool:
        """Whether a run with this config cannot do without."""
        return self.required and all(config.get(name) in values for name, values in self.only_where.items())


Unit = Literal["none", "loss", "rate", "tokens", "tokens_per_s", "bytes", "epochs"]
"""What the values of a curve are, which is how they are written: a loss with a further digit where it is small, a rate by
its exponent."""

Group = Literal["adapter", "pace", "data", "watch", "machine", "more"]
"""What a setting is about: the heading in a form under which it stands."""


@dataclass(frozen=True)
class Metric:
    """A curve that a recipe draws. `chart`: curves with the same one are drawn together, in the order of their recipe.

    `main`: the one that a row of a list draws in small; `tile`: it stands among the figures over a job's page, as its last
    value or its largest; `sparse`: each point is a measurement of its own, which is never smoothed; `drawn`: the page of a
    job draws it, not a comparison alone."""

    name: str
    title: Text
    chart: str
    unit: Unit = "none"
    better: Literal["up", "down", "neither"] = "neither"
    axis: Literal["linear", "log"] = "linear"
    main: bool = False
    tile: Literal["last", "peak"] | None = None
    sparse: bool = False
    drawn: bool = True


@dataclass(frozen=True)
class Stage:
    """A part of a run, as its progress names it (`Progress.stage`, up to the first space), and what people call it.

    `prepares`: it comes before the work that the job is for; how far it is says nothing of how far the job is."""

    name: str
    title: Text
    prepares: bool = False


@dataclass(frozen=True)
class Step:
    """A box of the strip over a job's page: a part of the way to an answer, as people count it. `does`: what is done in
    it, in a few words; `does_where`: other words, by setting and its value.

    `since`: the stage of the run that it begins with; without one it begins with the job. `until_served`: it is over as
    soon as the tuned model can be asked."""

    name: str
    title: Text
    does: Text
    does_where: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    since: str | None = None
    until_served: bool = False


@dataclass(frozen=True)
class Target:
    """Where a recipe that deploys makes a model available. `merges`: it serves base and adapter as one model, too, and
    quantises that; `has_tags`: a model there has a name of its own, which may be chosen, and replaced;
    `chats`: models there take conversations, else they predict; `default`: what a deployment without a target means."""

    name: str
    title: Text
    chats: bool = True
    merges: bool = False
    has_tags: bool = False
    default: bool = False


@dataclass(frozen=True)
class RunNeeds:
    """What one run needs beside its files. `sources`: outside places that it reads, whose addresses and secrets it is
    handed. `engine`: the inference engine that it talks to as its input `endpoint`; `model`: what it asks for there."""

    sources: tuple[str, ...] = ()
    engine: str | None = None
    model: str = ""


@dataclass(frozen=True)
class RecipeSpec:
    """A recipe's declaration. `inputs`: what it works on, by name; `trains` marks a gradient loop. `lane`: what its jobs
    take turns for; `resumable`: one that ended early goes on from a checkpoint, and only from there. `default`: what a
    request without a recipe means; `method`: the fine-tuning of OpenAI's API that it answers; `deploys`: where it makes
    a model available; `pulls`: the inference engine that it has pull a model. `other_names`: what other programs call a
    setting, and its name here.

    How pages draw its jobs. `short`: its name in a chain of jobs; `steps`: the boxes of the strip, by default one;
    `charts`: what a chart of several curves is called; `facts`: settings that stand under a job's title; `reports`: what
    those that it leaves are called, as far as pages draw them.

    `needs(config)`: what a run needs beside its files; `discard(config, data_dir)`: deletes what a cancelled run that
    nobody goes on with has left outside its run directory."""

    name: str
    title: Text
    summary: Text
    config: type[RecipeConfig]
    family: str
    inputs: Mapping[str, Accepts] = field(default_factory=dict)
    artifacts: tuple[ArtifactKind, ...] = ()
    metrics: tuple[Metric, ...] = ()
    stages: tuple[Stage, ...] = ()
    trains: bool = False
    default: bool = False
    method: str | None = None
    deploys: Target | None = None
    pulls: str | None = None
    short: Text | None = None
    steps: tuple[Step, ...] = ()
    charts: Mapping[str, Text] = field(default_factory=dict)
    facts: tuple[str, ...] = ()
    reports: Mapping[str, Text] = field(default_factory=dict)
    lane: Lane = "light"
    resumable: bool = False
    gpu: Literal["no", "optional", "required"] = "no"
    other_names: Mapping[str, str] = field(default_factory=dict)
    needs: Callable[[Any], RunNeeds] | None = None
    discard: Callable[[Any, Path], None] | None = None

    @property
    def dataset_kinds(self) -> frozenset[DatasetKind]:
        """The kinds of data sets that it takes at all."""
        return frozenset().union(*(one.dataset_kinds for one in self.inputs.values()))

    @property
    def defaults(self) -> dict[str, Any]:
        """Every setting that has one, as a config holds it in JSON."""
        return {
            name: to_jsonable_python(one.get_default(call_default_factory=True, validated_data={}))
            for name, one in self.config.model_fields.items()
            if not one.is_required()
        }


@dataclass(frozen=True)
class NumberOrAuto:
    """A whole number within these bounds, or `auto`. In the JSON Schema: `anyOf` of both, the number first."""

    ge: int
    le: int

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Of a union pydantic would tell what each of its branches has against a value; here it is one sentence."""
        return core_schema.no_info_wrap_validator_function(
            _number_or_auto,
            core_schema.int_schema(ge=self.ge, le=self.le),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value),
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number = {"type": "integer", "minimum": self.ge, "maximum": self.le}
        return {"anyOf": [number, {"type": "string", "const": AUTO}]}


def _number_or_auto(value: Any, number: Callable[[Any], int]) -> int | str:
    if not isinstance(value, str):
        return number(value)
    if value != AUTO:
        shown = value if len(value) <= 60 else f"{value[:60]}…"
        raise not_taken(
            ja=f"整数か auto にしてください（指定: {shown}）",
            en=f"must be a whole number or auto (given: {shown})",
        )
    return value


BatchSize = Annotated[int | Literal["auto"], NumberOrAuto(ge=1, le=4096)]
"""Rows of a forward pass. Where it is `auto`, a number takes its place before the run (ADR 0043)."""


def number_of(chosen: int | Literal["auto"]) -> int:
    """The number that has taken the place of `auto`: a run is never given anything else.

    Raises:
        ValueError: it was not chosen yet.
    """
    if chosen == AUTO:
        raise ValueError("a setting that says auto is chosen by the forecast before the run begins")
    return chosen


def setting(
    default: Any, *, ja: str, en: str, group: Group = "more", key: bool = False, **bounds: Any
) -> Any:
    """A field of a recipe's config: its default, its meaning in both languages, its bounds.

    `group`: what it is about; `key`: it matters enough to stand in a form without opening anything. Both travel in the
    JSON Schema, as does the Japanese text (`description_ja`).
    """
    extra: JsonDict = {"description_ja": ja, "group": group, "key": key}
    return Field(default, description=en, json_schema_extra=extra, **bounds)
