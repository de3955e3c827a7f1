"""Messages to webhooks go out: each once, tried again while that may help, whatever ends in between.

A try is written down before it begins and after it has ended. Only where the answer was lost may a message come twice; it
then has the same `webhook-id`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import httpx
import structlog

from llmlora.contracts.webhooks import Problem
from llmlora.features.webhooks import repository
from llmlora.features.webhooks.messages import body_of, headers_of
from llmlora.features.webhooks.service import Signing, keep_those_of_settings, signing_of
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database, is_outage
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings
from llmlora.tables.webhook import WebhookRow
from llmlora.tables.webhook_delivery import WebhookDeliveryRow

POLL_S = 2.0
AT_ONCE = 8
CONNECT_S = 5.0
ANSWER_S = 10.0
LEASE = timedelta(seconds=60)
"""How long a message is left to a worker that may have died with it: longer than a try can take."""
BACKOFFS = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200))
"""Before the second to the sixth try."""
ENDING_S = 3.0
"""How long a worker that ends waits for what is on its way; the next one goes on with the rest."""
# What may be different the next time: it took too long, it came too often, the server is not well.
_TRY_AGAIN = frozenset({408, 425, 429})

_log = structlog.get_logger()


@dataclass(frozen=True)
class Answer:
    """How a try went. `problem` None: delivered."""

    status: int | None = None
    problem: Problem | None = None
    again: bool = False


class Deliverer:
    """Sends what is due, for one worker."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        backoffs: tuple[timedelta, ...] = BACKOFFS,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._database, self._settings = database, settings
        self._backoffs, self._answer_s = backoffs, answer_s

    async def run(self, over: asyncio.Event) -> None:
        """Deliver until `over`, and then what is due by then. A database that is away is waited for; a defect ends no worker."""
        await self._unless_away(partial(keep_those_of_settings, self._database, self._settings))
        while not over.is_set():
            await self._unless_away(self.deliver_due)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await over.wait()
        await self._unless_away(self.deliver_due)

    async def deliver_due(self) -> int:
        """Send what is due, several at once; how many tries that were."""
        tries = 0
        while batch := await self._claimed():
            await asyncio.gather(*(self._deliver(*one) for one in batch))
            tries += len(batch)
        return tries

    async def _claimed(self) -> list[tuple[WebhookDeliveryRow, WebhookRow, Signing]]:
        async with self._database.unit_of_work() as session:
            due = await repository.claim_due(session, limit=AT_ONCE, lease=LEASE)
            batch = []
            for told in due:
                webhook = await session.get_one(WebhookRow, told.webhook_id)
                batch.append((told, webhook, await signing_of(session, self._settings, webhook)))
            session.expunge_all()
        return batch

    async def _deliver(self, told: WebhookDeliveryRow, webhook: WebhookRow, signing: Signing) -> None:
        answer = (
            Answer(problem="secret_gone") if signing.is_lost else await self._send(told, webhook, signing)
        )
        again = None
        if answer.again and told.attempts <= len(self._backoffs):
            again = self._backoffs[told.attempts - 1]
        state = "waiting" if again is not None else "delivered" if answer.problem is None else "failed"
        async with self._database.unit_of_work() as session:
            await repository.settle(
                session, told, state=state, status=answer.status, problem=answer.problem, again_in=again
            )
            if again is None:
                await repository.forget_old(session, webhook.id)
        if answer.problem is not None:  # the address may hold a secret: its host alone is told
            host = urlsplit(webhook.url).hostname
            _log.warning("webhook: not delivered", host=host, problem=answer.problem, status=answer.status)

    async def _send(self, told: WebhookDeliveryRow, webhook: WebhookRow, signing: Signing) -> Answer:
        """One POST. No answer's body is read, and none leads anywhere else."""
        body = body_of(webhook, told)
        headers = headers_of(told, body, signing.secret, utc_now())
        timeout = httpx.Timeout(self._answer_s, connect=min(CONNECT_S, self._answer_s))
        try:
            async with (
                asyncio.timeout(self._answer_s),
                httpx.AsyncClient(timeout=timeout, follow_redirects=False) as client,
                client.stream("POST", webhook.url, content=body, headers=headers) as response,
            ):
                return answer_of(response.status_code)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol):
            return Answer(problem="unreachable", again=True)
        except (httpx.TimeoutException, TimeoutError):
            return Answer(problem="timed_out", again=True)
        except httpx.HTTPError:
            return Answer(problem="broken_off", again=True)

    async def _unless_away(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except AppError as error:
            _log.error("webhooks: the settings cannot be used", reason=error.detail("en"))
        except Exception as error:
            if is_outage(error):
                _log.info("webhooks: the database is away", reason=type(error).__name__)
            else:
                _log.error("webhooks: a round failed", exc_info=error)


def answer_of(status: int) -> Answer:
    """What an HTTP status means for a message."""
    if 200 <= status < 300:
        return Answer(status)
    if 300 <= status < 400:
        return Answer(status, "redirected")
    return Answer(status, "refused", again=status >= 500 or status in _TRY_AGAIN)
