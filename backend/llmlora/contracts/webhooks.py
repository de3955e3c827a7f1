"""What webhooks are told, and in which shape."""

from enum import StrEnum
from typing import Literal


class WebhookEvent(StrEnum):
    """What a webhook can be told. `test`: a person asked for it."""

    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEPLOYED = "deployed"
    TEST = "test"


Shape = Literal["json", "slack", "discord"]
"""`json`: all that is known, as docs/api.md describes; the others: a sentence, as these services take it."""
DeliveryState = Literal["waiting", "sending", "delivered", "failed"]
Problem = Literal["unreachable", "timed_out", "broken_off", "redirected", "refused", "secret_gone"]
"""Why a try did not deliver: no connection; no answer in time; the connection ended before one; an answer that leads
elsewhere, which is not followed; a status that is no success; the secret to sign with cannot be read."""
