"""`recipes list|show`: what can be run, and every setting of it."""

from typing import Annotated

import typer
from rich.table import Table

from llmlora.contracts.recipe import RecipeSpec
from llmlora.entry.console import AsJson, out, print_json
from llmlora.kit.errors import NotFoundError
from llmlora.recipes import RECIPES

app = typer.Typer(no_args_is_help=True, help="What can be run, and its settings. レシピの一覧と設定。")


class RecipeNotFoundError(NotFoundError):
    """No recipe has that name."""

    code = "recipe_not_found"
    ja = "レシピ {name} はありません。あるもの: {known}"
    en = "There is no recipe {name}. Known: {known}"


def describe(spec: RecipeSpec) -> dict[str, object]:
    """A recipe as a JSON document, its config as JSON Schema."""
    return {
        "name": spec.name,
        "title": {"ja": spec.title.ja, "en": spec.title.en},
        "summary": {"ja": spec.summary.ja, "en": spec.summary.en},
        "inputs": sorted(spec.inputs),
        "dataset_kinds": sorted(spec.dataset_kinds),
        "artifacts": list(spec.artifacts),
        "metrics": list(spec.metrics),
        "trains": spec.trains,
        "gpu": spec.gpu,
        "config_schema": spec.config.model_json_schema(),
    }


@app.command("list")
def list_recipes(as_json: AsJson = False) -> None:
    """List the recipes. レシピを一覧します。"""
    if as_json:
        print_json({"data": [describe(spec) for spec in RECIPES.values()], "next": None})
        return
    table = Table("recipe", "ja", "en", "inputs")
    for spec in RECIPES.values():
        table.add_row(spec.name, spec.summary.ja, spec.summary.en, ", ".join(sorted(spec.inputs)))
    out().print(table)


@app.command("show")
def show_recipe(
    name: Annotated[str, typer.Argument(help="Name of the recipe.")], as_json: AsJson = False
) -> None:
    """Show one recipe with every setting. レシピの設定をすべて表示します。

    Raises:
        RecipeNotFoundError: no recipe has that name.
    """
    if name not in RECIPES:
        raise RecipeNotFoundError(name=name, known=", ".join(RECIPES))
    spec = RECIPES[name]
    if as_json:
        print_json(describe(spec))
        return
    out().print(f"[bold]{spec.name}[/]  {spec.summary.ja}\n{spec.summary.en}")
    table = Table("setting", "default", "meaning")
    for field, info in spec.config.model_fields.items():
        table.add_row(field, str(info.get_default(call_default_factory=False)), info.description or "")
    out().print(table)
