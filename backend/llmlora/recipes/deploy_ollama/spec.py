"""Config of `deploy_ollama`: under which name, in which form, and what the gates ask."""

from dataclasses import replace
from typing import Self

from pydantic import model_validator

from llmlora.contracts.deployment import Quantize, Route, refuse_quantised_adapter
from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeSpec, Stage, Step, Target, setting
from llmlora.contracts.text import Text
from llmlora.inference.ollama.names import OwnName
from llmlora.recipes.blocks import stages
from llmlora.recipes.blocks.gate_settings import GateConfig
from llmlora.recipes.blocks.inputs import served

# What sets the tolerances, by what Ollama quantises to.
GRADES: dict[str, str] = {"none": "f16", "q8_0": "q8_0", "q4_K_M": "q4", "q4_K_S": "q4"}


class DeployOllamaConfig(GateConfig):
    """Settings of a registration."""

    name: OwnName = setting(
        ...,
        ja="Ollama での名前（名前空間/モデル:タグ）。",
        en="Name in Ollama (namespace/model:tag).",
    )
    route: Route = setting(
        "auto",
        ja="登録の形。adapter はベースモデルとアダプターを別々に登録し、merged は結合したモデルを登録します。auto では、Ollama がアダプターを受け付ければ adapter、そうでなければ merged になります。",
        en="What is registered: adapter, the base model and the adapter separately; merged, one merged model; auto, adapter if Ollama accepts adapters and merged if not.",
    )
    quantize: Quantize = setting(
        "none",
        ja="結合したモデルの量子化。none 以外では、route の auto も merged になります。Ollama が量子化しないときは llmlora が行います。",
        en="Quantization of the merged model. Other than none, route auto means merged. If Ollama does not quantize it, llmlora does.",
    )
    trained_gguf: bool = setting(
        True,
        ja="学習に使った GGUF をそのまま配信します。許容差が決まります。",
        en="Serve the very GGUF that was trained on. This sets the tolerances.",
    )
    replace: bool = setting(
        False, ja="同じ名前のモデルを置き換えます。", en="Replace the model with the same name."
    )
    num_ctx: int = setting(
        2048, ge=64, le=1_048_576, ja="文脈長（トークン）。", en="Context length in tokens."
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
    title=Text(ja="Ollama への登録", en="Register with Ollama"),
    summary=Text(
        ja="学習したモデルを Ollama に登録し、学習したとおりに答えることを確かめます。",
        en="Registers the tuned model with Ollama and checks that it answers as trained.",
    ),
    config=DeployOllamaConfig,
    family="text",
    inputs=served(),
    artifacts=(ArtifactKind.REPORT,),
    short=stages.CHECKED.title,
    steps=(
        Step(
            "register",
            Text(ja="登録", en="Register"),
            Text(ja="Ollama に登録", en="Registers the model with Ollama"),
        ),
        replace(
            stages.CHECKED,
            does=Text(ja="同じ答え・停止・同じファイル", en="Same answers, stops, same files"),
        ),
    ),
    reports={"gates": stages.CHECKED.title},
    stages=(
        stages.MERGE,
        stages.QUANTISE,
        Stage("upload", Text(ja="送信", en="Uploading")),
        Stage("register", Text(ja="Ollama に登録中", en="Registering with Ollama")),
        stages.GATES,
    ),
    deploys=Target("ollama", Text(ja="Ollama", en="Ollama"), merges=True, has_tags=True),
    gpu="optional",
)
