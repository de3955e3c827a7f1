"""Hints by publish/subscribe: "something new about job X". Without content, so that losing one costs a poll, no more."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

EVENTS_CHANNEL = "llmlora:events"
CANCEL_CHANNEL = "llmlora:cancel"
PUBLISH_TIMEOUT_S = 1.0
RECONNECT_S = 1.0

_log = structlog.get_logger()


async def publish_head(redis: Redis, job_id: str) -> None:
    """Tell readers that a job has new events. A queue that is away is no error."""
    await _publish(redis, EVENTS_CHANNEL, job_id)


async def publish_cancel(redis: Redis, job_id: str) -> None:
    """Tell the worker that runs a job to look at its row now. A queue that is away is no error."""
    await _publish(redis, CANCEL_CHANNEL, job_id)


async def _publish(redis: Redis, channel: str, job_id: str) -> None:
    with suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(PUBLISH_TIMEOUT_S):
            await redis.publish(channel, job_id)


class HintHub:
    """One subscription of a process, handed on to any number of waiting tasks."""

    def __init__(self, redis: Redis, channel: str = EVENTS_CHANNEL) -> None:
        self._redis = redis
        self._channel = channel
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.connected = False

    @contextmanager
    def watching(self, job_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever a hint about the job comes (clear it before you look)."""
        event = asyncio.Event()
        self._waiting[job_id].add(event)
        try:
            yield event
        finally:
            self._waiting[job_id].discard(event)
            if not self._waiting[job_id]:
                del self._waiting[job_id]

    async def listen(self) -> None:
        """Receive hints until cancelled; connects again whenever the queue comes back, and then wakes everybody."""
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(self._channel)
                    self.connected = True
                    self._wake_all()
                    while True:
                        message = await subscription.get_message(timeout=None)
                        if message is not None:
                            self._wake(message["data"].decode())
            except (RedisError, OSError, TimeoutError) as error:
                if self.connected:
                    _log.info("hints: the queue is away, polling instead", reason=str(error))
                self.connected = False
            await asyncio.sleep(RECONNECT_S)

    def _wake(self, job_id: str) -> None:
        for event in self._waiting.get(job_id, ()):
            event.set()

    def _wake_all(self) -> None:
        for job_id in list(self._waiting):
            self._wake(job_id)
