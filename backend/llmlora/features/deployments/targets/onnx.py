"""Deployments that ONNX Runtime serves from an export of the data directory: they predict."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.inference import InferenceBackend
from llmlora.contracts.run import EndpointInput, RunInputs
from llmlora.data.predictor_files import MODEL_NAME, read_head
from llmlora.engine.serving.spec import EndpointSource, OnnxSpec
from llmlora.features.deployments.errors import NoConversationError, NoStandingEngineError
from llmlora.features.deployments.schemas import DeployedPredictor, DeploymentOut, Deviation
from llmlora.features.deployments.targets.files import file_deviations, print_of, refuse_other_files
from llmlora.features.deployments.targets.target import (
    DeployTools,
    EngineModel,
    Proposal,
    ServedModel,
    ServingState,
)
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.kit.files import sha256_of_file
from llmlora.kit.settings import Settings
from llmlora.kit.slugs import slug
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

LONGEST_NAME = 64
NAMELESS = "model"


class OnnxTarget:
    """An exported model in a session of its own."""

    name = "onnx"
    served = DeployedPredictor
    response_field = "predictor"
    owns_names = False

    async def proposal(
        self, tools: DeployTools, job: JobRow, _config: object, _base: BaseModelRow, inputs: RunInputs
    ) -> Proposal:
        """The files, and a name after the training.

        Raises:
            PredictorFileMissingError: the export is not whole.
        """
        found = await asyncio.to_thread(predictor_at, inputs.file("onnx").path, tools.settings.data_dir)
        word = slug(job.name, longest=LONGEST_NAME, nameless=NAMELESS, dots=True, any_script=True)
        return Proposal(f"predict:{word}:{job.id[-8:]}", found)

    async def endpoint(self, tools: DeployTools, row: DeploymentRow) -> EndpointInput:
        """A session over these files.

        Raises:
            AppError: it does not start.
        """
        return await tools.endpoints.endpoint(self.predicting(row, tools.settings.data_dir))

    def engine_endpoint(self, _settings: Settings, _model: str) -> EndpointInput:
        """Sessions run for what was deployed alone.

        Raises:
            NoStandingEngineError: always.
        """
        raise NoStandingEngineError(engine=self.name)

    def sealed(self, files: dict[str, Any], _seal: dict[str, Any]) -> dict[str, Any]:
        """The files as they are."""
        return files

    async def deviations(self, found: Sequence[DeploymentOut], serving: ServingState) -> dict[str, Deviation]:
        """Files that are gone or have changed."""
        kept = {one.id: (one.name, one.predictor) for one in found}
        return await asyncio.to_thread(file_deviations, kept, serving.data_dir)

    async def explain_deviation(
        self, _one: DeploymentOut, deviation: Deviation, _serving: ServingState
    ) -> Deviation:
        """The file is named already."""
        return deviation

    async def refuse_deviation(self, one: DeploymentOut, serving: ServingState) -> None:
        """Check that the files are those that the gate asked.

        Raises:
            DeploymentFileGoneError: one is gone.
            DeploymentFileChangedError: one has changed.
        """
        if one.predictor is not None:
            await asyncio.to_thread(refuse_other_files, one.name, one.predictor, serving.data_dir)

    async def require_reachable(self, _serving: ServingState) -> None:
        """Files can always be looked at."""

    async def is_available(self, _one: DeploymentOut, _serving: ServingState) -> bool:
        """A session starts when it is asked."""
        return True

    async def use_rejected(
        self,
        _session: AsyncSession,
        _row: DeploymentRow,
        serving: ServingState,
        *,
        one: DeploymentOut,
        replace: bool,
    ) -> None:
        """Check that the files are still those that were judged.

        Raises:
            DeploymentFileGoneError, DeploymentFileChangedError: they are not.
        """
        del replace  # names are not taken from anybody here
        await self.refuse_deviation(one, serving)

    async def forget(self, _session: AsyncSession, _row: DeploymentRow, _serving: ServingState) -> None:
        """Its files belong to their job and stay."""

    def served_model(self, row: DeploymentRow, _data_dir: Path) -> tuple[ServedModel, int | None]:
        """It takes no conversations.

        Raises:
            NoConversationError: always.
        """
        raise NoConversationError(name=row.name)

    def served_base_model(self, _base: BaseModelRow, _data_dir: Path) -> None:
        """A base predicts nothing without a head."""

    def engine_model(self, _name: str) -> None:
        """Sessions run for files of ours alone."""

    async def engine_models(self, _serving: ServingState) -> list[EngineModel]:
        """Sessions run for files of ours alone."""
        return []

    def backend(
        self, spec: ServedModel, _endpoints: EndpointSource, _ollama: OllamaConnection
    ) -> AbstractAsyncContextManager[InferenceBackend]:
        """It takes no conversations.

        Raises:
            NoConversationError: always.
        """
        raise NoConversationError(name=spec.model_name)

    def predicting(self, row: DeploymentRow, data_dir: Path) -> OnnxSpec:
        """A session over its files."""
        return OnnxSpec(onnx=data_dir / DeployedPredictor.model_validate(row.files).onnx)

    def merges(self, _config: Mapping[str, Any]) -> bool:
        """An adapter is merged by its training."""
        return False

    def renewal_config(self, _row: DeploymentRow, config: dict[str, Any]) -> dict[str, Any]:
        """As it was."""
        return config


def predictor_at(directory: Path, data_dir: Path) -> DeployedPredictor:
    """An export as a row keeps it. Blocking.

    Raises:
        PredictorFileMissingError: it is not whole.
    """
    head = read_head(directory)

    def stored(path: Path) -> str:
        return (path.relative_to(data_dir) if path.is_relative_to(data_dir) else path).as_posix()

    digests = {path: sha256_of_file(path) for path in sorted(directory.iterdir()) if path.is_file()}
    prints = {stored(path): print_of(path, sha256) for path, sha256 in digests.items()}
    return DeployedPredictor(
        onnx=stored(directory),
        model_sha256=digests[directory / MODEL_NAME],
        input=head.input,
        task=head.task,
        labels=head.labels,
        max_length=head.max_length,
        prints={path: found for path, found in prints.items() if found is not None},
    )
