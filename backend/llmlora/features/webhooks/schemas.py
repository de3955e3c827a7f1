"""What goes over the wire about webhooks. A secret only ever comes in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from llmlora.contracts.webhooks import DeliveryState, Problem, Shape, WebhookEvent
from llmlora.kit.typed import Typed

Url = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
Secret = Annotated[SecretStr, StringConstraints(min_length=1, max_length=256)]
Told = Literal[WebhookEvent.FINISHED, WebhookEvent.FAILED, WebhookEvent.CANCELLED, WebhookEvent.DEPLOYED]
Events = Annotated[list[Told], Field(min_length=1, max_length=4)]
EVERY = [WebhookEvent.FINISHED, WebhookEvent.FAILED, WebhookEvent.CANCELLED, WebhookEvent.DEPLOYED]
Language = Literal["ja", "en"]


class WebhookIn(Typed):
    """An address to tell. `shape` `auto`: that of the service whose address it is; `pages_url`: the pages as its readers
    reach them, for links; `secret`: to sign with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Url
    shape: Literal["auto", "json", "slack", "discord"] = "auto"
    language: Language = "ja"
    events: Events = EVERY  # type: ignore[assignment]
    pages_url: Url | None = None
    secret: Secret | None = None


class WebhookChange(Typed):
    """What is to be different. `secret` null: no longer signed; what is left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Url | None = None
    shape: Shape | None = None
    language: Language | None = None
    events: Events | None = None
    pages_url: Url | None = None
    secret: Secret | None = None
    enabled: bool | None = None


class WebhookOut(BaseModel):
    """A webhook. `signature`: `lost` where its secret was sealed with a key that is gone, and has to be set again; until
    then nothing is sent. `from_settings`: it stands in `LLMLORA_WEBHOOK_URLS`, and is changed there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    url: str
    shape: Shape
    language: Language
    events: list[WebhookEvent]
    pages_url: str | None
    signature: Literal["none", "signed", "lost"]
    enabled: bool
    from_settings: bool
    created_at: datetime


class DeliveryOut(BaseModel):
    """One message and how it went. `next_at`: when it is tried again, while it waits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    event: WebhookEvent
    job_id: str | None
    job_name: str | None
    state: DeliveryState
    attempts: int
    status: int | None
    problem: Problem | None
    created_at: datetime
    ended_at: datetime | None
    next_at: datetime | None
