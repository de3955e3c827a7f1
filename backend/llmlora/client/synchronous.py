"""The client of programs that wait for each answer."""

from types import TracebackType
from typing import Self

import httpx

from llmlora.client.calls import options
from llmlora.client.generated.resources import Namespaces
from llmlora.client.jobs import Jobs
from llmlora.client.transport import Transport


class Client(Namespaces):
    """Asks the API of a running platform: a namespace a noun, such as `client.datasets.list()` and `client.jobs.wait(id)`.

    `base_url`: else `LLMLORA_URL`, else http://127.0.0.1:8000. `token`: else `LLMLORA_API_TOKEN`. `language` (ja, en): of what
    errors say, else `LLMLORA_LANG`. `http`: an httpx client of your own, such as one with a proxy; the others are then its affair.
    """

    jobs: Jobs

    def __init__(
        self,
        base_url: str | None = None,
        *,
        token: str | None = None,
        language: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self.transport = Transport(http or httpx.Client(**options(base_url, token, language)))
        super().__init__(self.transport)
        self.jobs = Jobs(self.transport)

    def close(self) -> None:
        """Give the connections back."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
