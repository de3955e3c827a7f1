"""Config of `pull_ollama_model`."""

from pydantic import BaseModel, ConfigDict

from llmlora.contracts.recipe import RecipeSpec, Text, setting
from llmlora.inference.ollama.names import FullName


class PullOllamaModelConfig(BaseModel):
    """Which model Ollama gets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: FullName = setting(
        ...,
        ja="Ollama のモデル名（例: smollm2:135m）。",
        en="Name of a model in Ollama's library, e.g. smollm2:135m.",
    )


SPEC = RecipeSpec(
    name="pull_ollama_model",
    title=Text(ja="Ollama のモデルの取得", en="Pull an Ollama model"),
    summary=Text(
        ja="Ollama にモデルを取得させます。途中で止めても、続きから取得できます。",
        en="Lets Ollama get a model; interrupted, it goes on where it was.",
    ),
    config=PullOllamaModelConfig,
    inputs=frozenset({"endpoint"}),
    waits=True,
)
