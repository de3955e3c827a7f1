"""The space of a sweep, checked against the recipe: every setting has to be one of its own, and every value one that it takes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from llmlora.contracts.recipe import RecipeSpec
from llmlora.contracts.sweep import Dimension, Space, in_order, points_of
from llmlora.features.recipes.configs import validate_config
from llmlora.features.recipes.errors import ConfigInvalidError
from llmlora.features.sweeps.errors import SpaceInvalidError
from llmlora.features.sweeps.schemas import MOST_TRIALS
from llmlora.kit.errors import FieldProblem
from llmlora.kit.validation import pointer_of, sentences

_GOLDEN = 0.618033988749895
"""A share that is a whole number of no range."""


def checked_space(
    recipe: RecipeSpec, config: Mapping[str, Any], asked: Mapping[str, list[Any] | Dimension]
) -> Space:
    """The space, lists of values as choices. `config`: what all trials share.

    Raises:
        SpaceInvalidError: names every setting that is wrong.
    """
    space = {name: _dimension(given) for name, given in asked.items()}
    problems = [one for name in space for one in islice(_problems(recipe, config, space, name), 1)]
    if not problems:
        try:
            in_order(space)
        except ValueError as error:
            problems.append(
                _problem(str(error), "when が輪になっています", "its conditions lead back to itself")
            )
    if problems:
        raise _invalid(problems)
    return space


def grid_size(space: Space) -> int:
    """How many points a grid has, at most `MOST_TRIALS`.

    Raises:
        SpaceInvalidError: the values of a setting cannot be listed.
    """
    try:
        return sum(1 for _ in islice(points_of(space), MOST_TRIALS))
    except ValueError as error:
        ja = "grid では値を順に試すため、値の一覧か step が必要です"
        raise _invalid(
            [_problem(str(error), ja, "needs a list of values or a step: a grid tries each of them")]
        ) from error


def _dimension(given: list[Any] | Dimension) -> Dimension:
    return Dimension(type="categorical", choices=given) if isinstance(given, list) else given


def _problems(
    recipe: RecipeSpec, config: Mapping[str, Any], space: Space, name: str
) -> Iterator[FieldProblem]:
    one = space[name]
    for ja, en in _misshapen(one):
        yield _problem(name, ja, en)
        return
    for other in one.when:
        if other not in space:
            yield _problem(
                name, f"when にある {other} を探索していません", f"hangs on {other}, which is not searched"
            )
    for value in _samples(one):
        yield from _refused(recipe, config, name, value)


def _misshapen(one: Dimension) -> Iterator[tuple[str, str]]:
    if one.type == "categorical":
        if not one.choices:
            yield "choices が必要です", "needs choices"
        if one.low is not None or one.high is not None or one.log or one.step is not None:
            yield (
                "choices と low、high、log、step は同時に使えません",
                "choices do not go with low, high, log or step",
            )
        return
    if one.choices is not None:
        yield (
            "choices を使うときは type を categorical にしてください",
            "choices need the type categorical",
        )
    elif one.low is None or one.high is None:
        yield "low と high が必要です", "needs low and high"
    elif one.low > one.high:
        yield "low は high 以下にしてください", "low has to be at most high"
    elif one.log and one.low <= 0:
        yield "log を使うときは low を 0 より大きくしてください", "log needs a low above 0"
    elif one.log and one.step is not None:
        yield "log と step は同時に使えません", "log and step cannot be combined"
    elif one.type == "int" and not all(
        value is None or float(value).is_integer() for value in (one.low, one.high, one.step)
    ):
        yield (
            "整数の範囲では low、high、step を整数にしてください",
            "a range of whole numbers needs a whole low, high and step",
        )


def _samples(one: Dimension) -> list[Any]:
    """Values that tell whether all are taken: the ends, and one that is not whole."""
    if one.type == "categorical":
        return list(one.choices or ())
    low, high = one.bounds
    between = low + one.step if one.step else low + (high - low) * _GOLDEN
    return [one.number(value) for value in (low, high, min(between, high))]


def _refused(recipe: RecipeSpec, config: Mapping[str, Any], name: str, value: Any) -> Iterator[FieldProblem]:
    """What the recipe has against this value of this setting; other settings are judged with the whole of a trial."""
    own = pointer_of("config", name)
    try:
        validate_config(recipe, {**config, name: value})
    except ConfigInvalidError as error:
        for found in error.fields:
            if found.pointer == own or found.pointer.startswith(f"{own}/"):
                yield replace(found, pointer=pointer_of("space", name))


def _problem(name: str, ja: str, en: str) -> FieldProblem:
    return FieldProblem(pointer_of("space", name), ja, en)


def _invalid(problems: list[FieldProblem]) -> SpaceInvalidError:
    refused = SpaceInvalidError(**sentences(problems))
    refused.fields = tuple(problems)
    return refused
