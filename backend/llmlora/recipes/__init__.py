"""Recipes: a folder and a line here each. This module stays free of torch; `run.py` files do not."""

from llmlora.contracts.recipe import RecipeSpec
from llmlora.recipes.text_lora.spec import SPEC as TEXT_LORA

RECIPES: dict[str, RecipeSpec] = {spec.name: spec for spec in (TEXT_LORA,)}
