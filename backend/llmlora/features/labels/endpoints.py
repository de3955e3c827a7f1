"""`/api/labels` and `/api/tags`: what people call things, and by what they find them again."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from llmlora.features.labels import service
from llmlora.features.labels.schemas import LabelOut, LabelPatch, TagList
from llmlora.features.labels.things import THINGS, ThingKind
from llmlora.kit.web.state import Web

router = APIRouter(tags=["labels"])

Id = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Kinds = Annotated[list[ThingKind] | None, Query(max_length=len(THINGS), description="Left out: all.")]


@router.patch("/api/labels/{kind}/{id}")
async def change_label(web: Web, kind: ThingKind, id: Id, given: LabelPatch) -> LabelOut:
    """Rename a thing, add or remove tags, or write its note; what is left out stays as it is."""
    async with web.database.unit_of_work() as session:
        return await service.change_label(session, kind, id, given)


@router.get("/api/tags")
async def list_tags(web: Web, kind: Kinds = None) -> TagList:
    """The tags in use, and on how many things."""
    async with web.database.unit_of_work() as session:
        return TagList(data=await service.list_tags(session, kind or list(THINGS)))
