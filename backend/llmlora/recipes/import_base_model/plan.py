"""What is known of a base model before it is brought in."""

from llmlora.contracts.plan import Importing, KnownBase, Plan
from llmlora.recipes.blocks.base_reference import parse
from llmlora.recipes.blocks.bundled_models import BUNDLED_MODELS
from llmlora.recipes.import_base_model.judging import refusal
from llmlora.recipes.import_base_model.recommended import recommended


def has_gguf(reference: str) -> bool:
    """Whether llama.cpp can serve it as it comes: what is converted from a GGUF keeps it."""
    if bundled := BUNDLED_MODELS.get(reference.strip()):
        return bundled.has_gguf
    return parse(reference).source == "ollama" or reference.lower().endswith(".gguf")


def known(reference: str) -> KnownBase | None:
    """The numbers of a bundled model, and of the others that are recommended, at their newest revision."""
    asked = reference.strip()
    if bundled := BUNDLED_MODELS.get(asked):
        return bundled.known
    return next((one.known for one in recommended() if one.reference == asked), None)


PLAN = Plan(
    importing=Importing(
        setting="reference", has_gguf=has_gguf, known=known, recommended=recommended, refusal=refusal
    )
)
