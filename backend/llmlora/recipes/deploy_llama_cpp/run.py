"""Runs the parity and the stop gate against a running endpoint."""

import asyncio
import os
from typing import Any

import transformers
from pydantic import JsonValue

from llmlora.contracts.errors import GateFailedError
from llmlora.contracts.events import Report
from llmlora.contracts.gates import GATE_WORDS
from llmlora.contracts.run import ENDPOINT_KEY_VARIABLE, Context, EndpointInput
from llmlora.inference.llama_cpp import LlamaCppBackend
from llmlora.recipes.blocks.asking import Examiner, gate_progress, held_prompts_of, tolerance_of
from llmlora.recipes.blocks.gates import Asked, GateResult, judge_parity, judge_stop
from llmlora.recipes.blocks.lineage import refuse_foreign_adapter
from llmlora.recipes.blocks.reference import load_reference, place_reference
from llmlora.recipes.deploy_llama_cpp.spec import DeployLlamaCppConfig


def run(config: DeployLlamaCppConfig, ctx: Context) -> None:
    """Ask reference and server the same, report both gates, and fail when one is red.

    Raises:
        RunInputNotGivenError: base model, adapter or endpoint is missing.
        ForeignAdapterError: the adapter was trained on another base.
        UnavailableError: the endpoint cannot be reached.
        GateFailedError: a gate is red; the report was emitted before.
    """
    transformers.utils.logging.disable_progress_bar()
    inputs = ctx.spec.inputs
    base, adapter, endpoint = inputs.base_model(), inputs.file("adapter"), inputs.endpoint()
    refuse_foreign_adapter(adapter.path, base)
    gate_progress(ctx, 0, len(held_prompts_of(config, ctx).prompts))
    placement = place_reference(ctx.spec.resources, base.path)
    reference = load_reference(base.path, adapter.path, placement.device, placement.dtype)
    asked = asyncio.run(_ask(Examiner(config, reference, ctx), endpoint))
    tolerance = tolerance_of(config, config.quantisation, reference)
    parity = judge_parity(asked, tolerance, decode=reference.decode)
    stop = judge_stop(asked, reference.special_texts, decode=reference.decode)
    ctx.emit(Report(name="gates", body=_report(config, parity, stop)))
    for gate in (parity, stop):
        if not gate.passed:
            fault = gate.faults[0]
            raise GateFailedError(gate=GATE_WORDS[gate.name], ja_text=fault.words.ja, en_text=fault.words.en)


async def _ask(examiner: Examiner, endpoint: EndpointInput) -> list[Asked]:
    key = endpoint.api_key or os.environ.get(ENDPOINT_KEY_VARIABLE)
    async with LlamaCppBackend(endpoint.model_copy(update={"api_key": key})) as backend:
        return await examiner.ask(backend, endpoint.model, endpoint.adapter_index)


def _report(config: DeployLlamaCppConfig, parity: GateResult, stop: GateResult) -> dict[str, JsonValue]:
    body: dict[str, Any] = {
        "passed": parity.passed and stop.passed,
        "quantisation": config.quantisation,
        "parity": parity.document(),
        "stop": stop.document(),
    }
    return body
