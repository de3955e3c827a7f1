"""What follows a training, target by target: how it is exported, and what deploys it; what of a chain is its newest."""

import json
from collections.abc import Sequence
from typing import Any

from llmlora.contracts.states import JobState
from llmlora.data.held import USUAL_TOKENS
from llmlora.features.forecast.context import default_context
from llmlora.features.jobs.schemas import DeployRequest
from llmlora.kit.slugs import slug
from llmlora.recipes.deploy_ollama.spec import planned_route
from llmlora.tables.job import JobRow

FRUITLESS = frozenset({JobState.FAILED, JobState.CANCELLED})
TRAINED_GGUF, EXPORTED_BASE = "trained_gguf", "f16"
NAMESPACE, NAMELESS = "llmlora", "job"
# A model's name in Ollama has 80 characters at most; the job's own eight stand behind it.
LONGEST_SLUG = 60


def newest_of_stages(chain: Sequence[JobRow], seen_from: str) -> list[JobRow]:
    """The jobs of a chain (oldest first) without those that failed or were cancelled and were asked for again.

    Seen from one of these it is the chain as it stood before anything was resumed after that job.
    """
    newest = {_stage_of(job): job.id for job in chain}
    shown = [job for job in chain if job.state not in FRUITLESS or newest[_stage_of(job)] == job.id]
    before = next((place for place, job in enumerate(chain) if job.id == seen_from), None)
    if before is None or any(job.id == seen_from for job in shown):
        return shown
    resumed = (place for place, job in enumerate(chain) if place > before and job.resumes_job_id is not None)
    return newest_of_stages(chain[: next(resumed, before + 1)], seen_from)


def _stage_of(job: JobRow) -> str:
    """What a job is to do and for whom: two with the same are two tries."""
    return json.dumps([job.recipe, job.name, job.config], sort_keys=True)


def exported_of(deploy: DeployRequest) -> dict[str, Any]:
    """Config of the export: the adapter, or base and adapter as one model for Ollama to quantise."""
    if planned_route(deploy.route, deploy.quantize) == "merged":
        return {"target": "merged", "outtype": "f16"}
    return {"target": "adapter", "outtype": deploy.quantization}


def deployment_of(
    deploy: DeployRequest, training: JobRow, *, has_gguf: bool, limit: int | None, number: int = 1
) -> tuple[str, dict[str, Any]]:
    """The deploying recipe and its config. `limit`: the model's context, where it is known; `number`: of a default tag.

    What the gates ask is left to what the training keeps beside its adapter, unless the request names it.
    """
    wished = {"prompts": deploy.prompts, "max_tokens": deploy.max_tokens}
    gates: dict[str, Any] = {name: value for name, value in wished.items() if value}
    if deploy.target == "llama_cpp":
        quantisation = TRAINED_GGUF if has_gguf else EXPORTED_BASE
        return "deploy_llama_cpp", {**gates, "quantisation": quantisation, "context": deploy.context}
    return "deploy_ollama", {
        **gates,
        "num_ctx": deploy.context
        or default_context(
            max_length=training.config.get("max_length"),
            prompts=map(text_of_prompt, deploy.prompts or ()),
            answer_tokens=deploy.max_tokens or USUAL_TOKENS,
            limit=limit,
        ),
        "name": deploy.tag or default_tag(deploy, training, number),
        "route": deploy.route,
        "quantize": deploy.quantize,
        "trained_gguf": has_gguf,
        "replace": deploy.replace,
    }


def text_of_prompt(prompt: Any) -> str:
    """All that is said in a prompt of the gates: a question, or a conversation."""
    return prompt if isinstance(prompt, str) else "\n".join(str(turn["content"]) for turn in prompt)


def default_tag(deploy: DeployRequest, training: JobRow, number: int = 1) -> str:
    """`llmlora/<words of the job's name>-<last 8 of its id>:<form>`, with `-<number>` from the second on.

    The pages show it before it is made: `frontend/src/entities/ollama/tag.ts`.
    """
    words = slug(deploy.name or training.name, longest=LONGEST_SLUG, nameless=NAMELESS)
    count = "" if number == 1 else f"-{number}"
    return f"{NAMESPACE}/{words}-{training.id[-8:]}:{_form_of(deploy)}{count}"


def _form_of(deploy: DeployRequest) -> str:
    """What tells the forms of one adapter apart: the number format, behind the route where that alone does not."""
    if planned_route(deploy.route, deploy.quantize) == "merged":
        return "merged-f16" if deploy.quantize == "none" else deploy.quantize.lower()
    is_usual = deploy.route == "auto" and deploy.quantization == EXPORTED_BASE
    return deploy.quantization if is_usual else f"adapter-{deploy.quantization}"
