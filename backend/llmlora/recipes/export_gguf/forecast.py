"""What a conversion to GGUF takes."""

from collections.abc import Mapping
from typing import Any

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import Expected, Facts, Forecaster, Part
from llmlora.recipes.blocks.forecast.conversions import held_weights, no_data, no_time, weights_in_memory
from llmlora.recipes.blocks.forecast.storage import BYTES_OF_OUTTYPE, exported_bytes
from llmlora.recipes.export_gguf.spec import ExportGgufConfig

# An adapter's size is that of its job; what a small one takes stands for it.
_ADAPTER_BYTES = 16 << 20


def expect(facts: Facts) -> Expected:
    """Memory for the weights, disk for the file."""
    return Expected(no_data(), weights_in_memory(facts), no_time(), _written(facts))


def _written(facts: Facts) -> tuple[Part, ...] | None:
    config, model = facts.config, facts.architecture
    assert isinstance(config, ExportGgufConfig)
    if model is None:
        return None
    if config.target == "adapter":
        ja, en, size = "アダプターの GGUF（目安）", "The adapter's GGUF (roughly)", float(_ADAPTER_BYTES)
    else:
        ja, en = f"モデルの GGUF（{config.outtype}）", f"The model's GGUF ({config.outtype})"
        size = BYTES_OF_OUTTYPE[config.outtype] * model.parameters
    return (Part(name="gguf", size_bytes=round(size), ja=ja, en=en),)


def held_bytes(model: Architecture | None, config: Mapping[str, Any]) -> int:
    """An adapter is converted without its base."""
    return 0 if config["target"] == "adapter" else held_weights(model, config)


def written_bytes(parameters: int, config: Mapping[str, Any]) -> int:
    """What lies on the disk while the file is made."""
    return exported_bytes(config["target"], config["outtype"], parameters)


FORECAST = Forecaster(expect, held_bytes=held_bytes, written_bytes=written_bytes)
