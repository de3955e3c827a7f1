"""arq carries one thing: `poke(job_id)`, "there is something to claim". All else is in PostgreSQL.

Cost of losing a poke: the poll of two seconds. arq's loop ends when Redis drops; it is started again with back-off.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
import structlog
from arq.connections import ArqRedis
from arq.worker import Function, Worker, func
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

QUEUE = "llmlora:pokes"
FUNCTION = "poke"
TIMEOUT_S = 10
# A poke that nobody took in a minute says nothing that the poll has not found.
EXPIRES_S = 60
SEND_TIMEOUT_S = 1.0
FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.5, 10.0

_log = structlog.get_logger()


def arq_over(redis: Redis) -> ArqRedis:
    """arq's client over the connections of `redis`; JSON, never pickle."""
    return _arq(redis.connection_pool)


def _arq(pool: ConnectionPool) -> ArqRedis:
    return ArqRedis(
        pool, job_serializer=orjson.dumps, job_deserializer=orjson.loads, default_queue_name=QUEUE
    )


async def send_poke(redis: Redis, job_id: str) -> None:
    """Wake a worker. A queue that is away is no error: workers poll."""
    with suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await arq_over(redis).enqueue_job(
                FUNCTION, job_id, _job_id=secrets.token_hex(8), _expires=EXPIRES_S
            )


async def receive_pokes(redis_url: str, on_poke: Callable[[str], None]) -> None:
    """Host arq's worker until cancelled, restarting its loop whenever Redis drops."""
    backoff_s = FIRST_BACKOFF_S
    while True:
        pool = ConnectionPool.from_url(redis_url)
        worker = _worker(_arq(pool), on_poke)
        started = asyncio.get_running_loop().time()
        try:
            await worker.async_run()
        except (RedisError, OSError, TimeoutError) as error:
            _log.info("pokes: the queue is away", reason=type(error).__name__)
        finally:
            with suppress(RedisError, OSError, TimeoutError):
                await worker.close()
                await pool.disconnect()
        lived_s = asyncio.get_running_loop().time() - started
        backoff_s = FIRST_BACKOFF_S if lived_s > LONGEST_BACKOFF_S else min(2 * backoff_s, LONGEST_BACKOFF_S)
        await asyncio.sleep(backoff_s)


def _worker(redis: ArqRedis, on_poke: Callable[[str], None]) -> Worker:
    async def poke(_ctx: dict[Any, Any], job_id: str) -> None:
        on_poke(job_id)

    function: Function = func(poke, name=FUNCTION, timeout=TIMEOUT_S, keep_result=0, max_tries=1)
    return Worker(
        functions=[function],
        queue_name=QUEUE,
        redis_pool=redis,
        handle_signals=False,
        max_tries=1,
        keep_result=0,
        retry_jobs=False,
        allow_abort_jobs=False,
        log_results=False,
        poll_delay=0.1,
        job_serializer=orjson.dumps,
        job_deserializer=orjson.loads,
    )
