"""Config of `pull_ollama_model`."""

from pydantic import BaseModel, ConfigDict, field_validator

from llmlora.contracts.recipe import RecipeSpec, Text, setting
from llmlora.inference.ollama.errors import OllamaNameError
from llmlora.inference.ollama.names import LONGEST, parse_name


class PullOllamaModelConfig(BaseModel):
    """Which model Ollama gets."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = setting(
        ...,
        min_length=1,
        max_length=LONGEST,
        ja="Ollama のモデル名（例: smollm2:135m）。",
        en="Name of a model in Ollama's library, e.g. smollm2:135m.",
    )

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        try:
            return str(parse_name(value))
        except OllamaNameError as error:
            raise ValueError(f"{error.detail('en')} / {error.detail('ja')}") from error


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
