"""Values have the type that they are said to have: in every request, and in every recipe's settings."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator

from llmlora.entry.api import routers
from llmlora.features.jobs.streams import SOCKET_MESSAGES
from llmlora.kit.typed import Typed
from llmlora.recipes import RECIPES

NUMBERS = {"integer", "number"}


class Inner(Typed):
    share: float = 0.5


class Shape(Typed):
    whole: int = Field(1, ge=1, le=512)
    maybe: float | None = Field(None, le=1e9)
    named: dict[str, float] = Field(default_factory=dict)
    several: list[int | None] = Field(default_factory=list)
    flag: bool = False
    words: str | int = ""
    inner: Inner = Inner()
    again: "Shape | None" = None


class Checked(Typed):
    """A validator wraps the shape in one more schema."""

    whole: int = 1

    @model_validator(mode="after")
    def _nothing(self) -> "Checked":
        return self


class Child(Checked):
    share: float = 0.5


def refused(model: type[BaseModel], given: dict[str, Any]) -> set[Any]:
    """The fields that are refused."""
    try:
        model.model_validate(given)
    except ValidationError as error:
        return {one["loc"][0] for one in error.errors()}
    return set()


class TestTyped:
    @pytest.mark.parametrize(
        "given",
        [
            {"whole": True}, {"whole": "8"}, {"whole": b"8"}, {"whole": 8.5}, {"whole": 10**400},
            {"maybe": True}, {"maybe": "2e-4"}, {"maybe": float("nan")}, {"maybe": float("inf")}, {"maybe": 10**400},
            {"named": {"a": True}}, {"several": [1, True]}, {"several": ["1"]},
            {"flag": 1}, {"flag": "yes"}, {"flag": 0.0}, {"words": True},
            {"inner": {"share": True}}, {"again": {"whole": True}}, {"again": {"inner": {"share": "1"}}},
        ],
        ids=str,
    )  # fmt: skip
    def test_one_kind_is_not_taken_for_another(self, given: dict[str, Any]) -> None:
        assert refused(Shape, given) == set(given)

    @pytest.mark.parametrize(
        "given",
        [
            {"whole": 8.0}, {"whole": 512}, {"maybe": 1}, {"maybe": None}, {"named": {"a": 1}},
            {"several": [1, None, 2.0]}, {"flag": True}, {"words": "8"}, {"words": 8}, {"again": {"whole": 2}},
        ],
        ids=str,
    )  # fmt: skip
    def test_what_is_of_the_kind_is_taken(self, given: dict[str, Any]) -> None:
        assert refused(Shape, given) == set()

    def test_shapes_with_validators_and_their_children_are_guarded_too(self) -> None:
        assert refused(Checked, {"whole": True}) == {"whole"}
        assert refused(Child, {"whole": True, "share": "1"}) == {"whole", "share"}

    def test_many_adapters_of_a_shape_guard_it_once(self) -> None:
        for _ in range(1000):  # each is a layer more, if they guard again, until nothing can be described
            TypeAdapter(list[Shape])
        TypeAdapter(list[Shape]).json_schema()

    def test_description_is_as_without_the_guard(self) -> None:
        described = Shape.model_json_schema()["$defs"]["Shape"]["properties"]
        assert described["whole"] == {
            "default": 1,
            "maximum": 512,
            "minimum": 1,
            "title": "Whole",
            "type": "integer",
        }
        assert TypeAdapter(Inner).json_schema()["properties"]["share"]["type"] == "number"


def models_within(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that a type is made of, those of its fields included."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_within(field.annotation)
    for part in get_args(annotation):
        yield from models_within(part)


def routes_of(router: APIRouter) -> Iterator[APIRoute]:
    """A router's own routes and those of the routers that it includes."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router)


def asked_for() -> set[type[BaseModel]]:
    """Every model that a client, a page or a file fills in."""
    found: set[type[BaseModel]] = set()
    for router in routers():
        for route in routes_of(router):
            if route.body_field is not None:
                found |= set(models_within(route.body_field.field_info.annotation))
    for model in (*SOCKET_MESSAGES[:2], *(spec.config for spec in RECIPES.values())):
        found |= set(models_within(model))
    return found


def described_kinds(described: dict[str, Any]) -> set[str]:
    options = described.get("anyOf", [described])
    return {str(one.get("type")) for one in options}


class TestEveryShapeThatIsAskedFor:
    def test_there_are_many(self) -> None:
        names = {model.__name__ for model in asked_for()}
        assert names >= {
            "JobCreate", "DeployRequest", "SamplingIn", "ChatCompletionRequest", "FineTuningJobCreate", "Subscribe",
            "ForecastRequest", "TextLoraConfig", "Thresholds", "JobDuplicate",
        }  # fmt: skip

    def test_no_number_takes_a_truth_value_or_text_and_no_truth_value_a_number(self) -> None:
        tried = 0
        for model in asked_for():
            for name, described in model.model_json_schema().get("properties", {}).items():
                kinds = described_kinds(described)
                wrong = (
                    [True, "8", "auto"] if kinds & NUMBERS else [1, "yes", 0.0] if "boolean" in kinds else []
                )
                named = {one["const"] for one in described.get("anyOf", []) if "const" in one}  # `auto`
                for value in (one for one in wrong if one not in named):
                    assert name in refused(model, {name: value}), (model.__name__, name, value)
                    tried += 1
        assert tried > 100
