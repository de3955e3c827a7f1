"""What a conversion to Core ML takes."""

from collections.abc import Mapping
from typing import Any

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import Expected, Facts, Forecaster, Part
from llmlora.recipes.blocks.forecast.conversions import no_data, no_time, weight_parts, weights_in_memory
from llmlora.recipes.export_coreml.spec import ExportCoremlConfig

BYTES = {"float16": 2, "float32": 4}
BESIDE = 6
"""How many times the weights in float32 lie in memory beside the model, at the peak of a conversion (measured, see README)."""


def expect(facts: Facts) -> Expected:
    """Memory for the model and the program that it becomes, disk for the package."""
    model, config = facts.architecture, facts.config
    assert isinstance(config, ExportCoremlConfig)
    beside = () if model is None else (_conversion_part(model),)
    return Expected(no_data(), weights_in_memory(facts, beside=beside), no_time(), _written(model, config))


def _conversion_part(model: Architecture) -> Part:
    return Part(
        name="conversion",
        size_bytes=BESIDE * 4 * model.parameters,
        ja="変換と照合に使う写し（fp32）",
        en="Copies for converting and checking, in float32",
    )


def _written(model: Architecture | None, config: ExportCoremlConfig) -> tuple[Part, ...] | None:
    if model is None:
        return None
    size = BYTES[config.precision] * model.parameters
    name = f"Core ML（{config.precision}）", f"Core ML ({config.precision})"
    return (Part(name="coreml", size_bytes=size, ja=name[0], en=name[1]),)


def held_bytes(model: Architecture | None, _config: Mapping[str, Any]) -> int:
    """The model, and what it is converted to."""
    if model is None:
        return 0
    return sum(part.size_bytes for part in (*weight_parts(model), _conversion_part(model)))


def written_bytes(parameters: int, config: Mapping[str, Any]) -> int:
    """What lies on the disk while the package is made: a merged model, too."""
    return (4 + BYTES[str(config["precision"])]) * parameters


FORECAST = Forecaster(expect, held_bytes=held_bytes, written_bytes=written_bytes)
