"""Registers, asks, cures and asks again; ready only when every gate is green.

Safe to run again after a kill at any point: files that the server holds are not sent again, and the same name with
the same seal is simply registered anew.
"""

import asyncio
import tempfile
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
import transformers

from llmlora.contracts.events import Progress, Report
from llmlora.contracts.recipe import BaseModelInput, Context, EndpointInput, RunCancelledError, Text
from llmlora.inference.ollama.backend import OllamaBackend
from llmlora.inference.ollama.errors import (
    OllamaModelMissingError,
    OllamaQuantisesNotError,
    OllamaTagTakenError,
)
from llmlora.inference.ollama.server import ModelDetails, OllamaServer, Registration
from llmlora.kit.errors import GateFailedError
from llmlora.kit.files import sha256_of_file
from llmlora.recipes.blocks.asking import Examiner, tolerance_of
from llmlora.recipes.blocks.gates import Asked, GateResult, judge_parity, judge_stop
from llmlora.recipes.blocks.lineage import refuse_foreign_adapter
from llmlora.recipes.blocks.placement import choose_placement
from llmlora.recipes.blocks.reference import Reference, load_reference
from llmlora.recipes.deploy_ollama.attempt import Attempt, Cure, Knowledge, first_attempt, learn, next_attempt
from llmlora.recipes.deploy_ollama.blobs import checked_digest, send
from llmlora.recipes.deploy_ollama.errors import RegistrationInputMissingError
from llmlora.recipes.deploy_ollama.identity import judge_identity
from llmlora.recipes.deploy_ollama.quantise import quantise
from llmlora.recipes.deploy_ollama.seal import Seal, seal_of, sealed_adapter
from llmlora.recipes.deploy_ollama.spec import DeployOllamaConfig

ADAPTER_FILE, BASE_FILE, MODEL_FILE = "adapter.gguf", "base.gguf", "model.gguf"


@dataclass(frozen=True)
class Work:
    """One run: what is registered where. `quantize` None: the files are served as they are."""

    config: DeployOllamaConfig
    ctx: Context
    base: BaseModelInput
    adapter_dir: Path
    server: OllamaServer
    endpoint: EndpointInput
    seal: Seal
    files: dict[Path, str]
    quantize: str | None


def run(config: DeployOllamaConfig, ctx: Context) -> None:
    """Send the files, register the name, run the gates; what helped is in the report.

    Raises:
        RegistrationInputMissingError: base, adapter, GGUF or endpoint is missing.
        ForeignAdapterError: the adapter was trained on another base.
        FileChangedError: a GGUF is not what its job announced.
        OllamaTagTakenError: another model has the name.
        OllamaTakesNoAdaptersError: this Ollama registers none.
        GateFailedError: a gate is red and no cure helped; the report was emitted before.
        AppError: Ollama cannot be reached or refuses.
    """
    transformers.utils.logging.disable_progress_bar()
    base, adapter_dir, endpoint = _inputs(config, ctx)
    refuse_foreign_adapter(adapter_dir, base)
    seal, files = _contents(config, ctx, base, adapter_dir)
    server = OllamaServer(endpoint.base_url)
    quantize = None if config.quantize == "none" else config.quantize
    asyncio.run(_deploy(Work(config, ctx, base, adapter_dir, server, endpoint, seal, files, quantize)))


async def _deploy(work: Work) -> None:
    ctx = work.ctx
    async with work.server as server:
        version = await server.version()
        ctx.log(f"Ollama {version} at {server.base_url}")
        await _refuse_taken(server, work.config, work.seal)
        await send(server, work.files, ctx)
        placement = choose_placement(ctx.spec.resources, "fp32")
        reference = load_reference(work.base.path, work.adapter_dir, placement.device)
        ctx.emit(Report(name="seal", body=work.seal.document()))
        gates, cures = await _register_until_green(work, reference)
        ctx.emit(Report(name="gates", body=_report(work.config, gates, cures, version)))
        for gate in gates:
            if not gate.passed:
                words = gate.faults[0].words
                raise GateFailedError(gate=gate.name, ja_text=words.ja, en_text=words.en)


async def _register_until_green(work: Work, reference: Reference) -> tuple[list[GateResult], list[Cure]]:
    known = learn(reference)
    attempt, cures = first_attempt(known), list[Cure]()
    examiner = Examiner(work.config, reference, work.ctx)
    while True:
        try:
            await _register(work, attempt)
        except OllamaQuantisesNotError as refusal:
            if work.quantize is None:
                raise
            work, cure = await _quantise_here(work, work.quantize, str(refusal.facts["reason"]))
            cures.append(cure)
            continue
        gates = await _examine(work, examiner, reference, known)
        if all(gate.passed for gate in gates):
            return gates, cures
        found = next_attempt(attempt, gates, known)
        if found is None:
            return gates, cures
        attempt, cure = found
        cures.append(cure)
        work.ctx.log(f"{cure.words.ja} / {cure.words.en}", level="warning")


