"""Config of `text_lora`."""

from pydantic import BaseModel, ConfigDict

from llmlora.contracts.recipe import RecipeSpec, Text


class TextLoraConfig(BaseModel):
    """Settings of one LoRA run."""

    model_config = ConfigDict(extra="forbid")


SPEC = RecipeSpec(
    name="text_lora",
    title=Text(ja="テキスト LoRA", en="Text LoRA"),
    summary=Text(
        ja="言語モデルに LoRA アダプターを学習させます。", en="Trains a LoRA adapter on a language model."
    ),
    config=TextLoraConfig,
    inputs=frozenset({"dataset", "base_model"}),
    trains=True,
    gpu="optional",
)
