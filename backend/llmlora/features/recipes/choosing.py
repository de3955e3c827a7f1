"""Recipes by what they do: whoever wants a model trained or a file made need not know what the recipe is called."""

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeSpec
from llmlora.recipes import RECIPES


def default_trainer() -> RecipeSpec:
    """The recipe that trains where a request names none: the first that does."""
    return next(spec for spec in RECIPES.values() if spec.trains)


def recipe_making(kind: ArtifactKind) -> RecipeSpec:
    """The recipe that makes artifacts of this kind out of others: by a conversion or an import, not by a training."""
    return next(spec for spec in RECIPES.values() if kind in spec.artifacts and not spec.trains)
