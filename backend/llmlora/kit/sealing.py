"""Secrets at rest: encrypted with a key that lies in a file of its own, so that neither a database nor its backup tells them."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_ONLY_OWNER = 0o600


class SealBrokenError(Exception):
    """The text was sealed with another key, or is damaged."""


class Sealer:
    """Seals with the key of `key_file`, which is made by the first `seal`, readable by its owner alone.

    Fernet: AES-128-CBC under HMAC-SHA256 (https://github.com/fernet/spec).
    """

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def seal(self, secret: str) -> str:
        """The secret as it may be stored.

        Raises:
            OSError: the key cannot be read or made.
        """
        if not self._key_file.exists():
            self._make_key()
        return self._fernet().encrypt(secret.encode()).decode("ascii")

    def unseal(self, sealed: str) -> str:
        """What was sealed.

        Raises:
            SealBrokenError: the key is gone or is another one, or the text is damaged.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet().decrypt(sealed).decode()
        except (InvalidToken, OSError, ValueError) as error:
            raise SealBrokenError from error

    def _fernet(self) -> "Fernet":
        # Loaded when a secret is there: most commands have none.
        from cryptography.fernet import Fernet

        if self._key_file.stat().st_mode & 0o077:
            self._key_file.chmod(_ONLY_OWNER)
        return Fernet(self._key_file.read_bytes())

    def _make_key(self) -> None:
        """Whole or not at all; of two that make one at the same time, one is kept."""
        from cryptography.fernet import Fernet

        self._key_file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(
            prefix=f".{self._key_file.name}.", dir=self._key_file.parent
        )  # 0600
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(Fernet.generate_key())
                stream.flush()
                os.fsync(stream.fileno())
            with suppress(FileExistsError):
                os.link(name, self._key_file)
        finally:
            Path(name).unlink()
