"""Config of `deploy_ollama`: under which name, in which form, and what the gates ask."""

from typing import Literal, Self

from pydantic import model_validator

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeSpec, Text, setting
from llmlora.inference.ollama.names import OwnName
from llmlora.kit.validation import goes_not_together
from llmlora.recipes.blocks.gate_settings import GateConfig

Route = Literal["auto", "adapter", "merged"]
Quantize = Literal["none", "q8_0", "q4_K_M", "q4_K_S"]
# What sets the tolerances, by what Ollama quantises to.
GRADES: dict[str, str] = {"none": "f16", "q8_0": "q8_0", "q4_K_M": "q4", "q4_K_S": "q4"}


def planned_route(route: Route, quantize: Quantize) -> Route:
    """What is known before the server is asked: only a merged model can be quantised."""
    return "merged" if route == "auto" and quantize != "none" else route


def refuse_quantised_adapter(route: Route, quantize: Quantize) -> None:
    """Check that only a merged model is to be quantised.

    Raises:
        ValueError: an adapter is.
    """
    if route == "adapter" and quantize != "none":
        raise goes_not_together(
            "route",
            ja="量子化できるのは結合したモデルだけです。route を auto か merged にしてください",
            en="only a merged model can be quantized; set route to auto or merged",
        )


class DeployOllamaConfig(GateConfig):
    """Settings of a registration."""

    name: OwnName = setting(
        ...,
        ja="Ollama での名前（名前空間/モデル:タグ）。",
        en="Name in Ollama: namespace/model:tag.",
    )
    route: Route = setting(
        "auto",
        ja="adapter はベースモデルとアダプターを別々に登録、merged は結合したモデルを登録。auto は Ollama がアダプターを受け付ければ adapter、そうでなければ merged。",
        en="adapter registers the base with the adapter beside it, merged one model of both; auto the first where Ollama takes adapters, else the second.",
    )
    quantize: Quantize = setting(
        "none",
        ja="結合したモデルの量子化（none 以外では auto も merged になります）。Ollama が量子化しなければ、こちらで行います。",
        en="What the merged model is quantized to (auto then means merged): by Ollama, or here where it does not.",
    )
    trained_gguf: bool = setting(
        True,
        ja="学習に使った GGUF をそのまま配信する（許容差を決めます）。",
        en="The very GGUF is served that was trained on; it sets the tolerances.",
    )
    replace: bool = setting(
        False, ja="同じ名前のモデルを置き換える。", en="Replace a model of the same name."
    )
    num_ctx: int = setting(
        2048, ge=64, le=1_048_576, ja="文脈長（トークン）。", en="Tokens of one conversation."
    )

    @model_validator(mode="after")
    def _only_merged_models_are_quantised(self) -> Self:
        refuse_quantised_adapter(self.route, self.quantize)
        return self

    def grade(self, *, merged: bool) -> str:
        """What sets the tolerances of the form that was registered."""
        if merged:
            return GRADES[self.quantize]
        return "trained_gguf" if self.trained_gguf else "f16"


SPEC = RecipeSpec(
    name="deploy_ollama",
    title=Text(ja="Ollama への登録", en="Ollama"),
    summary=Text(
        ja="学習したモデルを Ollama に登録し、学習したとおりに答えることを確かめます。",
        en="Registers the tuned model with Ollama and proves that it answers as trained.",
    ),
    config=DeployOllamaConfig,
    inputs=frozenset({"base_model", "adapter", "endpoint"}),
    artifacts=(ArtifactKind.REPORT,),
    gpu="optional",
)
