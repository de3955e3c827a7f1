"""What goes over the wire about bases that fit."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from llmlora.contracts.forecast import TimeBasis, Verdict
from llmlora.contracts.plan import Japanese
from llmlora.features.recipes.schemas import Words


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Need(_Shape):
    """What is needed of memory or disk, against what is free now and what there is."""

    verdict: Verdict
    needed_bytes: int
    free_bytes: int | None
    total_bytes: int | None


class PresetFit(_Shape):
    """Whether training with a preset fits, with rows as long as it allows. `first`: what the form begins with."""

    name: str
    title: Words
    first: bool
    memory: Need


class LighterFit(_Shape):
    """Settings with which training fits although it does not with those of the first preset."""

    title: Words
    memory: Need


class Fit(_Shape):
    """Whether a base fits this machine. `verdict`: of training with the first preset; `device`: where it would compute;
    `seconds`: one pass over `examples` of `example_tokens` tokens each, null where nothing honest can be said, `ja` and
    `en` tell the assumption; `serving`: of making a tuned model available and checking it."""

    verdict: Verdict
    device: Literal["cpu", "cuda", "mps"]
    presets: list[PresetFit]
    lighter: LighterFit | None
    seconds: float | None
    basis: TimeBasis
    ja: str
    en: str
    serving: Need


class MachineOut(_Shape):
    """What bases are judged against."""

    device: Literal["cpu", "cuda", "mps"]
    name: str
    free_bytes: int
    total_bytes: int
    disk_free_bytes: int | None


class RecommendedOut(_Shape):
    """A base that is good to begin with. `id`: of the registered model, null while it is not here; `disk`: what it
    takes, fetched unless it `is_bundled`, against what is free."""

    reference: str
    id: str | None
    name: str
    maker: str
    licence: str
    languages: list[str]
    has_more_languages: bool
    japanese: Japanese
    gated: bool
    is_bundled: bool
    parameters: int
    context_length: int
    purpose: Words
    sources: dict[str, str]
    disk: Need
    fit: Fit


class RecommendedList(_Shape):
    """The bases, best first: those that fit, of them those that learn within hours, then those that know Japanese best. `examples` and
    `example_tokens`: what `fit.seconds` are for."""

    machine: MachineOut
    examples: int
    example_tokens: int
    data: list[RecommendedOut]


class BaseFit(_Shape):
    """Of a reference; `fit` null: nothing is known of its size yet."""

    reference: str
    fit: Fit | None


class FitList(_Shape):
    """In the order of the request."""

    data: list[BaseFit]


class Obstacle(_Shape):
    """Why a model cannot be imported, in the words of the error that an import would end with."""

    code: str
    ja: str
    en: str


class FoundModelOut(_Shape):
    """A model of the hub. What the hub does not tell is null. `id`: of the registered model; `disk`: what is fetched and
    kept; `fit` null: its size is known once it is imported; `obstacle` null: nothing speaks against it so far."""

    reference: str
    id: str | None
    licence: str | None
    languages: list[str]
    gated: bool
    downloads: int
    likes: int
    updated_at: datetime | None
    parameters: int | None
    context_length: int | None
    disk: Need | None
    fit: Fit | None
    obstacle: Obstacle | None


class FoundModels(_Shape):
    """One page of models. `next`: for `after`, null at the end; `examples` and `example_tokens`: what `fit.seconds` are
    for."""

    endpoint: str
    examples: int
    example_tokens: int
    data: list[FoundModelOut]
    next: str | None
