"""Webhooks: registered, changed, tried. Who may use the API may have it post anywhere (ADR 0036)."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.webhooks import Shape, WebhookEvent
from llmlora.features.hub.repository import find_secret, forget_secret, keep_secret
from llmlora.features.hub.service import KEY_FILE
from llmlora.features.webhooks import repository
from llmlora.features.webhooks.errors import (
    TooManyWebhooksError,
    WebhookNotFoundError,
    WebhookOfSettingsError,
    WebhookSecretError,
    WebhookUrlError,
)
from llmlora.features.webhooks.messages import key_of
from llmlora.features.webhooks.schemas import EVERY, DeliveryOut, WebhookChange, WebhookIn, WebhookOut
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database, or_refuse
from llmlora.kit.ids import new_id
from llmlora.kit.sealing import SealBrokenError, Sealer
from llmlora.kit.settings import Settings
from llmlora.tables.secret import SecretRow
from llmlora.tables.webhook import WebhookRow
from llmlora.tables.webhook_delivery import WebhookDeliveryRow

MOST = 20
# Services that take a shape of their own, by what their addresses begin with.
_SERVICES: tuple[tuple[str, str, Shape], ...] = (
    ("hooks.slack.com", "/", "slack"),
    ("discord.com", "/api/webhooks/", "discord"),
    ("discordapp.com", "/api/webhooks/", "discord"),
)


@dataclass(frozen=True)
class Signing:
    """With what a webhook signs. `is_lost`: it is to, and cannot: nothing goes out."""

    secret: str | None
    is_lost: bool = False


async def list_webhooks(database: Database, settings: Settings) -> list[WebhookOut]:
    """All webhooks, with what can be told of their secrets."""
    async with database.unit_of_work() as session:
        rows = await repository.list_webhooks(session)
        return [await _out(session, settings, row) for row in rows]


async def add_webhook(session: AsyncSession, settings: Settings, wanted: WebhookIn) -> WebhookOut:
    """Register an address.

    Raises:
        WebhookUrlError: nothing can be sent there.
        WebhookSecretError: its secret cannot sign.
        TooManyWebhooksError: there are enough.
    """
    if len(await repository.list_webhooks(session)) >= MOST:
        raise TooManyWebhooksError(limit=MOST)
    url = checked_url(wanted.url)
    row = WebhookRow(
        id=new_id("whk"),
        url=url,
        shape=shape_of(url) if wanted.shape == "auto" else wanted.shape,
        language=wanted.language,
        events=_ordered(wanted.events),
        pages_url=None if wanted.pages_url is None else checked_url(wanted.pages_url),
        is_signed=wanted.secret is not None,
        created_at=utc_now(),
    )
    if wanted.secret is not None:
        await _keep_secret(session, settings, row.id, wanted.secret.get_secret_value())
    await repository.keep_webhook(session, row)
    return await _out(session, settings, row)


async def change_webhook(
    session: AsyncSession, settings: Settings, webhook_id: str, wanted: WebhookChange
) -> WebhookOut:
    """Change what is given, and keep the rest; what one that is turned off was still to be told is forgotten.

    Raises:
        WebhookNotFoundError: there is no such webhook.
        WebhookOfSettingsError: it is changed in the settings.
    """
    row = await _changeable(session, webhook_id)
    given = wanted.model_dump(include=wanted.model_fields_set, exclude={"secret"})
    for name in ("url", "pages_url"):
        if given.get(name) is not None:
            given[name] = checked_url(given[name])
    if given.get("events") is not None:
        given["events"] = _ordered(given["events"])
    for name, value in given.items():
        if value is not None or name == "pages_url":
            setattr(row, name, value)
    if "secret" in wanted.model_fields_set:
        row.is_signed = wanted.secret is not None
        if wanted.secret is None:
            await forget_secret(session, _secret_name(row.id))
        else:
            await _keep_secret(session, settings, row.id, wanted.secret.get_secret_value())
    if not row.enabled:
        await repository.forget_waiting(session, row.id)
    await session.flush()
    return await _out(session, settings, row)


async def remove_webhook(session: AsyncSession, webhook_id: str) -> None:
    """Forget it with its secret and its history.

    Raises:
        WebhookNotFoundError: there is no such webhook.
        WebhookOfSettingsError: it is removed from the settings.
    """
    row = await _changeable(session, webhook_id)
    await forget_secret(session, _secret_name(row.id))
    await repository.forget_webhook(session, row.id)


async def try_webhook(session: AsyncSession, webhook_id: str) -> DeliveryOut:
    """Have a message sent that only says that it is one.

    Raises:
        WebhookNotFoundError: there is no such webhook.
    """
    row = await found_webhook(session, webhook_id)
    now = utc_now()
    told = WebhookDeliveryRow(
        id=new_id("dlv"), webhook_id=row.id, event=WebhookEvent.TEST, about={}, state="waiting",
        next_at=now, created_at=now,
    )  # fmt: skip
    await repository.add_delivery(session, told)
    return delivery_out(told)


async def found_webhook(session: AsyncSession, webhook_id: str) -> WebhookRow:
    """The webhook of an id.

    Raises:
        WebhookNotFoundError: there is none.
    """
    return or_refuse(await repository.find_webhook(session, webhook_id), WebhookNotFoundError, id=webhook_id)


async def keep_those_of_settings(database: Database, settings: Settings) -> None:
    """Let the webhooks of `LLMLORA_WEBHOOK_URLS` be registered, and those that no longer stand there be gone.

    Raises:
        WebhookUrlError: nothing can be sent to one of them.
    """
    rows = [_row_of_settings(settings, url) for url in dict.fromkeys(settings.webhook_urls.split())]
    async with database.unit_of_work() as session:
        await repository.forget_others_of_settings(session, [row.id for row in rows])
        for row in rows:
            known = await repository.find_webhook(session, row.id)
            if known is not None:
                row.created_at = known.created_at
            await repository.keep_webhook(session, row)


async def signing_of(session: AsyncSession, settings: Settings, row: WebhookRow) -> Signing:
    """With what a webhook signs its messages."""
    if not row.is_signed:
        return Signing(None)
    if row.from_settings:
        given = settings.webhook_secret
        return Signing(None, is_lost=True) if given is None else Signing(given.get_secret_value())
    kept = await find_secret(session, _secret_name(row.id))
    if kept is None:
        return Signing(None, is_lost=True)
    try:
        return Signing(await asyncio.to_thread(Sealer(settings.data_dir / KEY_FILE).unseal, kept.sealed))
    except SealBrokenError:
        return Signing(None, is_lost=True)


def delivery_out(row: WebhookDeliveryRow) -> DeliveryOut:
    """A message as the wire shows it."""
    given = {name: getattr(row, name) for name in DeliveryOut.model_fields if name != "job_name"}
    given["next_at"] = row.next_at if row.state == "waiting" and row.attempts else None
    return DeliveryOut.model_validate({**given, "job_name": row.about.get("name")})


def checked_url(url: str) -> str:
    """An address to which something can be posted. Which machine it is does not matter (ADR 0036).

    Raises:
        WebhookUrlError: it is none.
    """
    trimmed = url.strip()
    try:
        parts = urlsplit(trimmed)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or "@" in parts.netloc or not trimmed.isprintable() or " " in trimmed:
        raise WebhookUrlError(url=trimmed[:200])
    return trimmed


def shape_of(url: str) -> Shape:
    """The shape of the service whose address it is."""
    parts = urlsplit(url)
    for host, path, shape in _SERVICES:
        if parts.hostname == host and parts.path.startswith(path):
            return shape
    return "json"


def _row_of_settings(settings: Settings, url: str) -> WebhookRow:
    checked = checked_url(url)
    return WebhookRow(
        id=f"whk_settings_{hashlib.sha256(checked.encode()).hexdigest()[:16]}",
        url=checked,
        shape=shape_of(checked),
        language="ja",
        events=[*EVERY],
        is_signed=settings.webhook_secret is not None,
        from_settings=True,
        created_at=utc_now(),
    )


async def _changeable(session: AsyncSession, webhook_id: str) -> WebhookRow:
    row = await found_webhook(session, webhook_id)
    if row.from_settings:
        raise WebhookOfSettingsError
    return row


async def _keep_secret(session: AsyncSession, settings: Settings, webhook_id: str, secret: str) -> None:
    try:
        key_of(secret)
    except ValueError as error:
        raise WebhookSecretError from error
    sealed = await asyncio.to_thread(Sealer(settings.data_dir / KEY_FILE).seal, secret)
    await keep_secret(session, SecretRow(name=_secret_name(webhook_id), sealed=sealed, set_at=utc_now()))


async def _out(session: AsyncSession, settings: Settings, row: WebhookRow) -> WebhookOut:
    signing = await signing_of(session, settings, row)
    signature = "lost" if signing.is_lost else "none" if signing.secret is None else "signed"
    given = {name: getattr(row, name) for name in WebhookOut.model_fields if name != "signature"}
    return WebhookOut.model_validate({**given, "signature": signature})


def _secret_name(webhook_id: str) -> str:
    return f"webhook:{webhook_id}"


def _ordered(events: Sequence[WebhookEvent]) -> list[str]:
    return [event.value for event in EVERY if event in events]
