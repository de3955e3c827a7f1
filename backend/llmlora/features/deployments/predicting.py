"""What a deployed model says of items: asked of the very files that its gates have proved."""

import time
from collections.abc import Sequence
from pathlib import Path

from llmlora.contracts.prediction import ColumnsItem, Item
from llmlora.data.refusals import shown_text
from llmlora.data.scalars import is_missing, number_of, truth_of
from llmlora.engine.serving.spec import EndpointSource
from llmlora.features.deployments import registry, repository
from llmlora.features.deployments.errors import (
    CELL_WORDS,
    DEPLOYMENT_WORDS,
    INPUT_WORDS,
    DeploymentFileChangedError,
    DeploymentNotFoundError,
    InputColumnError,
    InputNumberError,
    InputTypeError,
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
from llmlora.kit.errors import AppError, FieldProblem
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
        InputTypeError, InputColumnError, InputNumberError: it takes something else.
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
    _refuse_unfit(row.name, predictor, items)
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
            PredictedItem(labels=one.labels, tokens=len(one.input_ids), is_cut=one.is_cut, number=one.number)
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


def _refuse_unfit(name: str, predictor: DeployedPredictor, items: Sequence[Item]) -> None:
    """Check that the model takes such items. A category that it has not learned is taken: it is none of those it knows."""
    columns = {one.name: one.type for one in predictor.columns}
    for place, item in enumerate(items):
        if item.type != predictor.input:
            raise _pointing(
                InputTypeError(name=name, takes=INPUT_WORDS[predictor.input], given=item.type), place
            )
        if not isinstance(item, ColumnsItem):
            continue
        for column, cell in item.columns.items():
            if column not in columns:
                known = ", ".join(list(columns)[:20])
                raise _pointing(InputColumnError(name=name, column=shown_text(column), known=known), place)
            missing = cell is None or (isinstance(cell, str) and is_missing(cell))
            fits = missing or columns[column] == "category"
            if not fits and (number_of if columns[column] == "number" else truth_of)(cell) is None:
                raise _pointing(
                    InputNumberError(
                        column=shown_text(column),
                        given=shown_text(str(cell)),
                        type=CELL_WORDS[columns[column]],
                    ),
                    place,
                )


def _pointing(refused: AppError, place: int) -> AppError:
    words = refused.detail("ja"), refused.detail("en")
    refused.fields = (FieldProblem(f"/items/{place}", *words),)
    return refused
