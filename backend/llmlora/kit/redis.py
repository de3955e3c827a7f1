"""Valkey or Redis: reachable or not."""

from redis.asyncio import Redis
from redis.exceptions import RedisError

TIMEOUT_S = 2.0


async def answers_ping(url: str) -> bool:
    """Whether the server at `url` answers PING within two seconds."""
    try:
        client: Redis = Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
    except ValueError:  # not an address
        return False
    try:
        return bool(await client.ping())
    except (RedisError, OSError, TimeoutError):
        return False
    finally:
        await client.aclose()
