"""Names a person may talk to, and what has to run for each: ready deployments, and base models with a GGUF."""

from dataclasses import dataclass
from pathlib import Path

from llmlora.engine.serving.spec import LlamaCppSpec
from llmlora.features.chat.errors import BaseModelNotServableError, ModelNotFoundError, ModelNotReadyError
from llmlora.features.chat.schemas import ChatModelOut
from llmlora.features.deployments import registry
from llmlora.features.models.service import get_base_model, list_base_models, verify_base_model
from llmlora.kit.db import Database
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError

# A base model's own context can be 128k tokens, whose cache would not fit beside the weights.
BASE_CONTEXT_TOKENS = 4096
SMALLEST_CONTEXT_TOKENS = 64
LISTED = 1000


@dataclass(frozen=True)
class ChatModel:
    """A model by the name it is known by. `adapter` is its number in the server; None: the base alone."""

    name: str
    spec: LlamaCppSpec
    adapter: int | None


async def resolve_model(database: Database, data_dir: Path, name: str) -> ChatModel:
    """What serves a name: a deployment's name or id, or a base model's reference or id. A deployment wins.

    Raises:
        ModelNotFoundError: nothing has this name; lists what is known.
        ModelNotReadyError: the deployment is being checked, or was rejected.
        BaseModelNotServableError: the base model has no GGUF.
        AmbiguousBaseModelError: the reference means several base models.
        BaseModelChangedError: the base model's files are not those that were registered.
    """
    async with database.unit_of_work() as session:
        row = await registry.find_deployment(session, name)
    if row is None:
        return await _resolve_base(database, data_dir, name)
    if row.state != registry.READY:
        raise ModelNotReadyError(name=row.name, state=row.state)
    spec = registry.server_spec(row, data_dir)
    return ChatModel(row.name, spec, 0 if spec.adapters else None)


async def list_chat_models(database: Database) -> list[ChatModelOut]:
    """Ready deployments, then registered base models; each newest first (at most 1000)."""
    async with database.unit_of_work() as session:
        ready = await registry.list_deployments(session, state=registry.READY, limit=LISTED)
    deployed = [
        ChatModelOut(
            name=one.name,
            kind="deployment",
            id=one.id,
            base_reference=one.base_reference,
            servable=True,
            created_at=one.created_at,
        )
        for one in ready
    ]
    bases = [
        ChatModelOut(
            name=row.reference,
            kind="base",
            id=row.id,
            base_reference=row.reference,
            servable=row.gguf_path is not None,
            created_at=row.created_at,
        )
        for row in await list_base_models(database)
    ]
    return [*deployed, *bases]


async def _resolve_base(database: Database, data_dir: Path, name: str) -> ChatModel:
    try:
        row = await get_base_model(database, name)
    except UnknownBaseModelError as error:
        known = ", ".join(one.name for one in await list_chat_models(database)) or "–"
        raise ModelNotFoundError(name=name, known=known) from error
    if row.gguf_path is None:
        raise BaseModelNotServableError(name=row.reference)
    await verify_base_model(row, data_dir)
    n_ctx = max(SMALLEST_CONTEXT_TOKENS, min(BASE_CONTEXT_TOKENS, row.context_length))
    return ChatModel(row.reference, LlamaCppSpec(gguf=data_dir / row.gguf_path, n_ctx=n_ctx), None)
