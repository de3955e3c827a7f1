"""What a request names and its recipe would leave unread."""

from llmlora.contracts.recipe import RecipeSpec
from llmlora.features.jobs.errors import InputUnusedError
from llmlora.features.jobs.schemas import JobCreate
from llmlora.kit.errors import FieldProblem


def refuse_unused(request: JobCreate, recipe: RecipeSpec) -> None:
    """Check that the recipe reads every input that is named, and that a chain is asked for behind a training alone.

    Raises:
        InputUnusedError: names all that would be ignored.
    """
    takes_model = "base_model" in recipe.inputs
    takes_export = {"adapter", "endpoint"} <= recipe.inputs.keys()
    read = {
        "dataset_id": "dataset" in recipe.inputs,
        "base_model": takes_model,
        "training_job_id": takes_model and not recipe.trains,
        "export_job_id": takes_export,
        "base_export_job_id": takes_export,
        "deploy": recipe.trains,
    }
    unused = [name for name, is_read in read.items() if not is_read and getattr(request, name) is not None]
    if not unused:
        return
    refused = InputUnusedError(recipe=recipe.name, unused=", ".join(unused))
    words = {language: refused.detail(language) for language in ("ja", "en")}
    refused.fields = tuple(FieldProblem(f"/{name}", words["ja"], words["en"]) for name in unused)
    raise refused
