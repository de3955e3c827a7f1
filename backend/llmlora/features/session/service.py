"""The sessions of browsers: begun, asked for by the door, ended. A secret leaves this module for the cookie alone."""

import hashlib
import secrets
from datetime import timedelta

from llmlora.features.session import repository
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.tables.browser_session import BrowserSessionRow

LIFETIME = timedelta(days=30)
_SECRET_BYTES = 32
# Whoever finds the mark in a dump of the database can only guess, and each guess costs 16 MB and tens of milliseconds.
_SCRYPT = {"salt": b"llmlora browser session", "n": 1 << 14, "r": 8, "p": 1, "dklen": 32}


class BrowserSessions:
    """Signed-in browsers of one token (`kit.web.guard.SessionCheck`)."""

    def __init__(self, database: Database, settings: Settings) -> None:
        token = settings.api_token
        self._database = database
        self._mark = None if token is None else _mark_of(token.get_secret_value())
        self._changes, self._is_tidy = 0, False

    @property
    def changes(self) -> int:
        """Grows whenever a session was ended here."""
        return self._changes

    async def begin(self) -> str:
        """Open a session for a browser that has shown the token; returns what it shows from now on.

        Raises:
            RuntimeError: there is no token.
        """
        if self._mark is None:
            raise RuntimeError("without a token nobody signs in")
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        row = BrowserSessionRow(
            secret_hash=_hash_of(secret), token_mark=self._mark, expires_at=utc_now() + LIFETIME
        )
        await self.end_those_of_other_tokens()
        async with self._database.unit_of_work() as session:
            await repository.add_session(session, row)
        return secret

    async def is_open(self, secret: str) -> bool:
        """Whether a browser that shows this is signed in now."""
        if self._mark is None:
            return False
        await self.end_those_of_other_tokens()
        async with self._database.unit_of_work() as session:
            return await repository.is_open(session, _hash_of(secret), self._mark, utc_now())

    async def end(self, secret: str) -> None:
        """Sign a browser out: nobody who still has the secret gets in with it, and what it follows ends."""
        async with self._database.unit_of_work() as session:
            await repository.end_session(session, _hash_of(secret))
        self._changes += 1

    async def end_those_of_other_tokens(self) -> None:
        """Once: end every session that another token than the present one opened, and forget those that have expired.

        They stay ended when the earlier token comes back.
        """
        if self._is_tidy:
            return
        async with self._database.unit_of_work() as session:
            await repository.end_sessions_of_other_tokens(session, self._mark, utc_now())
        self._is_tidy = True


def _hash_of(secret: str) -> bytes:
    """Of 256 random bits: nothing slower is needed."""
    return hashlib.sha256(secret.encode()).digest()


def _mark_of(token: str) -> bytes:
    return hashlib.scrypt(token.encode(), **_SCRYPT)  # type: ignore[arg-type]
