"""What bringing in a base model takes."""

from llmlora.contracts.forecast import Expected, Facts, Forecaster, Part
from llmlora.recipes.blocks.forecast.conversions import no_data, no_time, weights_in_memory


def expect(facts: Facts) -> Expected:
    """Memory for the weights, disk for what is written."""
    return Expected(no_data(), weights_in_memory(facts), no_time(), _written(facts))


def _written(facts: Facts) -> tuple[Part, ...] | None:
    """Nothing for what is there and for a directory used in place; a download's size only the hub knows."""
    reference = facts.base_model or ""
    if facts.is_registered or (reference.startswith("path:") and not reference.lower().endswith(".gguf")):
        return ()
    if facts.size_bytes is None:
        return None
    words = "展開した重み（fp32）と元の GGUF", "The weights in float32 and the GGUF they come from"
    return (Part(name="model", size_bytes=facts.size_bytes, ja=words[0], en=words[1]),)


FORECAST = Forecaster(expect)
