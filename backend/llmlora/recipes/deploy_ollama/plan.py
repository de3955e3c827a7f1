"""How an adapter gets to Ollama: beside its base or merged with it, under a name that nobody else has there."""

from typing import Any

from llmlora.contracts.deployment import (
    USUAL_OUTTYPE,
    DeployFacts,
    Deploying,
    DeployPlan,
    DeployWish,
    planned_route,
)
from llmlora.contracts.plan import Plan
from llmlora.data.held import USUAL_TOKENS
from llmlora.inference.ollama.errors import OllamaTagTakenError
from llmlora.kit.slugs import slug
from llmlora.recipes.blocks.forecast.context import default_context
from llmlora.recipes.blocks.gate_settings import text_of_prompt, wished_gates
from llmlora.recipes.export_gguf.steps import adapter_export, beside_base, merged_export

NAMESPACE, NAMELESS = "llmlora", "job"
# A model's name in Ollama has 80 characters at most; the job's own eight stand behind it.
LONGEST_SLUG = 60


def plan_deployment(facts: DeployFacts) -> DeployPlan:
    """Config of the registration, and the exports it needs: what Ollama quantises is one model."""
    wish = facts.wish
    is_merged = planned_route(wish.route, wish.quantize) == "merged"
    tag = wish.tag or default_tag(facts)
    config: dict[str, Any] = {
        **wished_gates(wish),
        "num_ctx": wish.context
        or default_context(
            max_length=facts.config.get("max_length"),
            prompts=map(text_of_prompt, wish.prompts or ()),
            answer_tokens=wish.max_tokens or USUAL_TOKENS,
            limit=facts.context_limit,
        ),
        "name": tag,
        "route": wish.route,
        "quantize": wish.quantize,
        "trained_gguf": facts.has_gguf,
        "replace": wish.replace,
    }
    beside = beside_base(adapter_export(wish.quantization), has_gguf=facts.has_gguf)
    before = (merged_export(USUAL_OUTTYPE),) if is_merged else beside
    return DeployPlan(config, before, tag, is_tag_open=wish.tag is None, replaces=wish.replace)


def default_tag(facts: DeployFacts) -> str:
    """`llmlora/<words of the job's name>-<last 8 of its id>:<form>`, with `-<number>` from the second on.

    The pages show it before it is made: `frontend/src/entities/ollama/tag.ts`.
    """
    words = slug(facts.wish.name or facts.training_name, longest=LONGEST_SLUG, nameless=NAMELESS)
    count = "" if facts.number == 1 else f"-{facts.number}"
    return f"{NAMESPACE}/{words}-{facts.training_id[-8:]}:{_form_of(facts.wish)}{count}"


def _form_of(wish: DeployWish) -> str:
    """What tells the forms of one adapter apart: the number format, behind the route where that alone does not."""
    if planned_route(wish.route, wish.quantize) == "merged":
        return "merged-f16" if wish.quantize == "none" else wish.quantize.lower()
    is_usual = wish.route == "auto" and wish.quantization == USUAL_OUTTYPE
    return wish.quantization if is_usual else f"adapter-{wish.quantization}"


def _taken(tag: str) -> OllamaTagTakenError:
    return OllamaTagTakenError(name=tag)


PLAN = Plan(deploying=Deploying(plan_deployment, _taken))
