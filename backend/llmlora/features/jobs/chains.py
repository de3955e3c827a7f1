"""What follows a training, target by target: how it is exported, and what deploys it."""

from collections.abc import Iterable
from typing import Any

from llmlora.contracts.dataset import Example
from llmlora.features.forecast.context import default_context
from llmlora.features.jobs.schemas import DeployRequest
from llmlora.kit.slugs import slug
from llmlora.recipes.deploy_ollama.spec import planned_route
from llmlora.tables.job import JobRow

TRAINED_GGUF, EXPORTED_BASE = "trained_gguf", "f16"
NAMESPACE, NAMELESS = "llmlora", "job"
# A model's name in Ollama has 80 characters at most; the job's own eight stand behind it.
LONGEST_SLUG = 60
# Tokens of an answer that the gates wait for: usually, for long answers, and where every answer is longer still.
USUAL_TOKENS, LONG_TOKENS, MOST_TOKENS, END_TOKENS = 96, 512, 4096, 8


def exported_of(deploy: DeployRequest) -> dict[str, Any]:
    """Config of the export: the adapter, or base and adapter as one model for Ollama to quantise."""
    if planned_route(deploy.route, deploy.quantize) == "merged":
        return {"target": "merged", "outtype": "f16"}
    return {"target": "adapter", "outtype": deploy.quantization}


def deployment_of(
    deploy: DeployRequest, training: JobRow, gates: dict[str, Any], *, has_gguf: bool, limit: int | None
) -> tuple[str, dict[str, Any]]:
    """The deploying recipe and its config. `gates`: what they ask; `limit`: the model's context, where it is known."""
    if deploy.target == "llama_cpp":
        quantisation = TRAINED_GGUF if has_gguf else EXPORTED_BASE
        return "deploy_llama_cpp", {**gates, "quantisation": quantisation, "context": deploy.context}
    return "deploy_ollama", {
        **gates,
        "num_ctx": deploy.context
        or default_context(
            max_length=training.config.get("max_length"),
            prompts=map(text_of_prompt, gates["prompts"]),
            answer_tokens=gates["max_tokens"],
            limit=limit,
        ),
        "name": deploy.tag or default_tag(deploy, training),
        "route": deploy.route,
        "quantize": deploy.quantize,
        "trained_gguf": has_gguf,
        "replace": deploy.replace,
    }


def text_of_prompt(prompt: Any) -> str:
    """All that is said in a prompt of the gates: a question, or a conversation."""
    return prompt if isinstance(prompt, str) else "\n".join(str(turn["content"]) for turn in prompt)


def longest_answer(examples: Iterable[Example]) -> int:
    """How many tokens the gates have to wait for: the held rows' answers, but for what would take them too long.

    A token has at least one byte. An answer that ends costs no more where more are allowed; the shortest has to fit, since
    where none ends, nothing shows that the model stops.
    """
    sizes = sorted(
        len(answer.encode()) + END_TOKENS
        for example in examples
        for answer in [
            *(m.content for m in example.messages[-1:] if m.role == "assistant"),
            *filter(None, [example.completion]),
        ]
    )
    if not sizes:
        return USUAL_TOKENS
    return min(MOST_TOKENS, max(USUAL_TOKENS, sizes[0], min(sizes[-1], LONG_TOKENS)))


def default_tag(deploy: DeployRequest, training: JobRow) -> str:
    """`llmlora/<words of the job's name>-<last 8 of its id>:<quantisation>`."""
    is_merged = planned_route(deploy.route, deploy.quantize) == "merged"
    quantisation = deploy.quantize.replace("none", "f16") if is_merged else deploy.quantization
    words = slug(deploy.name or training.name, longest=LONGEST_SLUG, nameless=NAMELESS)
    return f"{NAMESPACE}/{words}-{training.id[-8:]}:{quantisation.lower()}"
