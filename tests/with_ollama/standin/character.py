"""Which release the stand-in plays: what a server does with adapters, with uploaded GGUFs and with `quantize`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Character:
    """What differs from one release to the next."""

    version: str
    adapters: Literal["applies", "refuses", "ignores"]
    rewrites_uploads: bool
    """Whether a model's file is written anew, so that its layer has another digest than the upload."""
    quantises_ggufs: bool


CHARACTERS = {
    "0.33": Character("0.33.0-rc2", "applies", rewrites_uploads=True, quantises_ggufs=True),
    "0.34": Character("0.34.1", "refuses", rewrites_uploads=False, quantises_ggufs=False),
    "ignores-adapters": Character("0.40.2", "ignores", rewrites_uploads=False, quantises_ggufs=False),
}
FIRST = "0.33"
# What lies in a registry was made by whoever published it.
PUBLISHER = Character("–", "applies", rewrites_uploads=False, quantises_ggufs=True)


@dataclass
class Played:
    """The character of a server, which tests may change. `version` None: the character's own."""

    name: str = FIRST
    version: str | None = None

    @property
    def character(self) -> Character:
        """The one that is played now."""
        return CHARACTERS[self.name]

    @property
    def said_version(self) -> str:
        """What `/api/version` says."""
        return self.version or self.character.version
