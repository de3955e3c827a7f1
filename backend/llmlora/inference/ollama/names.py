"""How Ollama models are named: `[namespace/]model[:tag]` (types/model/name.go of Ollama).

Only names go out to the server. A name that holds a host would make it fetch from elsewhere, so it is refused.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from llmlora.inference.ollama.errors import OllamaNameError
from llmlora.kit.validation import not_taken

REGISTRY = "registry.ollama.ai"
LIBRARY, LATEST = "library", "latest"
LONGEST = 3 * 80 + 2
# What is being judged has a name of its job's below this, until it gets the name that was asked for.
STAGING = "llmlora-staging"
_JUDGED = "judged"
# Of a digest, what people compare.
SHORT_DIGEST = 12
_NAMESPACE = re.compile(r"[A-Za-z0-9_][\w-]{0,79}", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9_][\w.-]{0,79}", re.ASCII)


@dataclass(frozen=True)
class ModelName:
    """A name with nothing left out."""

    namespace: str
    model: str
    tag: str

    def __str__(self) -> str:
        """As people write it; what is usual stays out, but for the tag."""
        place = "" if self.namespace == LIBRARY else f"{self.namespace}/"
        return f"{place}{self.model}:{self.tag}"


def parse_name(text: str) -> ModelName:
    """Read a name.

    Raises:
        OllamaNameError: it is none, or it names a server.
    """
    path, colon, tag = text.strip().rpartition(":")
    if not colon or "/" in tag:
        path, tag = text.strip(), LATEST
    *places, model = path.split("/")
    if len(places) > 1 or "://" in text:
        raise OllamaNameError(
            name=text, reason_ja="サーバーは指定できません", reason_en="it must not name a server"
        )
    namespace = places[0] if places else LIBRARY
    if not (_NAMESPACE.fullmatch(namespace) and _PART.fullmatch(model) and _PART.fullmatch(tag)):
        raise OllamaNameError(
            name=text,
            reason_ja="英数字と . _ - だけが使えます",
            reason_en="only letters, digits, . _ and - are allowed",
        )
    return ModelName(namespace, model, tag)


def _full_name(text: str) -> str:
    try:
        return str(parse_name(text))
    except OllamaNameError as error:
        raise not_taken(ja=error.detail("ja"), en=error.detail("en")) from error


FullName = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST), AfterValidator(_full_name)]
"""A field that takes a name in any writing and holds it in full."""


def _own_name(text: str) -> str:
    if is_staging(text):
        raise not_taken(
            ja=f"{STAGING}/ は検査中のモデルに使う名前空間です。別の名前空間にしてください",
            en=f"names below {STAGING}/ are reserved for models that are being checked; choose another namespace",
        )
    return text


OwnName = Annotated[FullName, AfterValidator(_own_name)]
"""A full name that a person may give to a model."""


def same_name(one: str, other: str) -> bool:
    """Whether two full names are one to Ollama, which does not tell large letters from small ones."""
    return one.lower() == other.lower()


def staging_name(job_id: str) -> str:
    """Under which a job registers what it judges; no other job has it, and a retry has it again."""
    return f"{STAGING}/{job_id}:{_JUDGED}"


def is_staging(name: str) -> bool:
    """Whether a model is being judged, or was left behind by a job that could not clean up."""
    return name.lower().startswith(f"{STAGING}/")


def staged_by(name: str) -> str:
    """The job whose staging name this is."""
    return name.partition("/")[2].rpartition(":")[0]


def base_url_of(host: str) -> str:
    """`OLLAMA_HOST` in any of the forms that Ollama takes, as an address: `0.0.0.0`, `:11434`, `https://ollama.lan`."""
    scheme, has_scheme, rest = host.strip().partition("://")
    if not has_scheme:
        scheme, rest = "http", host.strip()
    authority, _, path = rest.partition("/")
    name, colon, port = authority.rpartition(":")
    if not colon or "]" in port:
        name, port = authority, ""
    # A server that listens on every address is asked at this machine's own.
    name = "127.0.0.1" if name in ("", "0.0.0.0", "[::]") else name  # noqa: S104
    port = port or {"http": "80", "https": "443"}.get(scheme, "") if has_scheme else port or "11434"
    return f"{scheme}://{name}:{port}" + (f"/{path.strip('/')}" if path.strip("/") else "")
