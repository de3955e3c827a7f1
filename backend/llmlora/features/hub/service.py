"""The access to the hub: which address, which token. A stored token leaves this module for an import's child alone."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from llmlora.features.hub import repository
from llmlora.features.hub.errors import HubTokenMalformedError, HubTokenUnreadableError
from llmlora.features.hub.schemas import HubAccessOut
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.sealing import SealBrokenError, Sealer
from llmlora.kit.settings import Settings
from llmlora.tables.secret import SecretRow

KEY_FILE = "secrets.key"
_NAME = "hub_token"
# What a header can carry: anything else would end in an error that quotes it.
_TOKEN = re.compile(r"[\x21-\x7e]{1,1024}")


@dataclass(frozen=True)
class HubAccess:
    """What an import needs beside its reference."""

    endpoint: str
    token: str | None


async def hub_access(database: Database, settings: Settings) -> HubAccess:
    """The hub's address and the token to show it: the stored one, else that of the settings.

    Raises:
        HubTokenUnreadableError: one is stored, and its key is gone.
        HubTokenMalformedError: that of the settings can be none.
    """
    async with database.unit_of_work() as session:
        row = await repository.find_secret(session, _NAME)
        sealed = None if row is None else row.sealed
    if sealed is None:
        given = settings.hf_token
        return HubAccess(settings.hf_endpoint, None if given is None else _checked(given.get_secret_value()))
    token = await _unsealed(sealed, settings.data_dir)
    if token is None:
        raise HubTokenUnreadableError(key_file=settings.data_dir / KEY_FILE)
    return HubAccess(settings.hf_endpoint, token)


async def describe_access(database: Database, settings: Settings) -> HubAccessOut:
    """What may be told of it."""
    async with database.unit_of_work() as session:
        row = await repository.find_secret(session, _NAME)
        stored = None if row is None else (row.sealed, row.set_at)
    endpoint = without_credentials(settings.hf_endpoint)
    if stored is None:
        source = "none" if settings.hf_token is None else "settings"
        return HubAccessOut(endpoint=endpoint, token=source, token_set_at=None, token_readable=True)
    readable = await _unsealed(stored[0], settings.data_dir) is not None
    return HubAccessOut(endpoint=endpoint, token="stored", token_set_at=stored[1], token_readable=readable)  # noqa: S106


async def store_token(database: Database, settings: Settings, token: str) -> None:
    """Keep a token, sealed, in place of an earlier one.

    Raises:
        HubTokenMalformedError: it can be none.
    """
    sealer = Sealer(settings.data_dir / KEY_FILE)
    sealed = await asyncio.to_thread(sealer.seal, _checked(token))
    async with database.unit_of_work() as session:
        await repository.keep_secret(session, SecretRow(name=_NAME, sealed=sealed, set_at=utc_now()))


async def forget_token(database: Database) -> None:
    """Delete the stored token; that of the settings, if there is one, is used again."""
    async with database.unit_of_work() as session:
        await repository.forget_secret(session, _NAME)


def _checked(token: str) -> str:
    trimmed = token.strip()
    if not _TOKEN.fullmatch(trimmed):
        raise HubTokenMalformedError
    return trimmed


async def _unsealed(sealed: str, data_dir: Path) -> str | None:
    try:
        return await asyncio.to_thread(Sealer(data_dir / KEY_FILE).unseal, sealed)
    except SealBrokenError:
        return None


def without_credentials(url: str) -> str:
    """An address as it may be shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
