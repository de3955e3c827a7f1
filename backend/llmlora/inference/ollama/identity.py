"""How a registration is known again: its manifest's digest, and the parts that tell what else it is made of now."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from llmlora.inference.ollama.server import ModelDetails

Part = Literal["weights", "adapter", "settings"]


@dataclass(frozen=True)
class Identity:
    """What a registration was when it was proved. None: the release that proved it did not keep that."""

    tag_digest: str | None
    model_digest: str | None
    adapter_digests: tuple[str, ...] | None
    settings_digest: str | None

    @classmethod
    def of_gates(cls, gates: Mapping[str, Any] | None) -> Self:
        """What the identity gate wrote down."""
        told = (gates or {}).get("identity") or {}
        adapters = told.get("adapter_digests")
        return cls(
            tag_digest=told.get("tag_digest") or None,
            model_digest=told.get("model_digest"),
            adapter_digests=None if adapters is None else tuple(adapters),
            settings_digest=told.get("settings_digest"),
        )

    def differs_in(self, now: ModelDetails) -> tuple[Part, ...]:
        """The parts that are others now; empty: none of those that were kept."""
        compared: dict[Part, tuple[object, object]] = {
            "weights": (self.model_digest, now.model_digest),
            "adapter": (self.adapter_digests, now.adapter_digests),
            "settings": (self.settings_digest, settings_digest(now)),
        }
        return tuple(part for part, (was, is_) in compared.items() if was is not None and was != is_)


def settings_digest(details: ModelDetails) -> str:
    """sha256 over what decides how a prompt is written and where an answer ends: template, system prompt, parameters."""
    parameters = {key: sorted(values) for key, values in details.parameters.items()}
    words = [details.template, details.system, parameters]
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()
