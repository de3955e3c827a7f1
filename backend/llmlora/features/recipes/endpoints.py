"""`/api/recipes`: what can be run, and the form of its settings."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from llmlora.features.recipes import service
from llmlora.features.recipes.schemas import PresetOut, RecipeOut
from llmlora.kit.web.pages import Page

router = APIRouter(prefix="/api/recipes", tags=["recipes"])

Name = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^\w+$")]


@router.get("")
async def list_recipes() -> Page[RecipeOut]:
    """All recipes, on one page."""
    return Page(data=service.list_recipes(), next=None)


@router.get("/{name}")
async def get_recipe(name: Name) -> RecipeOut:
    """One recipe with every setting."""
    return service.get_recipe(name)


@router.get("/{name}/presets")
async def list_recipe_presets(
    name: Name,
    rows: Annotated[
        int | None, Query(ge=0, le=2**53, description="Rows of the data set; by default unknown.")
    ] = None,
) -> Page[PresetOut]:
    """Good beginnings for a data set of so many rows; none, where a recipe has no such."""
    return Page(data=service.list_presets(name, rows), next=None)
