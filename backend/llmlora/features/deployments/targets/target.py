"""What a deployment target has to be able to do, and what it is handed for it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.inference import InferenceBackend
from llmlora.contracts.run import EndpointInput, RunInputs
from llmlora.engine.serving.spec import EndpointSource, OnnxSpec
from llmlora.features.deployments.schemas import DeploymentOut, Deviation, Part
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.server import InstalledModel
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError, UnavailableError
from llmlora.kit.settings import Settings
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow


@dataclass(frozen=True)
class DeployTools:
    """What a worker has for the deploying runs of its jobs."""

    database: Database
    settings: Settings
    endpoints: EndpointSource


@dataclass(frozen=True)
class Proposal:
    """What a deploying run is about to check, and the name that it is to have."""

    name: str
    served: BaseModel
    replace: bool = False


class ServedModel(Protocol):
    """What an engine is asked for. `n_ctx`: tokens of one conversation."""

    @property
    def model_name(self) -> str:
        """The name that requests carry."""

    @property
    def n_ctx(self) -> int:
        """Tokens of one conversation."""

    def model_dump_json(self) -> str:
        """All that makes two answers of the same question differ."""


@dataclass(frozen=True)
class EngineModel:
    """A model that an engine has which this studio has not put there."""

    name: str
    id: str
    created_at: datetime


class ServingState:
    """What stands beside the database: the data directory, and an Ollama that is asked once at most for what it has."""

    def __init__(self, ollama: OllamaConnection, data_dir: Path) -> None:
        self.ollama, self.data_dir = ollama, data_dir
        self._installed: dict[str, InstalledModel] | None = None
        self._is_asked = False

    async def installed(self) -> Mapping[str, InstalledModel] | None:
        """What Ollama has, by name in small letters; None while it cannot be asked."""
        if not self._is_asked:
            self._installed, self._is_asked = await self._ask(), True
        return self._installed

    async def _ask(self) -> dict[str, InstalledModel] | None:
        if (await self.ollama.status()).state != "running":
            return None
        try:
            async with self.ollama.server() as server:
                return {one.name.lower(): one for one in await server.installed()}
        except UnavailableError:
            return None


class DeploymentTarget(Protocol):
    """A way to make an artifact available. `served`: what a row of it keeps in `files`; `response_field`: the field of
    `DeploymentOut` that shows it. `owns_names`: a name means one model there, so what is ready under it stays until the
    next is ready and goes then; else a name that is taken gets a number."""

    @property
    def name(self) -> str:
        """As rows and requests name it."""

    @property
    def served(self) -> type[BaseModel]:
        """What a row of it keeps."""

    @property
    def response_field(self) -> str:
        """The field that shows it."""

    @property
    def owns_names(self) -> bool:
        """Whether a name means one model there."""

    async def proposal(
        self, tools: DeployTools, job: JobRow, config: Any, base: BaseModelRow | None, inputs: RunInputs, /
    ) -> Proposal:
        """What a deploying job is about to check. `config`: the job's, of a recipe that deploys to this target.

        Raises:
            AppError: it cannot be served from what there is.
        """

    async def endpoint(self, tools: DeployTools, row: DeploymentRow, /) -> EndpointInput:
        """Where the gates of a job can ask what was proposed, key included.

        Raises:
            AppError: the server does not start.
        """

    def engine_endpoint(self, settings: Settings, model: str, /) -> EndpointInput:
        """A model of the engine that stands beside this installation, for a run that deploys nothing.

        Raises:
            NoStandingEngineError: none does.
        """

    def sealed(self, files: dict[str, Any], seal: dict[str, Any], /) -> dict[str, Any]:
        """What the row keeps of a deployment that is green, with the report `seal` of its job."""

    async def deviations(
        self, found: Sequence[DeploymentOut], serving: ServingState, /
    ) -> dict[str, Deviation]:
        """Which of these ready deployments are no longer what was proved, by id; as quickly as a list needs it."""

    async def explain_deviation(
        self, one: DeploymentOut, deviation: Deviation, serving: ServingState, /
    ) -> Deviation:
        """What differs of a deployment that deviates, where that can be told."""

    async def refuse_deviation(self, one: DeploymentOut, serving: ServingState, /) -> None:
        """Check before it answers that a ready deployment is what was proved.

        Raises:
            AppError: it is gone, or it has changed.
            UnavailableError: what serves it cannot be reached.
        """

    async def require_reachable(self, serving: ServingState, /) -> None:
        """Check that whether a deployment is as it was proved can be told now.

        Raises:
            UnavailableError: what serves it cannot be reached.
        """

    async def is_available(self, one: DeploymentOut, serving: ServingState, /) -> bool:
        """Whether it could answer now."""

    async def use_rejected(
        self,
        session: AsyncSession,
        row: DeploymentRow,
        serving: ServingState,
        /,
        *,
        one: DeploymentOut,
        replace: bool,
    ) -> None:
        """A person takes what the gates rejected: it gets what a green one would have.

        Raises:
            AppError: it is no longer there, or somebody else has the name.
        """

    async def forget(self, session: AsyncSession, row: DeploymentRow, serving: ServingState, /) -> None:
        """Remove what a deleted deployment had outside the data directory."""

    def served_model(self, row: DeploymentRow, data_dir: Path, /) -> tuple[ServedModel, int | None]:
        """What answers for a deployment, and the number of its adapter there, where it has one."""

    def served_base_model(self, base: BaseModelRow, data_dir: Path, /) -> ServedModel | None:
        """What answers for a base model alone; None where this target serves none, or not this one."""

    def engine_model(self, name: str, /) -> ServedModel | None:
        """What answers for a model that the engine has from elsewhere; None where it can have none."""

    async def engine_models(self, serving: ServingState, /) -> list[EngineModel]:
        """The models that the engine has, ours among them; nothing while it is away."""

    def backend(
        self, spec: ServedModel, endpoints: EndpointSource, ollama: OllamaConnection, /
    ) -> AbstractAsyncContextManager[InferenceBackend]:
        """A client of whatever answers for `spec`, which is started if need be.

        Raises:
            AppError: as `EndpointSource`.
        """

    def predicting(self, row: DeploymentRow, data_dir: Path, /) -> OnnxSpec | None:
        """What predicts for a deployment; None where it talks."""

    def merges(self, config: Mapping[str, Any], /) -> bool:
        """Whether a job with this config serves base and adapter as one model."""

    def renewal_config(self, row: DeploymentRow, config: dict[str, Any], /) -> dict[str, Any]:
        """The config of the job that makes this very deployment again."""


def deviation_of(state: str, parts: tuple[Part, ...], error: AppError) -> Deviation:
    """What has become of it, in the words of the error that refuses it."""
    words = {language: error.detail(language) for language in ("ja", "en")}
    return Deviation.model_validate({"state": state, "parts": parts, "code": error.code, **words})
