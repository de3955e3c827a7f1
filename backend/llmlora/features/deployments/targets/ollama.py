"""Deployments that Ollama serves under tags: judged under a staging name, known by their manifest's digest.

What deploying jobs have put into Ollama beside the names that were asked for is used, kept for a person's word, swept away.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Protocol

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.deployment import planned_route
from llmlora.contracts.inference import InferenceBackend
from llmlora.contracts.run import EndpointInput, RunInputs
from llmlora.engine.serving.spec import EndpointSource
from llmlora.features.deployments import repository
from llmlora.features.deployments.schemas import (
    READY,
    REJECTED,
    DeploymentOut,
    Deviation,
    Part,
    RegisteredTag,
)
from llmlora.features.deployments.targets.target import (
    DeployTools,
    EngineModel,
    Proposal,
    ServedModel,
    ServingState,
    deviation_of,
)
from llmlora.inference.ollama.backend import OllamaBackend
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.errors import (
    OllamaBlobGoneError,
    OllamaModelMissingError,
    OllamaTagTakenError,
    OllamaTunedModelChangedError,
    OllamaTunedModelMissingError,
)
from llmlora.inference.ollama.identity import Identity
from llmlora.inference.ollama.names import base_url_of, is_staging, same_name, staged_by, staging_name
from llmlora.inference.ollama.server import OllamaServer
from llmlora.inference.ollama.staging import digest_of, discard, publish
from llmlora.kit.clock import utc_now
from llmlora.kit.errors import AppError, UnavailableError
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.forecast.context import BASE_CONTEXT_TOKENS
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

_log = structlog.get_logger()

_WORDS: dict[Part, tuple[str, str]] = {
    "weights": ("重みが違います", "its weights differ"),
    "adapter": ("アダプターが違います", "its adapter differs"),
    "settings": (
        "テンプレート、システムプロンプト、パラメーターのいずれかが違います",
        "its template, system prompt or parameters differ",
    ),
    "unknown": ("登録の内容が違います", "its registration differs"),
}


class OllamaTag(BaseModel):
    """A model that Ollama runs. `n_ctx`: tokens of one conversation; `is_ours`: this studio registered it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model_name: str
    n_ctx: int = BASE_CONTEXT_TOKENS
    is_ours: bool = False


class TagConfig(Protocol):
    """What a recipe that registers here is asked for."""

    name: str
    route: Literal["auto", "adapter", "merged"]
    quantize: str
    num_ctx: int
    replace: bool


