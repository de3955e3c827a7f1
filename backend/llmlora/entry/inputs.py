"""What a command names, found or made: a dataset by id or file, a base model by reference."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from llmlora.kit.settings import Settings
from llmlora.kit.validation import field_problems, request_invalid

if TYPE_CHECKING:
    from llmlora.contracts.recipe import BaseModelInput, DatasetInput
    from llmlora.engine.hosts.running import EventSink
    from llmlora.kit.db import Database

Shape = TypeVar("Shape", bound=BaseModel)


def shaped(shape: type[Shape], **fields: Any) -> Shape:
    """What a command's options ask for, as the API would take it.

    Raises:
        RequestInvalidError: names every option that has to change.
    """
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        raise request_invalid(field_problems(error.errors(include_url=False))) from error


async def dataset_named(database: "Database", settings: Settings, name: str) -> "DatasetInput":
    """The dataset of an id, of a beginning of one, or of a file (added if it is new).

    Raises:
        AppError: as `features.datasets.service`.
    """
    from llmlora.features.datasets.service import add_dataset, as_input, get_dataset

    if os.path.exists(name):  # noqa: PTH110 - Path.exists raises where a name is too long for a file
        added = await add_dataset(database, settings.data_dir, Path(name))
        name = added.dataset.id
    return as_input(await get_dataset(database, name), settings.data_dir)


async def base_model_named(
    database: "Database", settings: Settings, reference: str, sink: "EventSink"
) -> "BaseModelInput":
    """The base model of a reference, imported if it is new.

    Raises:
        AppError: as `features.models.service.ensure_base_model`.
    """
    from llmlora.features.models.service import as_input, ensure_base_model

    row = await ensure_base_model(database, settings, reference, sink=sink)
    return as_input(row, settings.data_dir)
