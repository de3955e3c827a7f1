"""Names a person may talk to, and what has to run for each.

Ready deployments first, then base models with a GGUF, then whatever else Ollama has.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from llmlora.engine.serving.spec import LlamaCppSpec
from llmlora.features.chat.errors import BaseModelNotServableError, ModelNotFoundError, ModelNotReadyError
from llmlora.features.chat.schemas import ChatModelOut
from llmlora.features.deployments import registry
from llmlora.features.deployments.errors import DEPLOYMENT_WORDS, DeploymentReplacedError
from llmlora.features.deployments.schemas import RegisteredTag
from llmlora.features.deployments.watching import refuse_deviation, watch_beside
from llmlora.features.forecast.context import BASE_TOKENS, base_context
from llmlora.features.models.service import get_base_model, list_base_models, verify_base_model
from llmlora.inference.ollama.errors import OllamaTunedModelChangedError
from llmlora.inference.ollama.names import is_staging
from llmlora.inference.ollama.neighbour import Neighbour
from llmlora.inference.ollama.server import InstalledModel
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.errors import UnavailableError
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError

LISTED = 1000


class OllamaTag(BaseModel):
    """A model that Ollama runs. `n_ctx`: tokens of one conversation; `is_ours`: this studio registered it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_name: str
    n_ctx: int = BASE_TOKENS
    is_ours: bool = False


@dataclass(frozen=True)
class ChatModel:
    """A model by the name it is known by. `adapter` is its number in a llama.cpp server; None: the base alone."""

    name: str
    spec: LlamaCppSpec | OllamaTag
    adapter: int | None = None


async def resolve_model(database: Database, data_dir: Path, ollama: Neighbour, name: str) -> ChatModel:
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
    if row.state != registry.READY:
        raise ModelNotReadyError(name=row.name, state=DEPLOYMENT_WORDS[row.state])
    try:
        await refuse_deviation(deployment, ollama, data_dir)
    except OllamaTunedModelChangedError as error:
        async with database.unit_of_work() as session:
            if await registry.is_being_replaced(session, row.name):
                raise DeploymentReplacedError(name=row.name) from error
        raise
    if row.target == registry.OLLAMA:
        tag = RegisteredTag.model_validate(row.files)
        return ChatModel(row.name, OllamaTag(model_name=tag.tag, n_ctx=tag.num_ctx, is_ours=True))
    spec = registry.server_spec(row, data_dir)
    return ChatModel(row.name, spec, 0 if spec.adapters else None)


async def list_chat_models(database: Database, data_dir: Path, ollama: Neighbour) -> list[ChatModelOut]:
    """Ready deployments, registered base models, what else Ollama has; each newest first (at most 1000)."""
    installed = await _installed(ollama)
    async with database.unit_of_work() as session:
        kept = await registry.list_deployments(session, limit=LISTED)
    digests = None if installed is None else {name.lower(): one.digest for name, one in installed.items()}
    known = await watch_beside(digests, kept, data_dir)
    deployed = [
        ChatModelOut(
            name=one.name,
            kind="deployment",
            engine=one.target,
            id=one.id,
            base_reference=one.base_reference,
            servable=one.deviation is None
            and (one.target == registry.LLAMA_CPP or one.name.lower() in (digests or {})),
            created_at=one.created_at,
        )
        for one in known
        if one.state == registry.READY or one.deviation is not None
    ]
    bases = [
        ChatModelOut(
            name=row.reference,
            kind="base",
            engine="llama_cpp",
            id=row.id,
            base_reference=row.reference,
            servable=row.gguf_path is not None,
            created_at=row.created_at,
        )
        for row in await list_base_models(database)
    ]
    ours = {one.name.lower() for one in known}
    others = [
        _tag_out(one)
        for name, one in (installed or {}).items()
        if name.lower() not in ours and not is_staging(name)
    ]
    return [*deployed, *bases, *others]


def _tag_out(one: InstalledModel) -> ChatModelOut:
    return ChatModelOut(
        name=one.name,
        kind="ollama",
        engine="ollama",
        id=one.digest,
        base_reference=None,
        servable=True,
        created_at=one.modified_at or utc_now(),
    )


async def _installed(ollama: Neighbour) -> dict[str, InstalledModel] | None:
    """What Ollama has, by name; None while it is not there."""
    if (await ollama.status()).state != "running":
        return None
    with suppress(UnavailableError):
        async with ollama.server() as server:
            return {one.name: one for one in await server.installed()}
    return None


async def _resolve_base(database: Database, data_dir: Path, ollama: Neighbour, name: str) -> ChatModel:
    try:
        row = await get_base_model(database, name)
    except UnknownBaseModelError as error:
        known = await list_chat_models(database, data_dir, ollama)
        if any(one.kind == "ollama" and one.name == name for one in known):
            return ChatModel(name, OllamaTag(model_name=name))
        shown = ", ".join(one.name for one in known) or "–"
        raise ModelNotFoundError(name=name, known=shown) from error
    if row.gguf_path is None:
        raise BaseModelNotServableError(name=row.reference)
    await verify_base_model(row, data_dir)
    spec = LlamaCppSpec(
        gguf=data_dir / row.gguf_path, n_ctx=base_context(row.context_length), tokenizer=data_dir / row.path
    )
    return ChatModel(row.reference, spec)
