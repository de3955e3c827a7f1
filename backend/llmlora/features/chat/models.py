"""Names a person may talk to, and what has to run for each.

Ready deployments first, then base models with a GGUF, then whatever else Ollama has.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from llmlora.features.chat.errors import BaseModelNotServableError, ModelNotFoundError, ModelNotReadyError
from llmlora.features.chat.schemas import ChatModelOut
from llmlora.features.deployments import registry
from llmlora.features.deployments.errors import DEPLOYMENT_WORDS, DeploymentReplacedError
from llmlora.features.deployments.schemas import READY
from llmlora.features.deployments.targets import BASES, TARGETS
from llmlora.features.deployments.targets.target import ServedModel, ServingState
from llmlora.features.deployments.watching import refuse_deviation, watch
from llmlora.features.jobs.schemas import TARGETS as DECLARED
from llmlora.features.models.service import get_base_model, list_base_models, verify_base_model
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.errors import OllamaTunedModelChangedError
from llmlora.kit.db import Database
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError

LISTED = 1000


@dataclass(frozen=True)
class ChatModel:
    """A model by the name it is known by, and the target whose engine answers for it. `adapter` is its number there;
    None: the base alone, or an engine that knows each model by a name."""

    name: str
    target: str
    spec: ServedModel
    adapter: int | None = None


async def resolve_model(database: Database, data_dir: Path, ollama: OllamaConnection, name: str) -> ChatModel:
    """What serves a name: a deployment's name or id, a base model's reference or id, a tag of Ollama's; in this order.

    Raises:
        ModelNotFoundError: nothing has this name; lists what is known.
        ModelNotReadyError: the deployment is being checked, or was rejected.
        AppError: the deployment is not what was proved any more, see `watching.refuse_deviation`.
        BaseModelNotServableError: the base model has no GGUF.
        AmbiguousBaseModelError: the reference means several base models.
        BaseModelChangedError: the base model's files are not those that were registered.
    """
    async with database.unit_of_work() as session:
        row = await registry.find_deployment(session, name)
        deployment = None if row is None else await registry.get_deployment(session, row.id)
    if row is None or deployment is None:
        return await _resolve_base(database, data_dir, ollama, name)
    if row.state != READY:
        raise ModelNotReadyError(name=row.name, state=DEPLOYMENT_WORDS[row.state])
    try:
        await refuse_deviation(deployment, ServingState(ollama, data_dir))
    except OllamaTunedModelChangedError as error:
        async with database.unit_of_work() as session:
            if await registry.is_being_replaced(session, row.name):
                raise DeploymentReplacedError(name=row.name) from error
        raise
    spec, adapter = TARGETS[row.target].served_model(row, data_dir)
    return ChatModel(row.name, row.target, spec, adapter)


async def list_chat_models(
    database: Database, data_dir: Path, ollama: OllamaConnection
) -> list[ChatModelOut]:
    """Ready deployments, registered base models, what else the engines have; each newest first (at most 1000)."""
    serving = ServingState(ollama, data_dir)
    async with database.unit_of_work() as session:
        kept = await registry.list_deployments(session, limit=LISTED)
    known = await watch(kept, serving)
    deployed = [
        ChatModelOut(
            name=one.name,
            kind="deployment",
            engine=one.target,
            id=one.id,
            base_reference=one.base_reference,
            servable=one.deviation is None and await TARGETS[one.target].is_available(one, serving),
            created_at=one.created_at,
        )
        for one in known
        if (one.state == READY or one.deviation is not None) and DECLARED[one.target].chats
    ]
    bases = [
        ChatModelOut(
            name=row.reference,
            kind="base",
            engine=BASES,
            id=row.id,
            base_reference=row.reference,
            servable=TARGETS[BASES].served_base_model(row, data_dir) is not None,
            created_at=row.created_at,
        )
        for row in await list_base_models(database)
    ]
    ours = {one.name.lower() for one in known}
    return [*deployed, *bases, *await _engine_models(serving, ours)]


async def _engine_models(serving: ServingState, ours: Collection[str]) -> list[ChatModelOut]:
    """What the engines have that this studio has not put there. `ours`: names in small letters."""
    return [
        ChatModelOut.model_validate(
            {
                "name": one.name,
                "kind": target.name,
                "engine": target.name,
                "id": one.id,
                "base_reference": None,
                "servable": True,
                "created_at": one.created_at,
            }
        )
        for target in TARGETS.values()
        for one in await target.engine_models(serving)
        if one.name.lower() not in ours
    ]


async def _resolve_base(database: Database, data_dir: Path, ollama: OllamaConnection, name: str) -> ChatModel:
    try:
        row = await get_base_model(database, name)
    except UnknownBaseModelError as error:
        known = await list_chat_models(database, data_dir, ollama)
        for one in known:
            found = TARGETS[one.engine].engine_model(name) if one.kind == one.engine else None
            if found is not None and one.name == name:
                return ChatModel(name, one.engine, found)
        shown = ", ".join(one.name for one in known) or "–"
        raise ModelNotFoundError(name=name, known=shown) from error
    spec = TARGETS[BASES].served_base_model(row, data_dir)
    if spec is None:
        raise BaseModelNotServableError(name=row.reference)
    await verify_base_model(row, data_dir)
    return ChatModel(row.reference, BASES, spec)
