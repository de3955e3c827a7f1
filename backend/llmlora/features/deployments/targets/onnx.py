"""Deployments that ONNX Runtime serves from an export of the data directory: they predict."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from llmlora.contracts.inference import InferenceBackend
from llmlora.contracts.run import EndpointInput, RunInputs
from llmlora.data.predictor_files import MODEL_NAME, read_head
from llmlora.engine.serving.spec import EndpointSource, OnnxSpec
from llmlora.features.deployments.errors import NoConversationError
from llmlora.features.deployments.schemas import DeployedPredictor
from llmlora.features.deployments.targets.files import ServedFromFiles, print_of
from llmlora.features.deployments.targets.target import (
    DeployTools,
    Proposal,
    ServedModel,
)
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.kit.files import sha256_of_file
from llmlora.kit.slugs import slug
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

LONGEST_NAME = 64
NAMELESS = "model"


class OnnxTarget(ServedFromFiles):
    """An exported model in a session of its own."""

    name = "onnx"
    served = DeployedPredictor
    response_field = "predictor"
    owns_names = False

    async def proposal(
        self, tools: DeployTools, job: JobRow, _config: object, _base: BaseModelRow | None, inputs: RunInputs
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

    def served_model(self, row: DeploymentRow, _data_dir: Path) -> tuple[ServedModel, int | None]:
        """It takes no conversations.

        Raises:
            NoConversationError: always.
        """
        raise NoConversationError(name=row.name)

    def served_base_model(self, _base: BaseModelRow, _data_dir: Path) -> None:
        """A base predicts nothing without a head."""

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
        columns=head.columns,
        target=head.target,
        prints={path: found for path, found in prints.items() if found is not None},
    )
