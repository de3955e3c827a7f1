"""What is known of a base model before it is brought in."""

from llmlora.contracts.plan import Importing, KnownBase, Plan
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS


def has_gguf(reference: str) -> bool:
    """Whether llama.cpp can serve it as it comes: what is converted from a GGUF keeps it."""
    if bundled := BUNDLED_MODELS.get(reference.strip()):
        return bundled.has_gguf
    return parse(reference).source == "ollama" or reference.lower().endswith(".gguf")


def known(reference: str) -> KnownBase | None:
    """A bundled model's numbers."""
    bundled = BUNDLED_MODELS.get(reference.strip())
    return None if bundled is None else bundled.known


PLAN = Plan(importing=Importing(setting="reference", has_gguf=has_gguf, known=known))
