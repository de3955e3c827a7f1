"""Config of `pull_ollama_model`."""

from llmlora.contracts.recipe import RecipeConfig, RecipeSpec, RunNeeds, Stage, Step, setting
from llmlora.contracts.text import Text
from llmlora.inference.ollama.names import FullName
from llmlora.recipes.blocks.inputs import server


class PullOllamaModelConfig(RecipeConfig):
    """Which model Ollama gets."""

    name: FullName = setting(
        ...,
        ja="Ollama のモデル名（例: smollm2:135m）。",
        en="Name of the Ollama model, for example smollm2:135m.",
    )


def needs(config: PullOllamaModelConfig) -> RunNeeds:
    """Ollama, which does the work."""
    return RunNeeds(engine="ollama", model=config.name)


SPEC = RecipeSpec(
    name="pull_ollama_model",
    title=Text(ja="Ollama のモデルの取得", en="Pull an Ollama model"),
    summary=Text(
        ja="Ollama でモデルを取得します。途中で止まっても、続きから取得できます。",
        en="Pulls a model with Ollama. If it is interrupted, it continues where it stopped.",
    ),
    config=PullOllamaModelConfig,
    family="text",
    inputs={"endpoint": server()},
    stages=(Stage("layer", Text(ja="レイヤー", en="Layer")),),
    steps=(
        Step(
            "pull",
            Text(ja="取得", en="Pull"),
            Text(ja="Ollama がモデルを取得", en="Ollama downloads the model"),
        ),
    ),
    pulls="ollama",
    lane="waiting",
    needs=needs,
)
