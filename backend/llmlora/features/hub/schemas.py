"""What goes over the wire about the access to the hub. The token itself only ever comes in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints

MAX_TOKEN_CHARS = 1024


class HubTokenIn(BaseModel):
    """A token to keep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[SecretStr, StringConstraints(min_length=1, max_length=MAX_TOKEN_CHARS)]


class HubAccessOut(BaseModel):
    """Which hub imports ask, and whether they have a token: `stored` was set here and wins over that of the `settings`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str
    token: Literal["none", "stored", "settings"]
    token_set_at: datetime | None
    """When the stored one was set."""
    token_readable: bool
    """False: it was sealed with a key that is gone, and has to be set again."""
