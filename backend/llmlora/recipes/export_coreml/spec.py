"""Config of `export_coreml`."""

from typing import Literal

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import Accepts, RecipeConfig, RecipeSpec, setting
from llmlora.contracts.text import Text
from llmlora.recipes.blocks import stages
from llmlora.recipes.blocks.inputs import trained
from llmlora.recipes.blocks.tasks import ENCODE, GENERATE

Precision = Literal["float16", "float32"]
System = Literal["iOS16", "iOS17", "iOS18"]
LONGEST = 4096


class ExportCoremlConfig(RecipeConfig):
    """What the package computes in, on which systems it runs, and how long its rows are."""

    precision: Precision = setting(
        "float16",
        key=True,
        ja="計算と重みの精度。float16 は半分の大きさで、Neural Engine でも動きます。float32 は学習したモデルとの差が小さくなります。",
        en="Precision of weights and computation. float16 is half the size and runs on the Neural Engine; float32 differs less from the trained model.",
    )
    system: System = setting(
        "iOS17",
        ja="対象とする OS の下限。iOS16 は macOS 13、iOS17 は macOS 14、iOS18 は macOS 15 と同じ世代です。",
        en="Oldest system that it has to run on. iOS16 is the generation of macOS 13, iOS17 of macOS 14, iOS18 of macOS 15.",
    )
    length: int | None = setting(
        None,
        key=True,
        ge=8,
        le=LONGEST,
        ja="モデルに渡す行の長さ（トークン数）。固定です。省略時は、予測モデルでは学習したときの長さ、言語モデルでは 128。",
        en="Length of a row in tokens, which is fixed. Default: as trained for a model that predicts, 128 for a language model.",
    )


SPEC = RecipeSpec(
    name="export_coreml",
    title=Text(ja="Core ML への書き出し", en="Export to Core ML"),
    summary=Text(
        ja="学習したモデルを、Mac や iPhone で動かせる Core ML に書き出し、重みと計算の結果を確かめます。Apple の機器での動作は確認していません。",
        en="Exports a trained model to Core ML for Macs and iPhones, and checks its weights and what it computes. Not run on an Apple device.",
    ),
    config=ExportCoremlConfig,
    family="text",
    inputs={
        "base_model": Accepts(
            title=Text(ja="ベースモデル", en="Base model"),
            base_model_tasks=frozenset({GENERATE, ENCODE}),
            required=False,
        ),
        "model": trained(),
    },
    artifacts=(ArtifactKind.COREML,),
    short=Text(ja="書き出し", en="Export"),
    stages=(stages.LOAD, stages.CONVERT, stages.CHECK, stages.PUBLISH),
    facts=("precision", "system"),
    reports={"coreml": Text(ja="Core ML", en="Core ML")},
)
