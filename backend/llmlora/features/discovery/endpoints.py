"""`/api/models`: base models that fit this machine."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from llmlora.features.discovery import found, service
from llmlora.features.discovery.schemas import FitList, FoundModels, RecommendedList
from llmlora.features.hub.searching import HubQuery, Sort
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/models", tags=["base models"])

Reference = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")]
References = Annotated[
    list[Reference],
    Query(min_length=1, max_length=100, description="Ids or references; repeat it for several."),
]


Words = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Part of a name.")]
Tag = Annotated[str | None, Query(min_length=1, max_length=64, pattern=r"^[\w.+-]+$")]
Task = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z-]*$", description="Empty: any.")]
MostParameters = Annotated[int | None, Query(ge=1_000_000, le=10**13)]
PageSize = Annotated[int, Query(ge=1, le=50)]
Behind = Annotated[
    str | None, Query(max_length=4096, pattern=r"^[\x21-\x7e]*$", description="`next` of the page before.")
]


@router.get("/search")
async def search_hub_models(
    web: Web,
    q: Words = "",
    language: Tag = None,
    licence: Tag = None,
    task: Task = "text-generation",
    max_parameters: MostParameters = None,
    gated: bool | None = None,
    sort: Sort = "downloads",
    limit: PageSize = 10,
    after: Behind = None,
) -> FoundModels:
    """Models of the Hugging Face hub with safetensors, and whether each can be imported and fits this machine. `language`:
    ISO 639-1; `licence` and `task`: as the hub writes them; `max_parameters`: the most weights."""
    asked = HubQuery(
        words=q.strip(),
        language=language,
        licence=licence,
        task=task or None,
        max_parameters=max_parameters,
        gated=gated,
        sort=sort,
        limit=limit,
        after=after or None,
    )
    return await found.search_models(web.database, web.settings, asked)


@router.get("/recommended")
async def list_recommended_bases(web: Web) -> RecommendedList:
    """Base models that are good to begin with, and whether each fits this machine as it is now; nothing is downloaded."""
    return await service.list_recommended(web.database, web.settings)


@router.get("/fit")
async def judge_base_models(web: Web, reference: References) -> FitList:
    """Whether base models fit this machine as it is now; `fit` is null where the size is not known yet."""
    return await service.judge_bases(web.database, web.settings.data_dir, reference)
