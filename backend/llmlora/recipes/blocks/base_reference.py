"""How a base model is written: `bundled:NAME`, `path:/…`, `hf:OWNER/NAME[@REVISION]`, `ollama:NAME:TAG[@DIGEST]`.

One writing, one set of weights.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from llmlora.inference.ollama.errors import OllamaNameError
from llmlora.inference.ollama.names import parse_name
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS, SMOLLM2

Source = Literal["bundled", "path", "hf", "ollama"]
BUNDLED = SMOLLM2.reference
_HUB_NAME = re.compile(r"(?:[\w.-]{1,96}/)?[\w.-]{1,96}")
_REVISION = re.compile(r"[\w./-]{1,128}")
_DIGEST = re.compile(r"[0-9a-f]{12,64}")


@dataclass(frozen=True)
class Reference:
    """A reference, parsed. `name` is the bundled name, the absolute path, the hub's repository or Ollama's name."""

    source: Source
    name: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.source}:{self.name}" + (f"@{self.revision}" if self.revision else "")


def parse(text: str, known: str = ", ".join(BUNDLED_MODELS)) -> Reference:
    """Read a reference; paths become absolute.

    Raises:
        UnknownBaseModelError: not one of the ways to write one.
    """
    source, _, rest = text.strip().partition(":")
    if text.strip() in BUNDLED_MODELS:
        return Reference("bundled", rest)
    if source == "path" and rest:
        return Reference("path", str(Path(rest).expanduser().resolve()))
    if source == "hf":
        name, at, revision = rest.partition("@")
        if _is_hub_name(name) and (not at or _is_revision(revision)):
            return Reference("hf", name, revision or None)
    if source == "ollama" and (found := _ollama(rest)):
        return found
    raise UnknownBaseModelError(reference=text, known=known)


def _ollama(text: str) -> Reference | None:
    """A name and tag, and the first digits (12 or more) of the digest of its weights."""
    name, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return None
    try:
        return Reference("ollama", str(parse_name(name)), digest or None)
    except OllamaNameError:
        return None


def _is_hub_name(name: str) -> bool:
    return bool(_HUB_NAME.fullmatch(name)) and ".." not in name and not name.startswith((".", "-"))


def _is_revision(revision: str) -> bool:
    return bool(_REVISION.fullmatch(revision)) and ".." not in revision
