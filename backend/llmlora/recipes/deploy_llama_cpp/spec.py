"""Config of `deploy_llama_cpp`: which prompts the gates ask, and how far a served model may be from the trained one."""

from typing import Literal

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeSpec, Step, Target, setting
from llmlora.contracts.text import Text
from llmlora.recipes.blocks import stages
from llmlora.recipes.blocks.gate_settings import GateConfig
from llmlora.recipes.blocks.inputs import served

Quantisation = Literal["f32", "f16", "bf16", "q8_0", "trained_gguf", "q4"]


class DeployLlamaCppConfig(GateConfig):
    """Settings of the gates."""

    quantisation: Quantisation = setting(
        "trained_gguf",
        ja="配信する重みの形式。許容差が決まります。trained_gguf は学習に使った GGUF そのもの。",
        en="Format of the served weights, which sets the tolerances. trained_gguf: the very GGUF that was trained on.",
    )
    context: int | None = setting(
        None,
        ge=64,
        le=1_048_576,
        ja="配信する文脈長（トークン）。省略時は学習した行の長さに合わせます（2048 以上、モデルの文脈長まで）。",
        en="Context length when served, in tokens. Default: fits the training rows (at least 2048, at most the context of the model).",
    )


SPEC = RecipeSpec(
    name="deploy_llama_cpp",
    title=Text(ja="llama.cpp の検査", en="llama.cpp checks"),
    summary=Text(
        ja="配信中のモデルが学習したモデルと同じ答えを返すことを確かめます。",
        en="Checks that the served model answers as the trained model does.",
    ),
    config=DeployLlamaCppConfig,
    family="text",
    inputs=served(),
    artifacts=(ArtifactKind.REPORT,),
    short=stages.CHECKED.title,
    steps=(
        Step(
            "register",
            Text(ja="登録", en="Register"),
            Text(ja="チャットで使えるようにする", en="Makes it available in Chat"),
            until_served=True,
        ),
        stages.CHECKED,
    ),
    reports={"gates": stages.CHECKED.title},
    stages=(stages.GATES,),
    deploys=Target("llama_cpp", Text(ja="llama.cpp", en="llama.cpp"), default=True),
    gpu="optional",
)
