"""What a recipe declares: its settings, its inputs, its curves, what a run of it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.text import Text
from llmlora.kit.typed import Typed

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


@dataclass(frozen=True)
class Metric:
    """A curve that a recipe draws. `chart`: curves with the same one are drawn together, in the order of their recipe."""

    name: str
    title: Text
    chart: str
    unit: Literal["none", "tokens", "tokens_per_s", "bytes", "epochs"] = "none"
    better: Literal["up", "down", "neither"] = "neither"
    axis: Literal["linear", "log"] = "linear"


@dataclass(frozen=True)
class Stage:
    """A part of a run, as its progress names it (`Progress.stage`, up to the first space), and what people call it."""

    name: str
    title: Text


@dataclass(frozen=True)
class Target:
    """Where a recipe that deploys makes a model available. `merges`: it serves base and adapter as one model, too, and
    quantises that; `has_tags`: a model there has a name of its own, which may be chosen, and replaced;
    `default`: what a deployment without a target means."""

    name: str
    title: Text
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
    a model available. `other_names`: what other programs call a setting, and its name here. `needs(config)`: what a run
    needs beside its files; `discard(config, data_dir)`: deletes what a cancelled run that nobody goes on with has left
    outside its run directory."""

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


def setting(default: Any, *, ja: str, en: str, **bounds: Any) -> Any:
    """A field of a recipe's config: its default, its meaning in both languages, its bounds.

    The Japanese text travels in the JSON Schema as `description_ja`.
    """
    return Field(default, description=en, json_schema_extra={"description_ja": ja}, **bounds)
