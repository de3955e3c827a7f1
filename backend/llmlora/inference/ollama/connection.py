"""The Ollama beside this installation, as one process knows it: one breaker, and its state asked now and then."""

import asyncio
import re
import time
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from llmlora.inference.ollama.breaker import Breaker
from llmlora.inference.ollama.errors import OllamaUnreachableError
from llmlora.inference.ollama.server import OllamaServer
from llmlora.kit.clock import utc_now
from llmlora.kit.errors import UnavailableError

ASKED_EVERY_S = 5.0
# From this version on Ollama runs GGUF models on llama-server, whose numbers the gates were measured with.
PROVED_FROM = (0, 30)


class OllamaStatus(BaseModel):
    """`running`; `absent`: nothing answers at its address; `failing`: something does, but not as Ollama should."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Literal["running", "absent", "failing"]
    base_url: str
    version: str | None
    is_old: bool
    """Of a version that tells the gates less."""
    detail_ja: str | None
    detail_en: str | None
    checked_at: datetime


class OllamaConnection:
    """Ollama at one address."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._breaker = Breaker(base_url)
        self._lock = asyncio.Lock()
        self._kept: tuple[float, OllamaStatus] | None = None

    def server(self) -> OllamaServer:
        """A client; all of them share the breaker."""
        return OllamaServer(self.base_url, self._breaker)

    async def status(self) -> OllamaStatus:
        """How it is, at most `ASKED_EVERY_S` old."""
        async with self._lock:
            if self._kept is None or time.monotonic() - self._kept[0] > ASKED_EVERY_S:
                self._kept = (time.monotonic(), await self._ask())
            return self._kept[1]

    async def _ask(self) -> OllamaStatus:
        try:
            async with OllamaServer(self.base_url) as server:
                version = await server.version()
        except UnavailableError as error:
            state: Literal["absent", "failing"] = (
                "absent" if isinstance(error, OllamaUnreachableError) else "failing"
            )
            return OllamaStatus(
                state=state,
                base_url=self.base_url,
                version=None,
                is_old=False,
                detail_ja=error.detail("ja"),
                detail_en=error.detail("en"),
                checked_at=utc_now(),
            )
        self._breaker.reset()
        return OllamaStatus(
            state="running",
            base_url=self.base_url,
            version=version,
            is_old=is_old(version),
            detail_ja=None,
            detail_en=None,
            checked_at=utc_now(),
        )


def is_old(version: str) -> bool:
    """Whether a version is older than `PROVED_FROM`; one that cannot be read is taken for new."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) < PROVED_FROM
