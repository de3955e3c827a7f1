"""Config of `pull_ollama_model`."""

from llmlora.contracts.recipe import RecipeConfig, RecipeSpec, Text, setting
from llmlora.inference.ollama.names import FullName


class PullOllamaModelConfig(RecipeConfig):
    """Which model Ollama gets."""

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
