"""What every recipe with gates lets one set. Free of torch."""

from typing import Any

from pydantic import ConfigDict, Field

from llmlora.contracts.deployment import DeployOptions
from llmlora.contracts.inference import ChatMessage, Prompt
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

    prompts: list[str | Conversation | Prompt] | None = setting(
        None,
        min_length=1,
        max_length=32,
        ja="検査に使う質問または会話。省略時は、学習した行から選んでアダプターと一緒に保存したもの。",
        en="Prompts for the checks: questions, or conversations that end with the user's turn. Default: rows of the "
        "training data that were saved with the adapter.",
    )
    max_tokens: int | None = setting(
        None,
        ge=1,
        le=4096,
        ja="検査する応答の最大トークン数。省略時は、学習した応答の長さに合わせます。",
        en="Maximum tokens of an answer that are compared. Default: as long as the trained answers.",
    )
    thresholds: Thresholds | None = setting(
        None, ja="許容差を直接指定します。", en="Tolerances to use instead of the built-in ones."
    )

    def given_prompts(self) -> tuple[Prompt, ...]:
        """Every prompt of the config as a conversation; nothing where it names none."""
        return tuple(_as_prompt(prompt) for prompt in self.prompts or ())


def gates_asked(options: DeployOptions) -> dict[str, Any]:
    """What a request says about the gates; the rest is left to what the training keeps beside its adapter."""
    given = {"prompts": options.prompts, "max_tokens": options.max_tokens}
    return {name: value for name, value in given.items() if value}


def text_of_prompt(prompt: Any) -> str:
    """All that is said in a prompt of the gates: a question, or a conversation."""
    return prompt if isinstance(prompt, str) else "\n".join(str(turn["content"]) for turn in prompt)


def _as_prompt(given: str | Conversation | Prompt) -> Prompt:
    if isinstance(given, Prompt):
        return given
    return Prompt(
        messages=(ChatMessage(role="user", content=given),) if isinstance(given, str) else tuple(given)
    )
