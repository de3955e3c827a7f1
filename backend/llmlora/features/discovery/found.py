"""Models of the hub, judged for this machine before anything of them but their `config.json` is fetched."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from llmlora.contracts.architecture import Architecture
from llmlora.features.discovery.fit import EXAMPLE_TOKENS, EXAMPLES, Subject, disk_need, fit_of
from llmlora.features.discovery.schemas import FoundModelOut, FoundModels, Obstacle
from llmlora.features.discovery.service import registered_ids
from llmlora.features.forecast.machine import machine_now
from llmlora.features.hub.listing import ListedModel
from llmlora.features.hub.searching import HubQuery, configs, search
from llmlora.features.hub.service import hub_access, without_credentials
from llmlora.kit.db import Database
from llmlora.kit.machine import disk_of
from llmlora.kit.settings import Settings
from llmlora.recipes import importing
from llmlora.recipes.blocks.forecast.architecture import from_config


async def search_models(database: Database, settings: Settings, asked: HubQuery) -> FoundModels:
    """One page of models of the hub, each with whether it can be imported and fits.

    Raises:
        HubTokenUnreadableError, HubTokenMalformedError: the token is of no use.
        HubSearchUnreachableError, HubSearchBusyError, HubSearchRefusedError, HubTokenRefusedError
    """
    access = await hub_access(database, settings)
    page = await search(access, asked)
    told = await configs(access, [one for one in page.models if _refused(one, None) is None])
    references = [_reference(one) for one in page.models]
    ids = await registered_ids(database, references)
    data = await asyncio.to_thread(_judged, page.models, told, ids, settings.data_dir)
    return FoundModels(
        endpoint=without_credentials(access.endpoint),
        examples=EXAMPLES,
        example_tokens=EXAMPLE_TOKENS,
        data=data,
        next=page.next,
    )


def _judged(
    models: Sequence[ListedModel],
    told: Mapping[str, Mapping[str, Any]],
    ids: Sequence[str | None],
    data_dir: Path,
) -> list[FoundModelOut]:
    machine, disk = machine_now(), disk_of(data_dir)
    free_bytes = disk.free_bytes if disk else None
    found = []
    for model, id_ in zip(models, ids, strict=True):
        architecture = _architecture(model, told.get(model.repo))
        size = model.size_bytes
        fit = None if architecture is None else fit_of(Subject(_reference(model), architecture), machine)
        found.append(
            FoundModelOut(
                reference=_reference(model),
                id=id_,
                licence=model.licence,
                languages=list(model.languages)[:20],
                gated=model.gated,
                downloads=model.downloads,
                likes=model.likes,
                updated_at=model.updated_at,
                parameters=architecture.parameters if architecture else model.parameters,
                context_length=architecture.context if architecture else None,
                disk=None if size is None else disk_need(size, free_bytes),
                fit=fit,
                obstacle=_refused(model, told.get(model.repo)),
            )
        )
    return found


def _architecture(model: ListedModel, config: Mapping[str, Any] | None) -> Architecture | None:
    """The numbers that its config tells, else those that are known of it anyway."""
    if config is not None and model.parameters is not None:
        try:
            return from_config(config, model.parameters, None)
        except (ValueError, KeyError, TypeError, ZeroDivisionError):
            return None
    known = importing()[1].known(_reference(model))
    return known.architecture if known else None


def _refused(model: ListedModel, config: Mapping[str, Any] | None) -> Obstacle | None:
    error = importing()[1].refusal(_reference(model), model.files, config or model.config)
    return None if error is None else Obstacle(code=error.code, ja=error.detail("ja"), en=error.detail("en"))


def _reference(model: ListedModel) -> str:
    return f"hf:{model.repo}"
