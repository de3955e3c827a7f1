"""What a deployed model says of items: asked of the very files that its gates have proved."""

import time
from collections.abc import Sequence
from pathlib import Path

from llmlora.contracts.prediction import Item
from llmlora.engine.serving.spec import EndpointSource
from llmlora.features.deployments import registry, repository
from llmlora.features.deployments.errors import (
    DEPLOYMENT_WORDS,
    DeploymentFileChangedError,
    DeploymentNotFoundError,
    NoPredictionError,
    PredictionNotReadyError,
)
from llmlora.features.deployments.schemas import (
    READY,
    DeployedPredictor,
    DeploymentOut,
    PredictedItem,
    PredictionOut,
)
from llmlora.features.deployments.targets import TARGETS
from llmlora.features.deployments.targets.target import ServingState
from llmlora.features.deployments.watching import refuse_deviation
from llmlora.inference.predictor import PredictorClient
from llmlora.kit.db import Database, or_refuse
from llmlora.tables.deployment import DeploymentRow


async def predict(
    database: Database,
    data_dir: Path,
    endpoints: EndpointSource,
    serving: ServingState,
    deployment_id: str,
    items: Sequence[Item],
) -> PredictionOut:
    """An outcome for each item.

    Raises:
        DeploymentNotFoundError: there is none with that id.
        NoPredictionError: it takes conversations.
        PredictionNotReadyError: it is being checked, or was rejected.
        AppError: its files are not those that were proved; the session does not start.
        UnavailableError: the session cannot be reached or fails.
    """
    begun = time.perf_counter()
    async with database.unit_of_work() as session:
        row, _ = or_refuse(
            await repository.find_with_base(session, deployment_id), DeploymentNotFoundError, id=deployment_id
        )
        shown = await registry.get_deployment(session, row.id)
    predictor = await _ready(row, shown, serving)
    spec = TARGETS[row.target].predicting(row, data_dir)
    assert spec is not None  # it predicts
    async with PredictorClient(await endpoints.endpoint(spec)) as client:
        answer = await client.predict(items)
    if answer.model_sha256 != predictor.model_sha256:  # exchanged in between
        raise DeploymentFileChangedError(name=row.name, file=predictor.onnx)
    return PredictionOut(
        deployment_id=row.id,
        name=row.name,
        model_sha256=answer.model_sha256,
        task=predictor.task,
        data=[
            PredictedItem(labels=one.labels, tokens=len(one.input_ids), is_cut=one.is_cut)
            for one in answer.outcomes
        ],
        model_ms=answer.took_ms,
        total_ms=round((time.perf_counter() - begun) * 1000, 3),
    )


async def _ready(row: DeploymentRow, shown: DeploymentOut, serving: ServingState) -> DeployedPredictor:
    if shown.predictor is None:
        raise NoPredictionError(name=row.name)
    if row.state != READY:
        raise PredictionNotReadyError(name=row.name, state=DEPLOYMENT_WORDS[row.state])
    await refuse_deviation(shown, serving)
    return shown.predictor
