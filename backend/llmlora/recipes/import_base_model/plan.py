"""What is known of a base model before it is brought in."""

from llmlora.contracts.plan import Importing, KnownBase, Plan
from llmlora.recipes.blocks.base_reference import BUNDLED, parse
from llmlora.recipes.import_base_model.bundled import (
    BUNDLED_ARCHITECTURE,
    BUNDLED_SIZE_BYTES,
    BUNDLED_TOKENIZER_BYTES,
)


def has_gguf(reference: str) -> bool:
    """Whether llama.cpp can serve it as it comes: what is converted from a GGUF keeps it."""
    return parse(reference).source in ("bundled", "ollama") or reference.lower().endswith(".gguf")


def known(reference: str) -> KnownBase | None:
    """The bundled model's numbers."""
    if reference.strip() != BUNDLED:
        return None
    return KnownBase(BUNDLED_ARCHITECTURE, BUNDLED_SIZE_BYTES, BUNDLED_TOKENIZER_BYTES)


PLAN = Plan(importing=Importing(setting="reference", has_gguf=has_gguf, known=known))
