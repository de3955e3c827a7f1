"""A recipe's config, checked before any process starts."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from llmlora.contracts.recipe import RecipeSpec
from llmlora.features.recipes.errors import (
    ConfigInvalidError,
    RecipeNotFoundError,
    RecipeRefusesKindError,
)
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


def validate_config(recipe: RecipeSpec, config: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's config with every default filled in, as JSON values.

    Raises:
        ConfigInvalidError: names every setting that is wrong.
    """
    try:
        return recipe.config.model_validate(dict(config)).model_dump(mode="json")
    except ValidationError as error:
        problems = field_problems(error.errors(include_url=False))
        refused = ConfigInvalidError(**sentences(problems))
        refused.fields = field_problems(error.errors(include_url=False), ("config",))
        raise refused from error


def refuse_kind(recipe: RecipeSpec, kind: str) -> None:
    """Check that the recipe takes this kind of data set.

    Raises:
        RecipeRefusesKindError: it does not; lists the kinds it takes.
    """
    if kind not in recipe.dataset_kinds:
        raise RecipeRefusesKindError(
            recipe=recipe.name, kind=kind, known=", ".join(sorted(recipe.dataset_kinds))
        )
