"""`recipes list|show`: what can be run, and every setting of it."""

from typing import Annotated, Any

import typer

from llmlora.entry.console import AsJson, print_json, show
from llmlora.entry.language import localized, localized_text, words
from llmlora.entry.tables import Column, Listing

app = typer.Typer(no_args_is_help=True)


@app.command("list", help=words(ja="レシピを一覧します。", en="List the recipes."))
def show_recipes(as_json: AsJson = False) -> None:
    """The recipes, a row each."""
    from llmlora.features.recipes.service import list_recipes

    recipes = list_recipes()
    if as_json:
        print_json({"data": [one.model_dump(mode="json") for one in recipes], "next": None})
        return
    table = Listing(
        Column(localized("レシピ", "recipe"), is_whole=True),
        localized("何をするか", "what it does"),
        localized("入力", "inputs"),
    )
    for one in recipes:
        inputs = localized("、", ", ").join(localized_text(given.title) for given in one.inputs.values())
        table.add(one.name, localized_text(one.summary), inputs)
    show(table)


@app.command(
    "show",
    help=words(ja="レシピと、そのすべての設定を表示します。", en="Show a recipe with all its settings."),
)
def show_recipe(
    name: Annotated[str, typer.Argument(help=words(ja="レシピの名前です。", en="The name of the recipe."))],
    as_json: AsJson = False,
) -> None:
    """One recipe.

    Raises:
        RecipeNotFoundError: no recipe has that name.
    """
    from llmlora.features.recipes.service import get_recipe

    recipe = get_recipe(name)
    if as_json:
        print_json(recipe.model_dump(mode="json"))
        return
    show(f"{recipe.name}: {localized_text(recipe.summary)}")
    table = Listing(
        Column(localized("設定", "setting"), is_whole=True),
        localized("既定値", "default"),
        localized("意味", "meaning"),
    )
    settings: Any = recipe.config_schema["properties"]
    for field, told in settings.items():
        meaning = localized(told.get("description_ja", ""), told.get("description", ""))
        table.add(field, _default(recipe.defaults.get(field)), meaning)
    show(table)


def _default(value: object) -> str:
    """As it is written in the file of `--config`."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return {None: "–", True: "true", False: "false"}.get(value, str(value))  # type: ignore[call-overload, no-any-return]
