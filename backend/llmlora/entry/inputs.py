"""What a command names, found or made: a dataset by id or file, a base model by reference."""

from pathlib import Path
from typing import TYPE_CHECKING

from llmlora.kit.settings import Settings

if TYPE_CHECKING:
    from llmlora.contracts.recipe import BaseModelInput, DatasetInput
    from llmlora.engine.process_host import EventSink
    from llmlora.kit.db import Database


async def dataset_named(database: "Database", settings: Settings, name: str) -> "DatasetInput":
    """The dataset of an id, of a beginning of one, or of a file (added if it is new).

    Raises:
        AppError: as `features.datasets.service`.
    """
    from llmlora.features.datasets.service import add_dataset, as_input, get_dataset

    if Path(name).exists():
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
