"""Runs the parity and the stop gate against a running endpoint."""

import asyncio
import os
from typing import Any

import transformers
from pydantic import JsonValue

from llmlora.contracts.events import Progress, Report
from llmlora.contracts.inference import ChatAnswer, ChatMessage, ChatRequest, InferenceBackend, Sampling
from llmlora.contracts.recipe import Context, EndpointInput, RunCancelledError
from llmlora.inference.llama_cpp import LlamaCppBackend
from llmlora.kit.errors import GateFailedError, InvalidInputError
from llmlora.recipes.blocks.gates import Asked, GateResult, judge_parity, judge_stop
from llmlora.recipes.blocks.lineage import refuse_foreign_adapter
from llmlora.recipes.blocks.parity import TOLERANCES, Tolerance
from llmlora.recipes.blocks.placement import choose_placement
from llmlora.recipes.blocks.reference import Reference, answer_greedily, load_reference
from llmlora.recipes.deploy_llama_cpp.spec import ENDPOINT_KEY_VARIABLE, DeployLlamaCppConfig

TOP_LOGPROBS = 20


class InputMissingError(InvalidInputError):
    """The gates were started without something they compare."""

    code = "input_missing"
    ja = "検査には base_model、adapter、endpoint が必要です（{missing} がありません）。"
    en = "The gates need base_model, adapter and endpoint ({missing} is missing)."


def run(config: DeployLlamaCppConfig, ctx: Context) -> None:
    """Ask reference and server the same, report both gates, and fail when one is red.

    Raises:
        InputMissingError: base model, adapter or endpoint is missing.
        ForeignAdapterError: the adapter was trained on another base.
        UnavailableError: the endpoint cannot be reached.
        GateFailedError: a gate is red; the report was emitted before.
    """
    transformers.utils.logging.disable_progress_bar()
    base, adapter, endpoint = ctx.spec.inputs.base_model, ctx.spec.inputs.adapter, ctx.spec.inputs.endpoint
    if base is None or adapter is None or endpoint is None:
        given = {"base_model": base, "adapter": adapter, "endpoint": endpoint}
        raise InputMissingError(missing=", ".join(name for name, value in given.items() if value is None))
    refuse_foreign_adapter(adapter.path, base)
    _progress(ctx, 0, len(config.prompts))
    placement = choose_placement(ctx.spec.resources, "fp32")
    reference = load_reference(base.path, adapter.path, placement.device)
    asked = asyncio.run(_ask_all(config, ctx, reference, endpoint))
    tolerance = _tolerance(config)
    parity = judge_parity(asked, tolerance, decode=reference.decode)
    stop = judge_stop(asked, reference.special_texts, decode=reference.decode)
    ctx.emit(Report(name="gates", body=_report(config, parity, stop)))
    for gate in (parity, stop):
        if not gate.passed:
            fault = gate.faults[0]
            raise GateFailedError(gate=gate.name, ja_text=fault.words.ja, en_text=fault.words.en)


def _tolerance(config: DeployLlamaCppConfig) -> Tolerance:
    if config.thresholds is None:
        return TOLERANCES[config.quantisation]
    return Tolerance(**config.thresholds.model_dump())


def _progress(ctx: Context, done: int, total: int) -> None:
    ctx.emit(Progress(stage="gates", done=done, total=total, unit="prompts"))


async def _ask_all(
    config: DeployLlamaCppConfig, ctx: Context, reference: Reference, endpoint: EndpointInput
) -> list[Asked]:
    key = endpoint.api_key or os.environ.get(ENDPOINT_KEY_VARIABLE)
    endpoint = endpoint.model_copy(update={"api_key": key})
    asked: list[Asked] = []
    async with LlamaCppBackend(endpoint) as backend:
        for prompt in config.prompts:
            if ctx.cancelled:
                raise RunCancelledError
            messages = (
                (ChatMessage(role="user", content=prompt),) if isinstance(prompt, str) else tuple(prompt)
            )
            asked.append(await _ask(config, reference, backend, endpoint, messages))
            _progress(ctx, len(asked), len(config.prompts))
    return asked


async def _ask(
    config: DeployLlamaCppConfig,
    reference: Reference,
    backend: InferenceBackend,
    endpoint: EndpointInput,
    messages: tuple[ChatMessage, ...],
) -> Asked:
    """One prompt, to both. The server is asked while the reference rests: they would fight for the cores."""
    expected = answer_greedily(reference, messages, config.max_tokens)
    served_ids = await backend.prompt_ids(messages)
    answer: ChatAnswer = await backend.answer(
        ChatRequest(
            model=endpoint.model,
            messages=messages,
            sampling=Sampling(temperature=0, max_tokens=config.max_tokens, seed=1),
            adapter=endpoint.adapter_index,
            top_logprobs=TOP_LOGPROBS,
        )
    )
    return Asked(messages[-1].content, expected, served_ids, answer)


def _report(config: DeployLlamaCppConfig, parity: GateResult, stop: GateResult) -> dict[str, JsonValue]:
    body: dict[str, Any] = {
        "passed": parity.passed and stop.passed,
        "quantisation": config.quantisation,
        "parity": parity.document(),
        "stop": stop.document(),
    }
    return body
