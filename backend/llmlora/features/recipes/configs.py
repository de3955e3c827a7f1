"""A recipe's config, checked before any process starts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from llmlora.contracts.recipe import RecipeSpec
from llmlora.data.kinds.registry import kind_words
from llmlora.features.recipes.errors import (
    ConfigInvalidError,
    RecipeNotFoundError,
    RecipeRefusesKindError,
)
from llmlora.kit.errors import FieldProblem
from llmlora.kit.validation import field_problems, sentences
from llmlora.recipes import RECIPES


def find_recipe(name: str) -> RecipeSpec:
    """The recipe of that name.

    Raises:
        RecipeNotFoundError: there is none; lists those that there are.
    """
    if name not in RECIPES:
        raise RecipeNotFoundError(recipe=name, known=", ".join(sorted(RECIPES)))
    return RECIPES[name]


def recipe_answering(method: str) -> RecipeSpec | None:
    """The recipe that answers a fine-tuning method of OpenAI's API."""
    return next((one for one in RECIPES.values() if one.method == method), None)


def validate_config(recipe: RecipeSpec, config: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's config with every default filled in, as JSON values.

    Raises:
        ConfigInvalidError: names every setting that is wrong.
    """
    try:
        return recipe.config.model_validate(dict(config)).model_dump(mode="json")
    except ValidationError as error:
        problems = tuple(_hinted(recipe, one) for one in error.errors(include_url=False))
        raise config_invalid(problems) from error


def config_invalid(
    problems: Sequence[FieldProblem], places: Mapping[str, str] | None = None
) -> ConfigInvalidError:
    """The refusal of a config with these problems. `places`: where a setting was written, to be said beside its name."""
    refused = ConfigInvalidError(**sentences(problems, places))
    refused.fields = tuple(replace(one, pointer=f"/config{one.pointer}") for one in problems)
    return refused


def nearest_setting(recipe: RecipeSpec, name: str) -> str | None:
    """The setting that a foreign or mistyped name probably means."""
    close = get_close_matches(name.lower(), recipe.config.model_fields, n=1)
    return recipe.other_names.get(name.lower()) or next(iter(close), None)


def _hinted(recipe: RecipeSpec, error: Mapping[str, Any]) -> FieldProblem:
    """One problem of a config; a name of another program, or one that was mistyped, is told with ours."""
    problem = field_problems([error])[0]
    if error["type"] != "extra_forbidden" or len(error["loc"]) != 1:
        return problem
    given = str(error["loc"][0])
    ours = recipe.other_names.get(given.lower())
    if ours is not None:
        return replace(
            problem,
            ja=f"この名前の設定はありません。ここでは {ours} です（{_meaning(recipe, ours, 'ja')}）",
            en=f"is not a setting; here it is {ours} ({_meaning(recipe, ours, 'en')})",
        )
    close = nearest_setting(recipe, given)
    if close is None:
        return problem
    return replace(
        problem, ja=f"{problem.ja}。{close} ではありませんか", en=f"{problem.en}; did you mean {close}?"
    )


def _meaning(recipe: RecipeSpec, setting: str, language: str) -> str:
    told = recipe.config.model_fields[setting]
    extra = told.json_schema_extra if isinstance(told.json_schema_extra, dict) else {}
    text = str(extra.get("description_ja", "")) if language == "ja" else (told.description or "")
    return re.split(r"[。（;]| \(|\.$|\. ", text)[0]


def refuse_kind(recipe: RecipeSpec, kind: str) -> None:
    """Check that the recipe takes this kind of data set.

    Raises:
        RecipeRefusesKindError: it does not; lists the kinds it takes.
    """
    if kind not in recipe.dataset_kinds:
        raise RecipeRefusesKindError(
            recipe=(recipe.title.ja, recipe.title.en),
            kind=kind_words(kind),
            known=kind_words(*sorted(recipe.dataset_kinds)),
        )
