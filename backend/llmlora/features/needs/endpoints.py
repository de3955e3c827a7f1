"""`/api/needs`: what would happen if something were deleted."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from llmlora.features.labels.things import ThingKind
from llmlora.features.needs.asking import who_needs
from llmlora.features.needs.schemas import NeededList
from llmlora.kit.web.state import Web

router = APIRouter(tags=["labels"])

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Ids = Annotated[list[Id], Query(min_length=1, max_length=200, description="Ids of things of this kind.")]


@router.get("/api/needs/{kind}")
async def list_needs(web: Web, kind: ThingKind, id: Ids) -> NeededList:
    """Who needs these things, so that they cannot be deleted, and who would name what is gone."""
    async with web.database.unit_of_work() as session:
        return NeededList(data=await who_needs(session, kind, id))
