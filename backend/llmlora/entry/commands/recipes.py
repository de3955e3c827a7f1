"""`recipes list|show`: what can be run, and every setting of it."""

from typing import Annotated, Any

import typer

from llmlora.entry.console import AsJson, out, print_json
from llmlora.entry.tables import WholeTable

app = typer.Typer(no_args_is_help=True, help="Recipes and their settings. レシピの一覧と設定。")


@app.command("list")
def show_recipes(as_json: AsJson = False) -> None:
    """List the recipes. レシピを一覧します。"""
    from llmlora.features.recipes.service import list_recipes

    recipes = list_recipes()
    if as_json:
        print_json({"data": [one.model_dump(mode="json") for one in recipes], "next": None})
        return
    table = WholeTable("recipe", "ja", "en", "inputs")
    for one in recipes:
        table.add_row(one.name, one.summary.ja, one.summary.en, ", ".join(one.inputs))
    out().print(table)


@app.command("show")
def show_recipe(
    name: Annotated[str, typer.Argument(help="Name of the recipe. レシピの名前。")], as_json: AsJson = False
) -> None:
    """Show one recipe with every setting. レシピの設定をすべて表示します。

    Raises:
        RecipeNotFoundError: no recipe has that name.
    """
    from llmlora.features.recipes.service import get_recipe

    recipe = get_recipe(name)
    if as_json:
        print_json(recipe.model_dump(mode="json"))
        return
    out().print(f"[bold]{recipe.name}[/]  {recipe.summary.ja}\n{recipe.summary.en}")
    table = WholeTable("設定 setting", "既定値 default", "意味 meaning")
    settings: Any = recipe.config_schema["properties"]
    for field, told in settings.items():
        words = f"{told.get('description_ja', '')}\n{told.get('description', '')}"
        table.add_row(field, str(recipe.defaults.get(field, "")), words)
    out().print(table)