class OllamaTarget:
    """A model of Ollama's: nothing is written down of it but its seal, a tag that is put back is what was proved again.

    An Ollama that cannot be reached has changed nothing: its tags are as they were last seen.
    """

    name = "ollama"
    served = RegisteredTag
    response_field = "tag"
    owns_names = True

    async def proposal(
        self,
        _tools: DeployTools,
        _job: JobRow,
        config: TagConfig,
        _base: BaseModelRow | None,
        _inputs: RunInputs,
    ) -> Proposal:
        """The tag that was asked for."""
        tag = RegisteredTag(
            tag=config.name, route=config.route, quantize=config.quantize, num_ctx=config.num_ctx
        )
        return Proposal(config.name, tag, replace=config.replace)

    async def endpoint(self, tools: DeployTools, row: DeploymentRow) -> EndpointInput:
        """The Ollama of the settings, cleaned up behind jobs that were killed; one that is away is told by the job."""
        with suppress(AppError):
            async with (
                OllamaServer(base_url_of(tools.settings.ollama_host)) as server,
                tools.database.unit_of_work() as session,
            ):
                await sweep(session, server)
        return self.engine_endpoint(tools.settings, row.name)

    def engine_endpoint(self, settings: Settings, model: str) -> EndpointInput:
        """A model in the Ollama of the settings."""
        return EndpointInput(engine=self.name, base_url=base_url_of(settings.ollama_host), model=model)

    def sealed(self, files: dict[str, Any], seal: dict[str, Any]) -> dict[str, Any]:
        """With the form that the server took."""
        return {**files, "route": seal["route"], "seal": seal}

    async def deviations(self, found: Sequence[DeploymentOut], serving: ServingState) -> dict[str, Deviation]:
        """Tags that are gone, or mean something else."""
        installed = await serving.installed()
        if installed is None:
            return {}
        digests = {name: model.digest for name, model in installed.items()}
        seen = {one.id: _deviation(one, digests.get(one.name.lower())) for one in found}
        return {id_: deviation for id_, deviation in seen.items() if deviation is not None}

    async def explain_deviation(
        self, one: DeploymentOut, deviation: Deviation, serving: ServingState
    ) -> Deviation:
        """The parts of a changed tag that differ."""
        if deviation.state == "gone" or one.tag is None:
            return deviation
        try:
            async with serving.ollama.server() as server:
                now = await server.details(one.tag.tag)
        except (UnavailableError, OllamaModelMissingError, OllamaBlobGoneError):
            return deviation
        return _changed(one.name, Identity.of_gates(one.gates).differs_in(now) or ("unknown",))

    async def refuse_deviation(self, one: DeploymentOut, serving: ServingState) -> None:
        """Check that the tag is there and means what was proved.

        Raises:
            OllamaTunedModelMissingError: it is gone.
            OllamaTunedModelChangedError: it means something else.
            UnavailableError: Ollama cannot be reached, or fails.
        """
        async with serving.ollama.server() as server:
            digests = {model.name.lower(): model.digest for model in await server.installed()}
        deviation = _deviation(one, digests.get(one.name.lower()))
        if deviation is None:
            return
        if deviation.state == "gone":
            raise OllamaTunedModelMissingError(name=one.name)
        raise _changed_error(one.name, deviation.parts)

    async def require_reachable(self, serving: ServingState) -> None:
        """Check that Ollama answers.

        Raises:
            UnavailableError: it does not.
        """
        async with serving.ollama.server() as server:
            await server.version()

    async def is_available(self, one: DeploymentOut, serving: ServingState) -> bool:
        """Whether Ollama is there and has the tag."""
        return one.name.lower() in (await serving.installed() or {})

    async def use_rejected(
        self,
        session: AsyncSession,
        row: DeploymentRow,
        serving: ServingState,
        *,
        one: DeploymentOut,
        replace: bool,
    ) -> None:
        """What was judged gets the name that was asked for.

        Raises:
            OllamaJudgedModelGoneError: it is no longer in Ollama.
            OllamaTagTakenError: somebody else has taken the name, and it is not to be replaced.
            UnavailableError: Ollama cannot be reached.
        """
        judged = Identity.of_gates(one.gates).tag_digest
        async with serving.ollama.server() as server:
            there = await digest_of(server, row.name)
            named = await repository.list_named(session, row.name)
            ours = {judged, *(Identity.of_gates(other.gates).tag_digest for other in named)}
            if there is not None and there not in ours and not replace:
                raise OllamaTagTakenError(name=row.name)
            await publish(server, _staged(row), row.name, judged)

    async def forget(self, session: AsyncSession, row: DeploymentRow, serving: ServingState) -> None:
        """Let Ollama forget what it had there, and nothing that others have put under its name since.

        What Ollama keeps because it does not run is not worth keeping a deployment for.
        """
        proved = Identity.of_gates(row.gates).tag_digest
        is_served_by_another = any(
            other.id != row.id for other in await repository.list_named(session, row.name)
        )
        try:
            async with serving.ollama.server() as server:
                there = {model.name.lower(): model.digest for model in await server.installed()}
                if row.state == REJECTED and _staged(row).lower() in there:
                    await server.delete(_staged(row))
                found = there.get(row.name.lower())
                was_it = found == proved or (proved is None and row.state == READY)
                if found is not None and was_it and not is_served_by_another:
                    await server.delete(row.name)
        except AppError as error:
            _log.warning("deployment forgotten, its tag stays", tag=row.name, code=error.code)

    def served_model(self, row: DeploymentRow, _data_dir: Path) -> tuple[OllamaTag, int | None]:
        """Its tag."""
        tag = RegisteredTag.model_validate(row.files)
        return OllamaTag(model_name=tag.tag, n_ctx=tag.num_ctx, is_ours=True), None

    def served_base_model(self, _base: BaseModelRow, _data_dir: Path) -> None:
        """A base of ours is not in Ollama."""

    def engine_model(self, name: str) -> OllamaTag:
        """A model that somebody else has put there."""
        return OllamaTag(model_name=name)

    async def engine_models(self, serving: ServingState) -> list[EngineModel]:
        """All tags but those under which something is judged."""
        return [
            EngineModel(one.name, one.digest, one.modified_at or utc_now())
            for one in (await serving.installed() or {}).values()
            if not is_staging(one.name)
        ]

    @asynccontextmanager
    async def backend(
        self, spec: ServedModel, _endpoints: EndpointSource, ollama: OllamaConnection
    ) -> AsyncIterator[InferenceBackend]:
        """A client of Ollama."""
        assert isinstance(spec, OllamaTag)
        endpoint = EndpointInput(engine=self.name, base_url=ollama.base_url, model=spec.model_name)
        async with OllamaBackend(endpoint, is_ours=spec.is_ours) as backend:
            yield backend

    def predicting(self, _row: DeploymentRow, _data_dir: Path) -> None:
        """It talks."""

    def merges(self, config: Mapping[str, Any]) -> bool:
        """Where it was asked for, or is to be quantised."""
        return planned_route(config.get("route", "auto"), config.get("quantize", "none")) == "merged"

    def renewal_config(self, row: DeploymentRow, config: dict[str, Any]) -> dict[str, Any]:
        """The name is this deployment's, whoever has put something else under it."""
        return {**config, "name": row.name, "replace": True}


