"""How an adapter gets to Ollama: beside its base or merged with it, under a name that nobody else has there."""

from typing import Any

from llmlora.contracts.deployment import (
    USUAL_OUTTYPE,
    DeployFacts,
    Deploying,
    DeployOptions,
    DeployPlan,
    planned_route,
)
from llmlora.contracts.plan import Plan
from llmlora.data.held import USUAL_TOKENS
from llmlora.inference.ollama.errors import OllamaTagTakenError
from llmlora.kit.slugs import slug
from llmlora.recipes.blocks.forecast.context import default_context
from llmlora.recipes.blocks.gate_settings import gates_asked, text_of_prompt
from llmlora.recipes.export_gguf.steps import adapter_export, beside_base, merged_export

NAMESPACE, NAMELESS = "llmlora", "job"
# A model's name in Ollama has 80 characters at most; the job's own eight stand behind it.
LONGEST_SLUG = 60


def plan_deployment(facts: DeployFacts) -> DeployPlan:
    """Config of the registration, and the exports it needs: what Ollama quantises is one model."""
    options = facts.options
    is_merged = planned_route(options.route, options.quantize) == "merged"
    tag = options.tag or default_tag(facts)
    config: dict[str, Any] = {
        **gates_asked(options),
        "num_ctx": options.context
        or default_context(
            max_length=facts.config.get("max_length"),
            prompts=map(text_of_prompt, options.prompts or ()),
            answer_tokens=options.max_tokens or USUAL_TOKENS,
            limit=facts.context_limit,
        ),
        "name": tag,
        "route": options.route,
        "quantize": options.quantize,
        "trained_gguf": facts.has_gguf,
        "replace": options.replace,
    }
    beside = beside_base(adapter_export(options.quantization), has_gguf=facts.has_gguf)
    before = (merged_export(USUAL_OUTTYPE),) if is_merged else beside
    return DeployPlan(config, before, tag, is_tag_open=options.tag is None, replaces=options.replace)


def default_tag(facts: DeployFacts) -> str:
    """`llmlora/<words of the job's name>-<last 8 of its id>:<form>`, with `-<number>` from the second on.

    The pages show it before it is made: `frontend/src/entities/ollama/tag.ts`.
    """
    words = slug(facts.options.name or facts.training_name, longest=LONGEST_SLUG, nameless=NAMELESS)
    count = "" if facts.number == 1 else f"-{facts.number}"
    return f"{NAMESPACE}/{words}-{facts.training_id[-8:]}:{_form_of(facts.options)}{count}"


def _form_of(options: DeployOptions) -> str:
    """What tells the forms of one adapter apart: the number format, behind the route where that alone does not."""
    if planned_route(options.route, options.quantize) == "merged":
        return "merged-f16" if options.quantize == "none" else options.quantize.lower()
    is_usual = options.route == "auto" and options.quantization == USUAL_OUTTYPE
    return options.quantization if is_usual else f"adapter-{options.quantization}"


def _taken(tag: str) -> OllamaTagTakenError:
    return OllamaTagTakenError(name=tag)


PLAN = Plan(deploying=Deploying(plan_deployment, _taken))
