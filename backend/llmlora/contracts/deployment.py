"""What is asked of a deployment, and what a recipe that deploys makes of it (`plan.py`): facts in, steps out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from llmlora.kit.errors import AppError
from llmlora.kit.validation import goes_not_together

Route = Literal["auto", "adapter", "merged"]
Quantize = Literal["none", "q8_0", "q4_K_M", "q4_K_S"]

USUAL_OUTTYPE = "f16"
"""Number format of an export that nobody chose."""


def planned_route(route: Route, quantize: Quantize) -> Route:
    """What is known before the server is asked: only a merged model can be quantised."""
    return "merged" if route == "auto" and quantize != "none" else route


def refuse_quantised_adapter(route: Route, quantize: Quantize) -> None:
    """Check that only a merged model is to be quantised.

    Raises:
        ValueError: an adapter is.
    """
    if route == "adapter" and quantize != "none":
        raise goes_not_together(
            "route",
            ja="量子化できるのは結合したモデルだけです。route を auto か merged にしてください",
            en="only a merged model can be quantized; set route to auto or merged",
        )


class DeployOptions(Protocol):
    """What a person asks for (`features.jobs.schemas.DeployRequest`). A target reads what it knows."""

    @property
    def quantization(self) -> str:
        """Number format of the exported adapter."""

    @property
    def route(self) -> Route:
        """In which form it is served."""

    @property
    def quantize(self) -> Quantize:
        """What a merged model is quantised to."""

    @property
    def tag(self) -> str | None:
        """The model's name there."""

    @property
    def replace(self) -> bool:
        """Whether a model of that name gives way."""

    @property
    def name(self) -> str | None:
        """The deploying job's name, and a word of the model's."""

    @property
    def context(self) -> int | None:
        """Tokens of one conversation."""

    @property
    def max_tokens(self) -> int | None:
        """Longest answer that the gates compare."""

    @property
    def prompts(self) -> Sequence[str] | None:
        """What the gates ask."""


@dataclass(frozen=True)
class DeployFacts:
    """What is known when a deployment is planned. `config`: the training's; `has_gguf`: llama.cpp can serve the base as
    it is; `context_limit`: the model's own, None where it is not known yet; `number`: counts the names that were taken."""

    options: DeployOptions
    training_id: str
    training_name: str
    config: Mapping[str, Any]
    has_gguf: bool
    context_limit: int | None
    number: int = 1


@dataclass(frozen=True)
class Preparation:
    """A job that goes before. What it makes is the input `fills` of the deploying job; `of_training`: it is made of what
    the training makes, else of the base alone."""

    fills: str
    recipe: str
    config: Mapping[str, Any]
    of_training: bool


@dataclass(frozen=True)
class DeployPlan:
    """Config of the deploying job, and what goes before it. `tag`: the name that the model gets, which nobody else may
    have unless it `replaces` that; `is_tag_open`: nobody asked for just this name."""

    config: Mapping[str, Any]
    before: tuple[Preparation, ...]
    tag: str | None = None
    is_tag_open: bool = False
    replaces: bool = False


@dataclass(frozen=True)
class Deploying:
    """How a recipe deploys. `taken(tag)`: the refusal of a name that another model has."""

    plan: Callable[[DeployFacts], DeployPlan]
    taken: Callable[[str], AppError] | None = None
