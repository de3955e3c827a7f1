"""`/api/webhooks`: addresses that are told when a job ends."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from llmlora.features.webhooks import repository, service
from llmlora.features.webhooks.schemas import DeliveryOut, WebhookChange, WebhookIn, WebhookOut
from llmlora.kit.web.pages import After, Limit, Page, page_of, parse_cursor
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])

WebhookId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]


@router.get("")
async def list_webhooks(web: Web) -> Page[WebhookOut]:
    """All webhooks, in the order in which they came."""
    return Page(data=await service.list_webhooks(web.database, web.settings), next=None)


@router.post("", status_code=201)
async def add_webhook(web: Web, body: WebhookIn) -> WebhookOut:
    """Register an address that is told from now on."""
    async with web.database.unit_of_work() as session:
        return await service.add_webhook(session, web.settings, body)


@router.patch("/{webhook_id}")
async def change_webhook(web: Web, webhook_id: WebhookId, body: WebhookChange) -> WebhookOut:
    """Change a webhook; what is left out of the body stays."""
    async with web.database.unit_of_work() as session:
        return await service.change_webhook(session, web.settings, webhook_id, body)


@router.delete("/{webhook_id}", status_code=204)
async def remove_webhook(web: Web, webhook_id: WebhookId) -> Response:
    """Forget a webhook with its secret and its history."""
    async with web.database.unit_of_work() as session:
        await service.remove_webhook(session, webhook_id)
    return Response(status_code=204)


@router.post("/{webhook_id}/test", status_code=202)
async def try_webhook(web: Web, webhook_id: WebhookId) -> DeliveryOut:
    """Have a test message sent by a worker; its history tells how it went."""
    async with web.database.unit_of_work() as session:
        return await service.try_webhook(session, webhook_id)


@router.get("/{webhook_id}/deliveries")
async def list_webhook_deliveries(
    web: Web, webhook_id: WebhookId, limit: Limit = 50, after: After = None
) -> Page[DeliveryOut]:
    """What a webhook was told, newest first: the last hundred messages."""
    async with web.database.unit_of_work() as session:
        await service.found_webhook(session, webhook_id)
        rows = await repository.list_deliveries(
            session, webhook_id, before=parse_cursor(after), limit=limit + 1
        )
        shown, more = page_of(rows, limit, lambda row: (row.created_at, row.id))
        return Page(data=[service.delivery_out(row) for row in shown], next=more)
