"""`/api/models`: base models that fit this machine."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from llmlora.features.discovery import service
from llmlora.features.discovery.schemas import FitList, RecommendedList
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/models", tags=["base models"])

Reference = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")]
References = Annotated[
    list[Reference],
    Query(min_length=1, max_length=100, description="Ids or references; repeat it for several."),
]


@router.get("/recommended")
async def list_recommended_bases(web: Web) -> RecommendedList:
    """Base models that are good to begin with, and whether each fits this machine as it is now; nothing is downloaded."""
    return await service.list_recommended(web.database, web.settings)


@router.get("/fit")
async def judge_base_models(web: Web, reference: References) -> FitList:
    """Whether base models fit this machine as it is now; `fit` is null where the size is not known yet."""
    return await service.judge_bases(web.database, web.settings.data_dir, reference)
