"""Recipes: a folder and a line here each. This module stays free of torch; `run.py` files do not."""

from llmlora.contracts.recipe import RecipeSpec
from llmlora.recipes.deploy_llama_cpp.spec import SPEC as DEPLOY_LLAMA_CPP
from llmlora.recipes.deploy_ollama.spec import SPEC as DEPLOY_OLLAMA
from llmlora.recipes.export_gguf.spec import SPEC as EXPORT_GGUF
from llmlora.recipes.import_base_model.spec import SPEC as IMPORT_BASE_MODEL
from llmlora.recipes.pull_ollama_model.spec import SPEC as PULL_OLLAMA_MODEL
from llmlora.recipes.text_lora.spec import SPEC as TEXT_LORA

RECIPES: dict[str, RecipeSpec] = {
    spec.name: spec
    for spec in (
        IMPORT_BASE_MODEL,
        PULL_OLLAMA_MODEL,
        TEXT_LORA,
        EXPORT_GGUF,
        DEPLOY_LLAMA_CPP,
        DEPLOY_OLLAMA,
    )
}

DEFAULT = next(spec for spec in RECIPES.values() if spec.default)
"""What a request means that names no recipe."""
