"""Config of `deploy_onnx`: how far an exported model may be from the trained one."""

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import Accepts, RecipeConfig, RecipeSpec, Target, setting
from llmlora.contracts.text import Text
from llmlora.recipes.blocks import stages
from llmlora.recipes.blocks.inputs import onnx, server, trained_model

BASES = frozenset({"text.encode"})
"""Tasks of the bases whose trained models predict."""


class DeployOnnxConfig(RecipeConfig):
    """Settings of the gate."""

    tolerance: float = setting(
        1e-4,
        gt=0,
        le=1,
        ja="学習したモデルと配信するモデルのロジットの差の許容値。",
        en="Largest difference allowed between the logits of the trained and of the served model.",
    )


SPEC = RecipeSpec(
    name="deploy_onnx",
    title=Text(ja="ONNX の検査", en="ONNX checks"),
    summary=Text(
        ja="配信中の予測モデルが、学習したモデルと同じ値を返すことを確かめます。",
        en="Checks that the served prediction model answers as the trained model does.",
    ),
    config=DeployOnnxConfig,
    family="predict",
    inputs={
        "base_model": Accepts(
            title=Text(ja="ベースモデル", en="Base model"), base_model_tasks=BASES, required=False
        ),
        "model": trained_model(),
        "onnx": onnx(),
        "endpoint": server(),
    },
    artifacts=(ArtifactKind.REPORT,),
    stages=(stages.LOAD, stages.GATES),
    deploys=Target("onnx", Text(ja="ONNX Runtime", en="ONNX Runtime"), chats=False),
)
