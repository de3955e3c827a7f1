"""Config of `deploy_llama_cpp`: which prompts the gates ask, and how far a served model may be from the trained one."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.inference import ChatMessage
from llmlora.contracts.recipe import RecipeSpec, Text, setting

# The endpoint's key travels by the environment: `spec.json` holds no secret.
ENDPOINT_KEY_VARIABLE = "LLMLORA_ENDPOINT_KEY"

Quantisation = Literal["f32", "f16", "bf16", "q8_0", "trained_gguf", "q4"]
Conversation = list[ChatMessage]


class Thresholds(BaseModel):
    """Limits in nats that replace those of the quantisation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mean: float = Field(gt=0, le=100, description="Largest mean |Δ log p| over all compared tokens.")
    largest: float = Field(gt=0, le=100, description="Largest |Δ log p| of one token.")
    gap: float = Field(
        gt=0, le=100, description="Two tokens closer than this may change places in a greedy answer."
    )
    alternatives: float = Field(
        gt=0, le=100, description="Largest mean |Δ log p| over the five likeliest tokens at each place."
    )


class DeployLlamaCppConfig(BaseModel):
    """Settings of the gates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompts: list[str | Conversation] = setting(
        ...,
        min_length=1,
        max_length=32,
        ja="検査に使う質問、または会話。",
        en="Held prompts: questions, or conversations that end with the user's turn.",
    )
    max_tokens: int = setting(
        96,
        ge=1,
        le=4096,
        ja="検査する応答の最大トークン数。",
        en="Longest answer that is compared, in tokens.",
    )
    quantisation: Quantisation = setting(
        "trained_gguf",
        ja="配信する重みの形式。許容差を決めます。trained_gguf は学習に使った GGUF そのもの。",
        en="Format of the served weights; it sets the tolerances. trained_gguf: the GGUF whose weights were trained.",
    )
    thresholds: Thresholds | None = setting(
        None, ja="許容差を直接指定する。", en="Tolerances of your own instead of the table's."
    )


SPEC = RecipeSpec(
    name="deploy_llama_cpp",
    title=Text(ja="llama.cpp の検査", en="llama.cpp gates"),
    summary=Text(
        ja="配信中のモデルが学習したモデルと同じ答えを返すことを確かめます。",
        en="Proves that the served model answers as the trained one.",
    ),
    config=DeployLlamaCppConfig,
    inputs=frozenset({"base_model", "adapter", "endpoint"}),
    artifacts=(ArtifactKind.REPORT,),
    gpu="optional",
)
