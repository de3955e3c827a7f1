"""Runs the parity gate against a running session."""

import asyncio
import os
from collections.abc import Sequence

from llmlora.contracts.errors import GateFailedError
from llmlora.contracts.events import Progress, Report
from llmlora.contracts.gates import GATE_WORDS
from llmlora.contracts.prediction import Item, PredictionAnswer
from llmlora.contracts.run import ENDPOINT_KEY_VARIABLE, Context, EndpointInput
from llmlora.inference.predictor import PredictorClient
from llmlora.recipes.deploy_onnx.gate import judge
from llmlora.recipes.deploy_onnx.spec import DeployOnnxConfig
from llmlora.recipes.deploy_onnx.trained import load_trained


def run(config: DeployOnnxConfig, ctx: Context) -> None:
    """Ask the trained model and the session the same, report the gate, and fail when it is red.

    Raises:
        RunInputNotGivenError: model or endpoint is missing.
        InvalidInputError: the trained model cannot be loaded, see `trained.load_trained`.
        UnavailableError: the session cannot be reached.
        GateFailedError: the gate is red; the report was emitted before.
    """
    inputs = ctx.spec.inputs
    trained = load_trained(inputs.file("model").path)
    items = trained.held
    ctx.emit(Progress(stage="gates", done=0, total=len(items), unit="rows"))
    answer = asyncio.run(_ask(inputs.endpoint(), items))
    said = trained.said(answer.outcomes)
    parity = judge(said, trained.labels, config.tolerance, decode=trained.decode)
    ctx.emit(Progress(stage="gates", done=len(items), total=len(items), unit="rows"))
    body = {"passed": parity.passed, "model_sha256": answer.model_sha256, "parity": parity.document()}
    ctx.emit(Report(name="gates", body=body))
    if not parity.passed:
        fault = parity.faults[0]
        raise GateFailedError(gate=GATE_WORDS[parity.name], ja_text=fault.words.ja, en_text=fault.words.en)


async def _ask(endpoint: EndpointInput, items: Sequence[Item]) -> PredictionAnswer:
    key = endpoint.api_key or os.environ.get(ENDPOINT_KEY_VARIABLE)
    async with PredictorClient(endpoint.model_copy(update={"api_key": key})) as client:
        return await client.predict(items)
