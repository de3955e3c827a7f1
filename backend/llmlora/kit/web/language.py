"""The language of a response: Japanese unless the client prefers English."""

from typing import Literal

from starlette.datastructures import Headers

Language = Literal["ja", "en"]


def language_of(headers: Headers) -> Language:
    """By `Accept-Language` (RFC 9110, 12.5.4): the first of ja and en by weight; ja when neither is named."""
    best: tuple[float, Language] = (0.0, "ja")
    for part in headers.get("accept-language", "").split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        if primary not in ("ja", "en"):
            continue
        weight = _weight(parameters)
        if weight > best[0]:
            best = (weight, "ja" if primary == "ja" else "en")
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
