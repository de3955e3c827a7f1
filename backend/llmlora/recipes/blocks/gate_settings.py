"""What every recipe with gates lets one set. Free of torch."""

from pydantic import ConfigDict, Field

from llmlora.contracts.inference import ChatMessage
from llmlora.contracts.recipe import RecipeConfig, setting
from llmlora.kit.typed import Typed

Conversation = list[ChatMessage]


class Thresholds(Typed):
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


class GateConfig(RecipeConfig):
    """Which prompts the gates ask, and how far a served model may be from the trained one."""

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
    thresholds: Thresholds | None = setting(
        None, ja="許容差を直接指定する。", en="Tolerances of your own instead of the table's."
    )

    def conversations(self) -> list[tuple[ChatMessage, ...]]:
        """Every prompt as a conversation."""
        return [
            (ChatMessage(role="user", content=prompt),) if isinstance(prompt, str) else tuple(prompt)
            for prompt in self.prompts
        ]
