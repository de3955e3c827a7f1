"""Registers, asks, cures and asks again; ready only when every gate is green.

The model is registered and judged under a staging name of its job's; the name that was asked for means the old model
until every gate is green. Safe to run again after a kill at any point: files that the server holds are not sent again,
and the same staging name is simply registered anew.
"""

import asyncio
import tempfile
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import transformers

from llmlora.contracts.errors import GateFailedError
from llmlora.contracts.events import Progress, Report
from llmlora.contracts.gates import GATE_WORDS
from llmlora.contracts.run import Context, RunCancelledError
from llmlora.contracts.text import Text
from llmlora.inference.ollama.backend import OllamaBackend
from llmlora.inference.ollama.errors import (
    OllamaBlobGoneError,
    OllamaModelMissingError,
    OllamaNameError,
    OllamaQuantisesNotError,
    OllamaTagTakenError,
    OllamaTakesNoAdaptersError,
)
from llmlora.inference.ollama.names import parse_name
from llmlora.inference.ollama.server import ModelDetails, OllamaServer, Registration
from llmlora.inference.ollama.staging import digest_of, discard, publish
from llmlora.recipes.blocks.asking import Examiner, tolerance_of
from llmlora.recipes.blocks.gates import Asked, GateResult, judge_parity, judge_stop
from llmlora.recipes.blocks.lineage import refuse_foreign_adapter
from llmlora.recipes.blocks.reference import ReferenceModel, load_reference, place_reference
from llmlora.recipes.blocks.tokenizer import load_tokenizer
from llmlora.recipes.deploy_ollama import words
from llmlora.recipes.deploy_ollama.attempt import Attempt, Cure, Knowledge, first_attempt, learn, next_attempt
from llmlora.recipes.deploy_ollama.blobs import send
from llmlora.recipes.deploy_ollama.conversions import merge_here, quantise_here
from llmlora.recipes.deploy_ollama.identity import judge_identity
from llmlora.recipes.deploy_ollama.seal import Seal, sealed_adapter
from llmlora.recipes.deploy_ollama.spec import DeployOllamaConfig
from llmlora.recipes.deploy_ollama.work import Work, gather

ADAPTER_FILE, BASE_FILE, MODEL_FILE = "adapter.gguf", "base.gguf", "model.gguf"
OF_OLLAMA = "ollama:"


def run(config: DeployOllamaConfig, ctx: Context) -> None:
    """Send the files, register the name, run the gates; what helped is in the report.

    Raises:
        RunInputNotGivenError: base, adapter, GGUF or endpoint is missing.
        ForeignAdapterError: the adapter was trained on another base.
        FileChangedError: a GGUF is not what its job announced.
        OllamaTagTakenError: another model has the name.
        OllamaJudgedModelChangedError: somebody else changed what was judged, or took the name in the same moment.
        OllamaTakesNoAdaptersError: this Ollama registers none, and nothing else was allowed.
        GateFailedError: a gate is red and no cure helped; the report was emitted before.
        AppError: Ollama cannot be reached or refuses.
    """
    transformers.utils.logging.disable_progress_bar()
    with tempfile.TemporaryDirectory(dir=ctx.run_dir, prefix=".registration-") as scratch:
        work = gather(config, ctx, Path(scratch))
        refuse_foreign_adapter(work.adapter_dir, work.base)
        asyncio.run(_deploy(work))


async def _deploy(work: Work) -> None:
    ctx = work.ctx
    async with work.server as server:
        version = await server.version()
        ctx.log(f"Ollama {version} at {server.base_url}")
        await _refuse_taken(server, work.config, work.seal)
        try:
            work, gates, cures = await _register_until_green(work)
        except BaseException:
            await discard(server, work.staged)  # nobody will ask for what has no verdict
            raise
        ctx.emit(Report(name="seal", body=work.seal.document()))
        ctx.emit(Report(name="gates", body=_report(work, gates, cures, version)))
        for gate in gates:
            if not gate.passed:  # it stays under its staging name: a person may use it anyway
                words = gate.faults[0].words
                raise GateFailedError(gate=GATE_WORDS[gate.name], ja_text=words.ja, en_text=words.en)
        # Judging takes minutes: somebody else may have taken the name meanwhile.
        await _refuse_taken(server, work.config, work.seal)
        judged = next(gate.numbers["tag_digest"] for gate in gates if gate.name == "identity")
        await publish(server, work.staged, work.config.name, judged)
        ctx.log(f"{work.config.name} is what was judged", level="debug")


