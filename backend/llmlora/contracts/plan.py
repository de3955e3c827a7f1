"""What a recipe's `plan.py` says: pure functions of facts, without torch, files or a database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import JsonValue

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.deployment import Deploying
from llmlora.contracts.text import Text
from llmlora.kit.errors import AppError


@dataclass(frozen=True)
class PresetFacts:
    """What presets depend on. `rows` of the data set: None where none is chosen yet."""

    rows: int | None = None


@dataclass(frozen=True)
class Preset:
    """A good beginning: what it sets, over the recipe's defaults. `first`: what a form begins with."""

    name: str
    title: Text
    summary: Text
    values: Mapping[str, JsonValue]
    first: bool = False


@dataclass(frozen=True)
class KnownBase:
    """What is known of a base model that was never brought in."""

    architecture: Architecture
    size_bytes: int
    tokenizer_bytes: int


Japanese = Literal["main", "among_others", "no"]
"""Whether a model was made for Japanese, knows it among other languages, or does not claim to."""


@dataclass(frozen=True)
class RecommendedBase:
    """A base model that is good to begin with, as its makers publish it. `languages`: ISO 639-1, the main ones;
    `gated`: its terms have to be accepted first; `is_bundled`: it comes with llmlora; `sources`: where the sizes and the
    rest of it were read."""

    reference: str
    name: str
    maker: str
    licence: str
    languages: tuple[str, ...]
    has_more_languages: bool
    japanese: Japanese
    gated: bool
    is_bundled: bool
    purpose: Text
    sources: Mapping[str, str]
    known: KnownBase


def _no_bases() -> tuple[RecommendedBase, ...]:
    return ()


def _no_refusal(_reference: str, _files: Sequence[str], _config: Mapping[str, Any] | None) -> AppError | None:
    return None


@dataclass(frozen=True)
class Importing:
    """How a recipe brings base models in. `setting`: holds the reference; `has_gguf(reference)`: it will come with a GGUF;
    `known(reference)`: what can be told beforehand; `recommended()`: what is good to begin with, the smaller first;
    `refusal(reference, files, config)`: why it could not be brought in, by a listing of its files and by its config."""

    setting: str
    has_gguf: Callable[[str], bool]
    known: Callable[[str], KnownBase | None]
    recommended: Callable[[], tuple[RecommendedBase, ...]] = _no_bases
    refusal: Callable[[str, Sequence[str], Mapping[str, Any] | None], AppError | None] = _no_refusal


def _none(_facts: PresetFacts) -> tuple[Preset, ...]:
    return ()


@dataclass(frozen=True)
class Plan:
    """A recipe's `plan.py`. What a recipe does not do is left out."""

    presets: Callable[[PresetFacts], tuple[Preset, ...]] = _none
    importing: Importing | None = None
    deploying: Deploying | None = None
