"""What the checks of a model in llama.cpp take."""

from collections.abc import Mapping
from typing import Any

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import Expected, Facts, Forecaster
from llmlora.recipes.blocks.forecast.conversions import (
    cache_part,
    held_weights,
    no_data,
    no_time,
    weights_in_memory,
)
from llmlora.recipes.deploy_llama_cpp.spec import DeployLlamaCppConfig


def expect(facts: Facts) -> Expected:
    """The model once more, to compare with, beside the server's cache; nothing is written."""
    config, model = facts.config, facts.architecture
    assert isinstance(config, DeployLlamaCppConfig)
    beside = (cache_part(model, config.context, config.max_tokens),) if model else ()
    return Expected(no_data(), weights_in_memory(facts, beside=beside), no_time(), ())


def held_bytes(model: Architecture | None, config: Mapping[str, Any]) -> int:
    """The model and the cache of one conversation."""
    if model is None:
        return 0
    cache = cache_part(model, config.get("context"), config.get("max_tokens"))
    return held_weights(model, config) + cache.size_bytes


FORECAST = Forecaster(expect, held_bytes=held_bytes)
