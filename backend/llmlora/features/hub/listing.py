"""A model as the hub's search lists it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2,
    "F8_E4M3": 1, "F8_E5M2": 1, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip


@dataclass(frozen=True)
class ListedModel:
    """What the hub tells of a model without a look into it; what it does not tell is None or empty. `parameters` and
    `size_bytes` are those of its safetensors."""

    repo: str
    commit: str | None
    gated: bool
    downloads: int
    likes: int
    updated_at: datetime | None
    licence: str | None
    languages: tuple[str, ...]
    task: str | None
    parameters: int | None
    size_bytes: int | None
    files: tuple[str, ...]
    config: Mapping[str, Any] | None


def read_listed(told: Mapping[str, Any]) -> ListedModel:
    """One entry of an answer to `/api/models`.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is not a hub that answers.
    """
    card, weights = told.get("cardData") or {}, told.get("safetensors") or {}
    by_type = {str(name): int(count) for name, count in (weights.get("parameters") or {}).items()}
    updated = told.get("lastModified")
    return ListedModel(
        repo=str(told["id"]),
        commit=told.get("sha"),
        gated=bool(told.get("gated")),
        downloads=int(told.get("downloads") or 0),
        likes=int(told.get("likes") or 0),
        updated_at=datetime.fromisoformat(updated) if updated else None,
        licence=_licence(card, told.get("tags") or []),
        languages=_texts(card.get("language")),
        task=told.get("pipeline_tag"),
        parameters=int(weights["total"]) if weights.get("total") else None,
        size_bytes=sum(_BYTES.get(name, 4) * count for name, count in by_type.items()) or None,
        files=tuple(str(one["rfilename"]) for one in told.get("siblings") or []),
        config=told.get("config"),
    )


def _licence(card: Mapping[str, Any], tags: list[str]) -> str | None:
    told = card.get("license_name") if card.get("license") == "other" else card.get("license")
    named = _texts(told) or tuple(tag.removeprefix("license:") for tag in tags if tag.startswith("license:"))
    return ", ".join(named) or None


def _texts(told: Any) -> tuple[str, ...]:
    """Cards hold one word or a list of them."""
    return tuple(map(str, told)) if isinstance(told, list) else (str(told),) if told else ()