def differs_from(one: DeploymentOut, digest: str) -> bool:
    """Whether a tag of that digest is not what was proved; a release that kept no digest could not tell."""
    proved = Identity.of_gates(one.gates).tag_digest
    return proved is not None and proved != digest


async def sweep(session: AsyncSession, server: OllamaServer) -> list[str]:
    """Forget what jobs of this installation left under staging names that no deployment needs; the names.

    Raises:
        UnavailableError: Ollama cannot be reached or fails.
    """
    staged = [one.name for one in await server.installed() if is_staging(one.name)]
    known = await repository.known_jobs(session, [staged_by(name) for name in staged])
    needed = [_staged(row) for row in await repository.list_judged(session, OllamaTarget.name)]
    orphans = [
        name
        for name in staged
        if staged_by(name) in known and not any(same_name(name, one) for one in needed)
    ]
    for name in orphans:
        await discard(server, name)
    return orphans


async def is_needed(session: AsyncSession, name: str) -> bool:
    """Whether a deployment is being judged under a staging name, or waits there for a person's word."""
    judged = await repository.list_judged(session, OllamaTarget.name)
    return any(same_name(_staged(row), name) for row in judged)


def _staged(row: DeploymentRow) -> str:
    return staging_name(row.job_id or row.id)


def _deviation(one: DeploymentOut, digest: str | None) -> Deviation | None:
    if digest is None:
        return deviation_of("gone", (), OllamaTunedModelMissingError(name=one.name))
    return _changed(one.name, ("unknown",)) if differs_from(one, digest) else None


def _changed(name: str, parts: tuple[Part, ...]) -> Deviation:
    return deviation_of("changed", parts, _changed_error(name, parts))


def _changed_error(name: str, parts: tuple[Part, ...]) -> OllamaTunedModelChangedError:
    ja = "、".join(_WORDS[part][0] for part in parts)
    en = "; ".join(_WORDS[part][1] for part in parts)
    return OllamaTunedModelChangedError(name=name, what_ja=ja, what_en=en)
