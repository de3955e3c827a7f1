"""What a webhook is told, in the shape in which it takes it, and how that is signed.

Signatures are those of Standard Webhooks (https://www.standardwebhooks.com): libraries for them exist in most languages.
"""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import quote

from llmlora import __version__
from llmlora.contracts.webhooks import WebhookEvent
from llmlora.kit.isolate import filled
from llmlora.recipes import RECIPES
from llmlora.tables.webhook import WebhookRow
from llmlora.tables.webhook_delivery import WebhookDeliveryRow

ENCODED = "whsec_"
"""Begins a secret whose bytes follow in Base64."""
# Discord takes 2000 characters, Slack more; a failure may quote a long message.
MOST_CHARS = 1900
_MARKS_OF_SLACK = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;"}
_WORDS: dict[WebhookEvent, tuple[str, str]] = {
    WebhookEvent.FINISHED: (
        "「{name}」が完了しました（{duration}）。",
        "“{name}” has finished ({duration}).",
    ),
    WebhookEvent.FAILED: ("「{name}」が失敗しました。{failure}", "“{name}” has failed. {failure}"),
    WebhookEvent.CANCELLED: ("「{name}」を中止しました。", "“{name}” was canceled."),
    WebhookEvent.DEPLOYED: (
        "「{name}」をデプロイしました。モデル名: {deployment}",
        "“{name}” was deployed. Model name: {deployment}",
    ),
    WebhookEvent.TEST: (
        "llmlora からのテスト送信です。届いていれば設定は正しくできています。",
        "A test message from llmlora. If you can read it, the settings are correct.",
    ),
}


def body_of(webhook: WebhookRow, told: WebhookDeliveryRow) -> bytes:
    """The body of a message; the same at each try."""
    document = _document(webhook, told)
    if webhook.shape == "slack":
        document = {"text": _sentence(webhook, told).translate(_MARKS_OF_SLACK)}
    elif webhook.shape == "discord":
        document = {"content": _sentence(webhook, told), "allowed_mentions": {"parse": []}}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(told: WebhookDeliveryRow, body: bytes, secret: str | None, moment: datetime) -> dict[str, str]:
    """The headers of a try. `webhook-id` is the same at each: who has seen it knows the message already."""
    timestamp = str(int(moment.timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": f"llmlora/{__version__}",
        "webhook-id": told.id,
        "webhook-timestamp": timestamp,
    }
    if secret is not None:
        headers["webhook-signature"] = signature_of(secret, told.id, timestamp, body)
    return headers


def signature_of(secret: str, id_: str, timestamp: str, body: bytes) -> str:
    """`v1,` and HMAC-SHA256 of `id.timestamp.body` in Base64."""
    signed = b".".join([id_.encode(), timestamp.encode(), body])
    return f"v1,{base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()}"


def key_of(secret: str) -> bytes:
    """The bytes of a secret.

    Raises:
        ValueError: it says that it is Base64, and is not.
    """
    if not secret.startswith(ENCODED):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(ENCODED), validate=True)
    except binascii.Error as error:
        raise ValueError("not Base64") from error


def _document(webhook: WebhookRow, told: WebhookDeliveryRow) -> dict[str, Any]:
    about = told.about
    spec = RECIPES.get(str(about.get("recipe")))
    title = None if spec is None else {"ja": spec.title.ja, "en": spec.title.en}
    return {
        "type": told.event,
        "timestamp": told.created_at.isoformat(),
        "data": {
            "text": _sentence(webhook, told),
            "job": {**about, "recipe_title": title} if about else None,
            "url": _link(webhook, told),
        },
    }


def _sentence(webhook: WebhookRow, told: WebhookDeliveryRow) -> str:
    about, is_ja = told.about, webhook.language == "ja"
    failure = about.get("failure") or {}
    facts: dict[str, object] = {
        "name": about.get("name", ""),
        "duration": duration_text(about.get("seconds"), is_ja=is_ja),
        "failure": str(failure.get("ja" if is_ja else "en", "")),
        "deployment": about.get("deployment") or "–",
    }
    text = filled(_WORDS[WebhookEvent(told.event)][0 if is_ja else 1], facts)
    link = _link(webhook, told)
    shown = text if len(text) <= MOST_CHARS else f"{text[: MOST_CHARS - 1]}…"
    return shown if link is None else f"{shown} {link}"


def duration_text(seconds: float | None, *, is_ja: bool) -> str:
    """A time in its two largest units."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    parts = ((whole // 3600, ("時間", " h")), (whole // 60 % 60, ("分", " min")), (whole % 60, ("秒", " s")))
    shown = [f"{count}{words[0 if is_ja else 1]}" for count, words in parts if count]
    joined = ("" if is_ja else " ").join(shown[:2])
    return joined or ("1 秒未満" if is_ja else "less than 1 s")


def _link(webhook: WebhookRow, told: WebhookDeliveryRow) -> str | None:
    if webhook.pages_url is None:
        return None
    root = webhook.pages_url.rstrip("/")
    return (
        f"{root}/notifications" if told.job_id is None else f"{root}/training/{quote(told.job_id, safe='')}"
    )