async def _register_until_green(work: Work) -> tuple[Work, list[GateResult], list[Cure]]:
    known = learn(load_tokenizer(work.adapter_dir))
    attempt = first_attempt(known)
    work = replace(work, shared_tag=await _shared_tag(work, attempt))
    work, cures = await _register_somehow(work, attempt)
    # Not before: a merge would hold the base beside it.
    placement = place_reference(work.ctx.spec.resources, work.base.path)
    reference = load_reference(work.base.path, work.adapter_dir, placement.device, placement.dtype)
    examiner = Examiner(work.config, reference, work.ctx)
    while True:
        gates = await _examine(work, examiner, reference, known)
        if all(gate.passed for gate in gates):
            return work, gates, cures
        if why := _why_merge(work, gates, known):
            work, cure = merge_here(work, why)
            cures.append(cure)
        else:
            found = next_attempt(attempt, gates, known)
            if found is None:
                return work, gates, cures
            attempt, cure = found
            cures.append(cure)
            work.ctx.log(f"{cure.words.ja} / {cure.words.en}", level="warning")
        work, more = await _register_somehow(work, attempt)
        cures += more


async def _register_somehow(work: Work, attempt: Attempt) -> tuple[Work, list[Cure]]:
    """Register in a form that the server takes: what it cannot do is done here, and said."""
    cures: list[Cure] = []
    while True:
        try:
            if work.model is None:
                work, cure = merge_here(work, words.NOTHING_TO_SEND)
                cures.append(cure)
            await _register(work, attempt)
            if not work.may_merge or not await _lost_adapter(work):
                return work, cures
            work, cure = merge_here(work, words.NOT_SERVED)
        except OllamaTakesNoAdaptersError as refusal:
            if not work.may_merge:
                raise
            work, cure = merge_here(work, words.TAKES_NO_ADAPTERS.filled(reason=refusal.facts["reason"]))
        except OllamaQuantisesNotError as refusal:
            if work.quantize is None:
                raise
            work, cure = quantise_here(work, work.quantize, str(refusal.facts["reason"]))
        cures.append(cure)


async def _lost_adapter(work: Work) -> bool:
    """Whether the server says success, and has registered the base alone."""
    told = await work.server.details(work.staged)
    return told.model_digest is not None and not told.adapter_digests


def _why_merge(work: Work, gates: list[GateResult], known: Knowledge) -> Text | None:
    """What only a merged model mends, where one is allowed."""
    kinds = {fault.kind for gate in gates for fault in gate.faults}
    if not work.may_merge:
        return None
    if kinds & {"base_answers", "adapter"}:
        return words.NOT_SERVED
    return words.ADDS_START if "prompt_ids" in kinds and known.leaves_start_out else None


async def _shared_tag(work: Work, attempt: Attempt) -> str | None:
    """The tag that the base was taken from, if it still has those weights: they are shared then, and not sent.

    A tag with a system prompt of its own, or one that is tuned itself, would bring more than its weights.
    """
    reference = work.base.reference
    if work.adapter is None or work.model is None or not reference.startswith(OF_OLLAMA):
        return None
    try:
        name = str(parse_name(reference.removeprefix(OF_OLLAMA).partition("@")[0]))
        told = await work.server.details(name)
    except (OllamaNameError, OllamaModelMissingError, OllamaBlobGoneError):
        return None
    is_same = told.model_digest == work.model.sha256 and not told.adapter_digests
    return name if is_same and told.system in ("", attempt.system) else None


async def _register(work: Work, attempt: Attempt) -> None:
    await send(work.server, work.files, work.ctx)
    assert work.model is not None
    model = {MODEL_FILE if work.merged else BASE_FILE: f"sha256:{work.model.sha256}"}
    wanted = Registration(
        name=work.staged,
        files={} if work.shared_tag else model,
        from_=work.shared_tag,
        adapters={ADAPTER_FILE: f"sha256:{work.adapter.sha256}"} if work.adapter else {},
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


async def _examine(
    work: Work, examiner: Examiner, reference: ReferenceModel, known: Knowledge
) -> list[GateResult]:
    name = work.staged
    tag_digest = await digest_of(work.server, name)
    identity = judge_identity(
        await work.server.details(name), work.seal, shared_with=work.shared_tag, tag_digest=tag_digest
    )

    def encode(text: str) -> tuple[int, ...]:
        start = known.start_of(merged=work.merged)
        begins = "" if text.startswith(start) else start
        return tuple(reference.tokenizer.encode(begins + text))

    async with OllamaBackend(work.endpoint, encode=encode, is_ours=True) as backend:
        asked = await examiner.ask(backend, name)
    tolerance = tolerance_of(work.config, work.config.grade(merged=work.merged), reference)
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
    except (OllamaModelMissingError, OllamaBlobGoneError):
        return
    if not config.replace and sealed_adapter(there) != seal.adapter_sha256:
        raise OllamaTagTakenError(name=config.name)


def _report(work: Work, gates: list[GateResult], cures: list[Cure], version: str) -> dict[str, Any]:
    return {
        "passed": all(gate.passed for gate in gates),
        "engine": "ollama",
        "engine_version": version,
        "route": work.seal.route,
        "quantisation": work.config.grade(merged=work.merged),
        "cures": [asdict(cure) for cure in cures],
        **{gate.name: gate.document() for gate in gates},
    }
