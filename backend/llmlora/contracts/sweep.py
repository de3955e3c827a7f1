"""A search over the settings of a recipe: its space, its objectives, and what the sampler's process is asked and answers."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from llmlora.kit.typed import Typed

Scalar = bool | int | float | Annotated[str, StringConstraints(max_length=1024)] | None
Direction = Literal["minimize", "maximize"]
Sampler = Literal["grid", "random", "tpe", "cmaes", "gp"]
MOST_CHOICES = 1000


class TrialOutcome(StrEnum):
    """What became of a trial. `pruned`: it was stopped because others had done better by then, which is no failure;
    `cancelled`: a person has stopped it, or the sweep."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETE = "complete"
    PRUNED = "pruned"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_OUTCOMES = frozenset({TrialOutcome.WAITING, TrialOutcome.RUNNING})
OUTCOME_WORDS: dict[TrialOutcome, tuple[str, str]] = {
    TrialOutcome.WAITING: ("順番待ち", "waiting"),
    TrialOutcome.RUNNING: ("実行中", "running"),
    TrialOutcome.COMPLETE: ("完了", "complete"),
    TrialOutcome.PRUNED: ("早期打ち切り", "pruned"),
    TrialOutcome.FAILED: ("失敗", "failed"),
    TrialOutcome.CANCELLED: ("中止", "cancelled"),
}
"""What a sentence says of an outcome: Japanese, English."""


class Dimension(Typed):
    """The values of one setting that are searched. `int` and `float`: from `low` to `high`, both included, in steps of
    `step` where it is given, or by magnitude (`log`); `categorical`: one of `choices`. `when`: it is set only where another
    setting of the space has this value, or one of these."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["int", "float", "categorical"]
    low: float | None = None
    high: float | None = None
    log: bool = False
    step: float | None = Field(None, gt=0)
    choices: list[Scalar] | None = Field(None, min_length=1, max_length=MOST_CHOICES)
    when: dict[Annotated[str, StringConstraints(min_length=1, max_length=64)], Scalar | list[Scalar]] = Field(
        default_factory=dict, max_length=8
    )

    def is_active(self, point: Mapping[str, Any]) -> bool:
        """Whether a point with these settings sets this one, too."""
        return all(
            name in point and any(is_same(point[name], one) for one in _listed(wanted))
            for name, wanted in self.when.items()
        )

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest value of numbers."""
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    def listed(self, most: int = MOST_CHOICES) -> list[Any] | None:
        """Every value in order; None where they are too many to be listed, or have no end."""
        if self.type == "categorical":
            return list(self.choices or ())
        low, high = self.bounds
        step = self.step or (1.0 if self.type == "int" and not self.log else None)
        if self.type == "int" and self.log:
            step = 1.0
        if step is None:
            return [self.number(low)] if low == high else None
        count = int((high - low) / step + 1e-9) + 1
        return [self.number(low + place * step) for place in range(count)] if count <= most else None

    def number(self, value: float) -> int | float:
        """A value as the setting takes it: whole numbers whole, and no dust of sums behind a decimal step."""
        return round(value) if self.type == "int" else float(f"{value:.12g}")


Space = dict[str, Dimension]


class Objective(Typed):
    """What trials are compared by: a curve of the recipe, or a figure of its evaluation on held-out rows. `value`: the last
    one that was reported, or the best."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    direction: Direction
    value: Literal["last", "best"] = "last"


class Tried(BaseModel):
    """A trial as the sampler knows it. `values`: of the objectives, where it completed; `curve`: what it has reported on its
    way, step and value."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    outcome: TrialOutcome
    point: dict[str, JsonValue]
    values: list[float] | None = None
    curve: list[tuple[int, float]] = []
    attrs: dict[str, JsonValue] = {}


class Ask(BaseModel):
    """What the sampler's process reads. `numbers`: of the trials that are to be begun, each with a seed of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sweep_id: str
    sampler: Sampler
    space: Space
    objectives: list[Objective]
    seed: int
    numbers: list[int]
    tried: list[Tried]


class Asked(BaseModel):
    """A point that is to be tried, and what the sampler wants to find again with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    point: dict[str, JsonValue]
    attrs: dict[str, JsonValue] = {}


class Answer(BaseModel):
    """What the sampler's process answers: fewer points than were asked for where it finds no others. `importance`: by
    objective, the share of each setting."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: list[Asked] = []
    importance: list[dict[str, float]] = []
    asked_s: float = 0.0


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are one setting: `1` and `true` are not, `1` and `1.0` are."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def hash_of(point: Mapping[str, Any]) -> str:
    """The same for every way to write a point."""
    plain = {name: _plain(value) for name, value in point.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def in_order(space: Space) -> list[str]:
    """The settings of a space, each behind those that it hangs on.

    Raises:
        ValueError: one hangs on itself; names it.
    """
    ordered: list[str] = []
    while len(ordered) < len(space):
        ready = [name for name, one in space.items() if name not in ordered and one.when.keys() <= {*ordered}]
        if not ready:
            raise ValueError(next(name for name in space if name not in ordered))
        ordered += ready
    return ordered


def points_of(space: Space) -> Iterator[dict[str, Any]]:
    """Every point of a space whose values can be listed, in the order of its settings, each once.

    Raises:
        ValueError: the values of a setting cannot be listed; names it.
    """
    names = in_order(space)

    def rest(place: int, point: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if place == len(names):
            yield point
            return
        name = names[place]
        if not space[name].is_active(point):
            yield from rest(place + 1, point)
            return
        values = space[name].listed()
        if values is None:
            raise ValueError(name)
        for value in values:
            yield from rest(place + 1, {**point, name: value})

    return rest(0, {})


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]
