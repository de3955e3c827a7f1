"""Base models that are good to begin with (`recommended.json`): their sizes as their configs say, and where each fact is from.

`parameters` and `linear_layers` are what the installed transformers makes of `config`; a test builds each of them anew.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from llmlora.contracts.plan import KnownBase, RecommendedBase
from llmlora.contracts.text import Text
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS
from llmlora.recipes.blocks.forecast.architecture import from_config

FILE = Path(__file__).parent / "recommended.json"


@cache
def recommended() -> tuple[RecommendedBase, ...]:
    """All of them, the smaller first."""
    listed = json.loads(FILE.read_bytes())["models"]
    return tuple(sorted(map(_read, listed), key=lambda one: one.known.architecture.parameters))


def _read(listed: Mapping[str, Any]) -> RecommendedBase:
    return RecommendedBase(
        reference=listed["reference"],
        name=listed["name"],
        maker=listed["maker"],
        licence=listed["licence"],
        languages=tuple(listed["languages"]),
        has_more_languages=listed["has_more_languages"],
        japanese=listed["japanese"],
        gated=listed["gated"],
        is_bundled=listed["reference"] in BUNDLED_MODELS,
        purpose=Text(**listed["purpose"]),
        sources=listed["sources"],
        known=bundled.known if (bundled := BUNDLED_MODELS.get(listed["reference"])) else _known(listed),
    )


def _known(listed: Mapping[str, Any]) -> KnownBase:
    """A download's size is that of its weights: what lies beside them is a hundredth of it. The tokenizer's is not known."""
    architecture = from_config(listed["config"], listed["parameters"], listed["linear_layers"])
    size_bytes = listed["parameters"] * listed["stored_bytes_per_weight"]
    return KnownBase(architecture, size_bytes=size_bytes, tokenizer_bytes=0)
