"""Recipes of others: folders like those of this room, in directories that `LLMLORA_RECIPES` names.

Such a directory becomes a part of this package: its folder `depth` is `llmlora.recipes.depth` here, in the worker and in
the child of a run alike, so that all that looks a recipe up finds it as it finds ours. Its `spec.py` is read when this
package is first imported, and must not load torch; its `run.py` is read by the child alone. Whoever sets the variable
runs this code as themselves: nothing but the operator's own environment names a directory.
"""

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path

from llmlora.contracts.recipe import RecipeSpec
from llmlora.kit.errors import InvalidInputError

PACKAGE = "llmlora.recipes"
_HOME = Path(__file__).parent


class ExternalRecipeError(InvalidInputError):
    """A directory of recipes cannot be used as it is."""

    code = "external_recipe_invalid"
    ja = "LLMLORA_RECIPES の {place} は使えません: {reason}。"
    en = "{place} in LLMLORA_RECIPES cannot be used: {reason}."


def recipes_in(directory: Path, known: Mapping[str, RecipeSpec], path: list[str]) -> dict[str, RecipeSpec]:
    """The recipes of a directory's folders, by name; `path`: this package's, which the directory joins.

    Raises:
        ExternalRecipeError: there is no such directory, a name is taken, or a folder's `spec.py` is not a recipe's.
    """
    if not directory.is_dir():
        raise _refused(directory, "ディレクトリがありません", "there is no such directory")
    path.append(str(directory))
    importlib.invalidate_caches()
    try:
        return {
            spec.parent.name: _spec_of(spec.parent, known) for spec in sorted(directory.glob("*/spec.py"))
        }
    except ExternalRecipeError:
        path.remove(str(directory))
        raise


def _spec_of(folder: Path, known: Mapping[str, RecipeSpec]) -> RecipeSpec:
    name = folder.name
    if name in known or (_HOME / name).exists() or (_HOME / f"{name}.py").exists() or not name.isidentifier():
        raise _refused(folder, "この名前のレシピは作れません", "a recipe cannot have this name")
    if not (folder / "run.py").is_file():
        raise _refused(folder, "run.py がありません", "run.py is missing")
    had_torch = "torch" in sys.modules
    try:
        spec = importlib.import_module(f"{PACKAGE}.{name}.spec").SPEC
    except Exception as error:  # whatever the code of others does, the directory is named
        told = f"{type(error).__name__}: {error}"
        raise _refused(folder, told, told) from error
    if not had_torch and "torch" in sys.modules:
        raise _refused(
            folder,
            "spec.py が torch を読み込みます。torch を使うコードは run.py に移してください",
            "spec.py loads torch; move the code that uses torch to run.py",
        )
    if not isinstance(spec, RecipeSpec) or spec.name != name:
        raise _refused(
            folder,
            "SPEC は、フォルダーと同じ名前の RecipeSpec にしてください",
            "SPEC must be a RecipeSpec with the name of its folder",
        )
    return spec


def _refused(place: Path, ja: str, en: str) -> ExternalRecipeError:
    return ExternalRecipeError(place=place, reason=(ja, en))
