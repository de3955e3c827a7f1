"""How the forecast chooses a batch size: rows an update stay the same, whatever fits in memory."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import JsonValue

from llmlora.contracts.forecast import Automatic
from llmlora.contracts.recipe import RecipeConfig

LARGEST_BATCH = LARGEST_ACCUMULATION = 4096
"""As the bounds of both settings say."""


def automatic_batch(usual: int) -> Automatic:
    """How the forecast chooses `batch_size` where it is `auto`, of a recipe whose usual one is `usual`."""
    return Automatic("batch_size", partial(_choices, usual))


def _choices(usual: int, config: RecipeConfig) -> list[Mapping[str, JsonValue]]:
    """Every way to make an update of the same rows of equal passes, the largest passes first."""
    asked: Any = config
    rows = asked.effective_batch_size or usual * asked.gradient_accumulation
    return [
        {"batch_size": size, "gradient_accumulation": rows // size}
        for size in range(min(rows, LARGEST_BATCH), 0, -1)
        if rows % size == 0 and rows // size <= LARGEST_ACCUMULATION
    ]
