"""The model that a command talks to: what is missing for it, an import or an export, is made by jobs first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from llmlora.engine.serving.spec import AdapterFile, LlamaCppSpec
from llmlora.entry.inputs import base_model_named, gguf_made
from llmlora.entry.workplace import Workplace, workplace
from llmlora.features.chat.models import ChatModel, resolve_model
from llmlora.features.chat.state import Engines
from llmlora.features.deployments.errors import AdapterNotFoundError
from llmlora.features.deployments.targets import BASES
from llmlora.features.forecast.architecture import architecture_of
from llmlora.features.jobs.schemas import JobDetail
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.names import base_url_of
from llmlora.kit.machine import memory_now
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_reference import BUNDLED
from llmlora.recipes.blocks.forecast.context import base_context, default_context, refuse_context
from llmlora.tables.base_model import BaseModelRow

# f16 keeps a float32 adapter's figures to four digits at half the size.
OUTTYPE = "f16"
# Room for an answer behind a prompt that is as long as a trained row.
ANSWER_TOKENS = 512


@dataclass(frozen=True)
class Wanted:
    """Which model to talk to: at most one of the first three. `context`: tokens of one conversation, None: as usual."""

    job: str | None
    name: str | None
    base: str | None
    is_tuned: bool
    context: int | None


@asynccontextmanager
async def opened_model(settings: Settings, wanted: Wanted) -> AsyncIterator[tuple[Engines, ChatModel]]:
    """The model, ready to be asked; what is missing for it (an import, an export) is made by jobs before."""
    async with workplace(settings) as place:
        engines = Engines(place.endpoints, OllamaConnection(base_url_of(settings.ollama_host)))
        if wanted.name is not None:
            model = await resolve_model(place.database, settings.data_dir, engines.ollama, wanted.name)
        elif wanted.job is not None:
            model = await _trained_model(place, wanted.job, wanted)
        else:
            model = await _base_model(place, wanted)
        async with engines.serving(model):  # a server that does not start is told before anybody writes
            pass
        yield engines, model


async def _base_model(place: Workplace, wanted: Wanted) -> ChatModel:
    base = await base_model_named(place, wanted.base or BUNDLED)
    n_ctx = await _context(place, base, wanted.context, None)
    spec = LlamaCppSpec(
        gguf=await _base_gguf(place, base), n_ctx=n_ctx, tokenizer=place.settings.data_dir / base.path
    )
    return ChatModel(base.reference, BASES, spec)


async def _trained_model(place: Workplace, job_id: str, wanted: Wanted) -> ChatModel:
    """A training's adapter beside its base, with the template it was trained with; nothing is deployed or checked.

    Raises:
        JobNotFoundError, AdapterNotFoundError: there is no such job, or it has left no adapter.
        InvalidInputError: the context is beyond the model or the machine.
        AppError: the base is not what it was, or an export fails.
    """
    job, data_dir = await place.detail(job_id), place.settings.data_dir
    adapter = next((data_dir / one.path for one in job.artifacts if one.kind == "adapter"), None)
    if adapter is None or not adapter.is_dir() or job.inputs.base_model is None:
        raise AdapterNotFoundError(job_id=job_id)
    base = await base_model_named(place, job.inputs.base_model)
    n_ctx = await _context(place, base, wanted.context, job)
    made, _ = await gguf_made(place, training_job_id=job_id, config={"target": "adapter", "outtype": OUTTYPE})
    spec = LlamaCppSpec(
        gguf=await _base_gguf(place, base),
        adapters=(AdapterFile(name="tuned", path=data_dir / made.path, sha256=made.sha256),),
        n_ctx=n_ctx,
        tokenizer=adapter,
    )
    return ChatModel(job_id, BASES, spec, 0 if wanted.is_tuned else None)


async def _base_gguf(place: Workplace, base: BaseModelRow) -> Path:
    """What llama.cpp serves a base from: the file it came as, or an export of it."""
    if base.gguf_path is not None:
        return place.settings.data_dir / base.gguf_path
    made, _ = await gguf_made(place, base_model=base.id, config={"target": "base", "outtype": OUTTYPE})
    return place.settings.data_dir / made.path


async def _context(
    place: Workplace, base: BaseModelRow, asked: int | None, training: JobDetail | None
) -> int:
    """Tokens of one conversation: what was asked for, else what the training's rows (or a base alone) need.

    Raises:
        InvalidInputError: what was asked for is beyond the model or the machine.
    """
    model = await asyncio.to_thread(architecture_of, base, place.settings.data_dir)
    memory, limit = memory_now(), base.context_length
    if asked is not None:
        refuse_context(asked, limit=limit, model=model, total_bytes=memory.total_bytes)
        return asked
    if training is None:
        return base_context(limit)
    longest = training.config.get("max_length")
    return default_context(
        max_length=longest if isinstance(longest, int) else None,
        answer_tokens=ANSWER_TOKENS,
        limit=limit,
        model=model,
        free_bytes=memory.available_bytes,
    )
