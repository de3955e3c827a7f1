"""What bringing in a base model takes."""

from llmlora.contracts.forecast import Expected, Facts, Forecaster, Part
from llmlora.contracts.text import Text
from llmlora.recipes.blocks.forecast.conversions import no_data, no_time, weights_in_memory
from llmlora.recipes.import_base_model.plan import has_gguf

_FROM_GGUF = Text(
    ja="展開した重み（fp32）と元の GGUF", en="The weights in float32 and the GGUF they come from"
)
_AS_PUBLISHED = Text(ja="公開されている重み", en="The weights as they are published")


def expect(facts: Facts) -> Expected:
    """Memory for the weights, disk for what is written."""
    return Expected(no_data(), weights_in_memory(facts), no_time(), _written(facts))


def _written(facts: Facts) -> tuple[Part, ...] | None:
    """Nothing for what is there and for a directory used in place; the size of most downloads only the hub knows."""
    reference = facts.base_model or ""
    if facts.is_registered or (reference.startswith("path:") and not reference.lower().endswith(".gguf")):
        return ()
    if facts.size_bytes is None:
        return None
    words = _FROM_GGUF if has_gguf(reference) else _AS_PUBLISHED
    return (Part(name="model", size_bytes=facts.size_bytes, ja=words.ja, en=words.en),)


FORECAST = Forecaster(expect)
