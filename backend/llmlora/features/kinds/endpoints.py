"""`/api/data-kinds`: what data can be, and which columns make it."""

from fastapi import APIRouter

from llmlora.features.kinds import service
from llmlora.features.kinds.schemas import KindOut
from llmlora.kit.web.pages import Page

router = APIRouter(prefix="/api/data-kinds", tags=["datasets"])


@router.get("")
async def list_data_kinds() -> Page[KindOut]:
    """All kinds of data, on one page."""
    return Page(data=service.list_kinds(), next=None)
