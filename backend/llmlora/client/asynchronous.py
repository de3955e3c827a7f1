"""The client of programs of asyncio."""

from types import TracebackType
from typing import Self

import httpx

from llmlora.client.async_jobs import AsyncJobs
from llmlora.client.async_transport import AsyncTransport
from llmlora.client.calls import options
from llmlora.client.generated.async_resources import AsyncNamespaces


class AsyncClient(AsyncNamespaces):
    """Asks the API of a running platform: a namespace a noun, such as `await client.datasets.list()` and `await client.jobs.wait(id)`.

    `base_url`: else `LLMLORA_URL`, else http://127.0.0.1:8000. `token`: else `LLMLORA_API_TOKEN`. `language` (ja, en): of what
    errors say, else `LLMLORA_LANG`. `http`: an httpx client of your own, such as one with a proxy; the others are then its affair.
    """

    jobs: AsyncJobs

    def __init__(
        self,
        base_url: str | None = None,
        *,
        token: str | None = None,
        language: str | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.transport = AsyncTransport(http or httpx.AsyncClient(**options(base_url, token, language)))
        super().__init__(self.transport)
        self.jobs = AsyncJobs(self.transport)

    async def close(self) -> None:
        """Give the connections back."""
        await self.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
