"""Config of `export_gguf`."""

from typing import Literal, Self

from pydantic import model_validator

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeConfig, RecipeSpec, Step, setting
from llmlora.contracts.text import Text
from llmlora.kit.validation import goes_not_together
from llmlora.recipes.blocks import stages
from llmlora.recipes.blocks.inputs import adapter, text_model

Target = Literal["adapter", "merged", "base"]
OutType = Literal["f32", "f16", "bf16", "q8_0", "q4_K_M"]

# What llama.cpp computes an adapter in: f32 and f16 always, q8_0 where a row is long enough; bf16 only on some devices.
ALLOWED: dict[str, tuple[str, ...]] = {
    "adapter": ("f16", "f32", "q8_0"),
    "merged": ("f16", "bf16", "q8_0", "q4_K_M"),
    "base": ("f16", "bf16", "q8_0", "q4_K_M"),
}


class ExportGgufConfig(RecipeConfig):
    """What is exported, and in which number format."""

    target: Target = setting(
        "adapter",
        ja="変換するもの。adapter はアダプターだけ、merged は結合したモデル、base はベースモデル。",
        en="What to convert: adapter, the adapter alone; merged, the merged model; base, the base model.",
    )
    outtype: OutType = setting(
        "f16",
        ja="数値の形式。adapter は f16・f32・q8_0、それ以外は f16・bf16・q8_0・q4_K_M。",
        en="Number format: f16, f32 or q8_0 for an adapter; f16, bf16, q8_0 or q4_K_M for a model.",
    )

    @model_validator(mode="after")
    def _target_takes_outtype(self) -> Self:
        allowed = ALLOWED[self.target]
        if self.outtype not in allowed:
            known = ", ".join(allowed)
            raise goes_not_together(
                "outtype",
                ja=f"target が {self.target} のときは {known} のいずれかにしてください",
                en=f"must be one of {known} with target {self.target}",
            )
        return self

    @property
    def file_name(self) -> str:
        """Name of the file in the run directory."""
        return f"{self.target}-{self.outtype}.gguf"


SPEC = RecipeSpec(
    name="export_gguf",
    title=Text(ja="GGUF への変換", en="Convert to GGUF"),
    summary=Text(
        ja="アダプターや結合したモデルを GGUF に変換し、読み戻して確かめます。",
        en="Converts an adapter or a merged model to GGUF, reads it back and checks it.",
    ),
    config=ExportGgufConfig,
    family="text",
    inputs={
        "base_model": text_model(),
        "adapter": adapter(target=frozenset({"adapter", "merged"})),
    },
    artifacts=(ArtifactKind.GGUF,),
    short=Text(ja="変換", en="Convert"),
    steps=(
        Step(
            "export",
            Text(ja="GGUF 変換", en="Export GGUF"),
            Text(ja="アダプターを GGUF に", en="Converts the adapter to GGUF"),
            {
                "target": {
                    "merged": Text(ja="結合したモデルを GGUF に", en="Converts the merged model to GGUF"),
                    "base": Text(ja="ベースモデルを GGUF に", en="Converts the base model to GGUF"),
                }
            },
        ),
    ),
    stages=(stages.PREPARE, stages.CONVERT, stages.QUANTISE, stages.CHECK, stages.PUBLISH),
)
