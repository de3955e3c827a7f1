"""Asks a program whether it works."""

from collections.abc import Awaitable, Callable

import httpx

# A busy machine answers late; a program that hangs never does.
PROBE_TIMEOUT_S = 5.0

# Whether a program works now; False as well when it cannot be asked.
Probe = Callable[[httpx.AsyncClient], Awaitable[bool]]


def probe_client(timeout_s: float = PROBE_TIMEOUT_S) -> httpx.AsyncClient:
    """A client for probes: straight to this machine, every probe on a connection of its own."""
    return httpx.AsyncClient(
        trust_env=False, timeout=timeout_s, limits=httpx.Limits(max_keepalive_connections=0)
    )


def answers_at(url: str) -> Probe:
    """Works while `url` answers with success."""

    async def probe(client: httpx.AsyncClient) -> bool:
        status = await status_at(client, url)
        return status is not None and 200 <= status < 300

    return probe


async def status_at(client: httpx.AsyncClient, url: str, headers: dict[str, str] | None = None) -> int | None:
    """The HTTP status that `url` answers with; None when it does not answer."""
    try:
        return (await client.get(url, headers=headers)).status_code
    except (httpx.HTTPError, OSError):
        return None
