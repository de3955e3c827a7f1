"""Serves base models and adapters with llama.cpp, and proves that what is served is what was trained."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmlora.contracts.events import Event
from llmlora.contracts.gates import GATE_WORDS
from llmlora.contracts.inference import ChatMessage, InferenceBackend
from llmlora.contracts.recipe import ENDPOINT_KEY_VARIABLE, BaseModelInput, EndpointInput, RunInputs
from llmlora.engine.hosts.running import EventSink, run_recipe
from llmlora.engine.serving.llama_cpp import AdapterFile, LlamaCppSpec, RunningServer, llama_cpp_server
from llmlora.features.deployments.adapters import TrainedAdapter, find_adapter
from llmlora.features.deployments.exports import GgufFile, ensure_adapter_gguf, ensure_base_gguf
from llmlora.features.forecast.architecture import architecture_at
from llmlora.features.jobs.local import prepare_run
from llmlora.kit.errors import GateFailedError, JobFailedError
from llmlora.kit.machine import memory_now
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.forecast.context import (
    BASE_CONTEXT_TOKENS,
    LEAST_TOKENS,
    default_context,
    refuse_context,
)

# f16 keeps a float32 adapter's figures to four digits at half the size; see export_gguf/README.md.
OUTTYPE = "f16"
# Weights of the bundled model and of GGUF imports: served exactly as they were trained on.
TRAINED_GGUF = "trained_gguf"
# Room for an answer behind a prompt that is as long as a trained row.
ANSWER_TOKENS = 512


def ignore_events(_event: Event) -> None:
    """A sink for those who only want the result."""


@dataclass(frozen=True)
class Served:
    """A running server. `artifacts` are the files that were made for it; adapter index 0 is the adapter, if any."""

    server: RunningServer
    base: BaseModelInput
    adapter: TrainedAdapter | None
    quantisation: str
    base_gguf: Path
    artifacts: tuple[GgufFile, ...]

    @property
    def backend(self) -> InferenceBackend:
        """Asks the server."""
        return self.server.backend

    @property
    def endpoint(self) -> EndpointInput:
        """Where the server is; valid across its restarts."""
        return self.server.endpoint


@asynccontextmanager
async def served_adapter(
    settings: Settings,
    run: Path | TrainedAdapter,
    *,
    progress: EventSink = ignore_events,
    n_ctx: int | None = None,
) -> AsyncIterator[Served]:
    """Serve a run's adapter (index 0) beside its base, with the template it was trained with, while the block runs.

    Exports what is missing. `run`: a run directory that holds `final_model`, or an adapter found before. `n_ctx` None: as
    long as the rows of the training.

    Raises:
        InvalidInputError: `n_ctx` is beyond the model or the machine.
        AdapterNotFoundError: the run has no result.
        JobFailedError: an export failed.
        AppError: the server does not start, see `engine.serving.llama_cpp_server`.
    """
    adapter = run if isinstance(run, TrainedAdapter) else find_adapter(str(run), settings.data_dir)
    gguf = await ensure_adapter_gguf(
        adapter, settings.data_dir, target="adapter", outtype=OUTTYPE, sink=progress
    )
    async with _served(settings, adapter.base, adapter, gguf, progress, n_ctx) as served:
        yield served


@asynccontextmanager
async def served_base(
    settings: Settings, base: BaseModelInput, *, progress: EventSink = ignore_events, n_ctx: int | None = None
) -> AsyncIterator[Served]:
    """Serve a base model alone while the block runs. `n_ctx` None: `BASE_CONTEXT_TOKENS`, or the model's own.

    Raises:
        InvalidInputError: `n_ctx` is beyond the model or the machine.
        JobFailedError: its export failed.
        AppError: the server does not start, see `engine.serving.llama_cpp_server`.
    """
    async with _served(settings, base, None, None, progress, n_ctx) as served:
        yield served


async def run_gates(
    settings: Settings,
    served: Served,
    prompts: Sequence[str | Sequence[ChatMessage]],
    sink: EventSink = ignore_events,
    *,
    max_tokens: int = 96,
) -> dict[str, Any]:
    """Run the parity and the stop gate in a child; the report, whether green or red (`report["passed"]`).

    Raises:
        JobFailedError: the gates could not be run to a verdict.
    """
    adapter = served.adapter
    assert adapter is not None, "a base model has nothing to be compared with"
    config = {
        "prompts": [p if isinstance(p, str) else [m.model_dump() for m in p] for p in prompts],
        "max_tokens": max_tokens,
        "quantisation": served.quantisation,
    }
    inputs = RunInputs(
        base_model=served.base,
        adapter=adapter.as_input(),
        endpoint=served.endpoint.model_copy(update={"api_key": None}),
    )
    spec = prepare_run("deploy_llama_cpp", config, inputs, settings.data_dir)
    key = served.endpoint.api_key
    outcome = await run_recipe(spec, sink, extra_env={ENDPOINT_KEY_VARIABLE: key} if key else None)
    if "gates" in outcome.reports:
        return outcome.reports["gates"]
    failure = outcome.failure
    raise JobFailedError(
        failure_code=failure.code if failure else "cancelled",
        ja_text=failure.ja if failure else "中止されました",
        en_text=failure.en if failure else "cancelled",
    )


def raise_if_red(report: dict[str, Any]) -> None:
    """Turn a red report into an error that names the first fault.

    Raises:
        GateFailedError: a gate is red.
    """
    for gate in GATE_WORDS:
        if gate in report and not report[gate]["passed"]:
            words = report[gate]["faults"][0]["words"]
            raise GateFailedError(gate=GATE_WORDS[gate], ja_text=words["ja"], en_text=words["en"])


@asynccontextmanager
async def _served(
    settings: Settings,
    base: BaseModelInput,
    adapter: TrainedAdapter | None,
    gguf: GgufFile | None,
    progress: EventSink,
    n_ctx: int | None,
) -> AsyncIterator[Served]:
    context = await asyncio.to_thread(_context, n_ctx, base, adapter)
    artifacts = [] if gguf is None else [gguf]
    base_gguf, quantisation = base.gguf, TRAINED_GGUF
    if base_gguf is None:
        exported = await ensure_base_gguf(base, settings.data_dir, outtype=OUTTYPE, sink=progress)
        artifacts.append(exported)
        base_gguf, quantisation = exported.path, OUTTYPE
    spec = LlamaCppSpec(
        gguf=base_gguf,
        adapters=() if gguf is None else (AdapterFile(name="tuned", path=gguf.path, sha256=gguf.sha256),),
        n_ctx=context,
        tokenizer=base.path if adapter is None else adapter.directory,
    )
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix=".serving-") as work_dir:
        async with llama_cpp_server(spec, Path(work_dir)) as server:
            yield Served(server, base, adapter, quantisation, base_gguf, tuple(artifacts))


def _context(asked: int | None, base: BaseModelInput, adapter: TrainedAdapter | None) -> int:
    """Tokens of one conversation. Blocking.

    Raises:
        InvalidInputError: what is asked for is beyond the model or the machine.
    """
    model, memory = architecture_at(base.path), memory_now()
    limit = model.context if model else None
    if asked is not None:
        if limit is not None:
            refuse_context(asked, limit=limit, model=model, total_bytes=memory.total_bytes)
        return asked
    if adapter is None:
        return max(LEAST_TOKENS, min(BASE_CONTEXT_TOKENS, limit or BASE_CONTEXT_TOKENS))
    return default_context(
        max_length=adapter.max_length,
        answer_tokens=ANSWER_TOKENS,
        limit=limit,
        model=model,
        free_bytes=memory.available_bytes,
    )
