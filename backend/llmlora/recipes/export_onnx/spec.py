"""Config of `export_onnx`: nothing is chosen, an export answers as the model does."""

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeConfig, RecipeSpec
from llmlora.contracts.text import Text
from llmlora.recipes.blocks import stages
from llmlora.recipes.blocks.inputs import trained_model


class ExportOnnxConfig(RecipeConfig):
    """No settings."""


SPEC = RecipeSpec(
    name="export_onnx",
    title=Text(ja="ONNX への書き出し", en="Export to ONNX"),
    summary=Text(
        ja="学習した予測モデルを、ラベルとトークナイザーとともに ONNX に書き出し、同じ値を出すことを確かめます。",
        en="Exports a trained prediction model to ONNX with its labels and tokenizer, and checks that it computes the same.",
    ),
    config=ExportOnnxConfig,
    family="predict",
    inputs={"model": trained_model()},
    artifacts=(ArtifactKind.ONNX,),
    stages=(stages.LOAD, stages.CONVERT, stages.CHECK, stages.PUBLISH),
)