async def _register(work: Work, attempt: Attempt) -> None:
    digests = {f"sha256:{digest}" for digest in work.files.values()}
    merged, seal = work.config.route == "merged", work.seal
    adapter = {} if merged else {ADAPTER_FILE: f"sha256:{seal.gguf_sha256}"}
    (model,) = digests - set(adapter.values())
    wanted = Registration(
        name=work.config.name,
        files={MODEL_FILE if merged else BASE_FILE: model},
        adapters=adapter,
        system=attempt.system,
        template=attempt.template,
        parameters={"num_ctx": work.config.num_ctx, "stop": list(attempt.stops)},
        licence=(work.seal.text(),),
        quantize=work.quantize,
    )
    work.ctx.emit(Progress(stage="register", done=0, total=1, unit="steps"))
    async with aclosing(work.server.create(wanted)) as steps:
        async for status in steps:
            work.ctx.log(status, level="debug")
            if work.ctx.cancelled:
                raise RunCancelledError
    work.ctx.emit(Progress(stage="register", done=1, total=1, unit="steps"))


async def _quantise_here(work: Work, wanted: str, reason: str) -> tuple[Work, Cure]:
    """The same work with a model that needs no quantising any more; the server has it already."""
    ctx, (source,) = work.ctx, work.files

    def on_bytes(done: int, total: int) -> None:
        if ctx.cancelled:
            raise RunCancelledError
        ctx.emit(Progress(stage="quantise", done=done, total=total, unit="bytes"))

    with tempfile.TemporaryDirectory(dir=ctx.run_dir, prefix=".quantise-") as directory:
        made = Path(directory) / MODEL_FILE
        quantise(source, made, wanted, threads=torch.get_num_threads(), on_bytes=on_bytes)
        files = {made: sha256_of_file(made)}
        await send(work.server, files, ctx)
    words = Text(
        ja=f"Ollama が量子化しなかったため（{reason}）、こちらで {wanted} に量子化して登録しました。",
        en=f"Ollama did not quantise ({reason}): quantised to {wanted} here and registered.",
    )
    ctx.log(f"{words.ja} / {words.en}", level="warning")
    return replace(work, files=files, quantize=None), Cure("quantised_here", words)


async def _examine(
    work: Work, examiner: Examiner, reference: Reference, known: Knowledge
) -> list[GateResult]:
    identity = judge_identity(await work.server.details(work.config.name), work.seal)

    def encode(text: str) -> tuple[int, ...]:
        begins = "" if text.startswith(known.start) else known.start
        return tuple(reference.tokenizer.encode(begins + text))

    async with OllamaBackend(work.endpoint, encode=encode) as backend:
        asked = await examiner.ask(backend, work.config.name)
    tolerance = tolerance_of(work.config, work.config.grade)
    return [
        judge_parity(asked, tolerance, decode=reference.decode, texts_only=_tells_no_logprobs(asked)),
        judge_stop(asked, reference.special_texts, decode=reference.decode),
        identity,
    ]


def _tells_no_logprobs(asked: list[Asked]) -> bool:
    """Whether the server is of a version that knows none; then texts alone can be compared."""
    return all(one.answer.completion_tokens > 0 and not one.answer.tokens for one in asked)


async def _refuse_taken(server: OllamaServer, config: DeployOllamaConfig, seal: Seal) -> None:
    """A model of that name must be ours, made of the same adapter, unless it may be replaced."""
    try:
        there: ModelDetails = await server.details(config.name)
    except OllamaModelMissingError:
        return
    if not config.replace and sealed_adapter(there) != seal.adapter_sha256:
        raise OllamaTagTakenError(name=config.name)


def _inputs(config: DeployOllamaConfig, ctx: Context) -> tuple[BaseModelInput, Path, EndpointInput]:
    inputs = ctx.spec.inputs
    given = {
        "base_model": inputs.base_model,
        "adapter": inputs.adapter,
        "adapter_gguf": inputs.adapter_gguf,
        "endpoint": inputs.endpoint,
    }
    missing = [name for name, value in given.items() if value is None]
    base, adapter, endpoint = inputs.base_model, inputs.adapter, inputs.endpoint
    if base is None or adapter is None or endpoint is None or missing:
        raise RegistrationInputMissingError(missing=", ".join(missing))
    if config.route == "adapter" and base.gguf is None:
        raise RegistrationInputMissingError(missing="base_gguf")
    return base, adapter.path, endpoint


def _contents(
    config: DeployOllamaConfig, ctx: Context, base: BaseModelInput, adapter_dir: Path
) -> tuple[Seal, dict[Path, str]]:
    """The seal, and the files with their sha256."""
    inputs = ctx.spec.inputs
    assert inputs.adapter is not None
    assert inputs.adapter_gguf is not None
    made = inputs.adapter_gguf
    files = {made.path: checked_digest(made.path, made.sha256)}
    base_digest = None
    if config.route == "adapter":
        assert base.gguf is not None
        base_digest = checked_digest(base.gguf, inputs.base_gguf.sha256 if inputs.base_gguf else None)
        files[base.gguf] = base_digest
    seal = seal_of(
        config,
        base,
        adapter_dir,
        adapter_sha256=inputs.adapter.sha256,
        gguf_sha256=files[made.path],
        base_gguf_sha256=base_digest,
    )
    return seal, files


def _report(
    config: DeployOllamaConfig, gates: list[GateResult], cures: list[Cure], version: str
) -> dict[str, Any]:
    return {
        "passed": all(gate.passed for gate in gates),
        "engine": "ollama",
        "engine_version": version,
        "quantisation": config.grade,
        "cures": [asdict(cure) for cure in cures],
        **{gate.name: gate.document() for gate in gates},
    }
