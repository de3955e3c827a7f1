"""Exports that recipes which deploy need before them."""

from llmlora.contracts.deployment import USUAL_OUTTYPE, Preparation
from llmlora.recipes.export_gguf.spec import SPEC


def adapter_export(outtype: str) -> Preparation:
    """The adapter alone."""
    return Preparation("adapter_gguf", SPEC.name, {"target": "adapter", "outtype": outtype}, of_training=True)


def merged_export(outtype: str) -> Preparation:
    """Base and adapter as one model."""
    return Preparation("adapter_gguf", SPEC.name, {"target": "merged", "outtype": outtype}, of_training=True)


def base_export() -> Preparation:
    """The base beside an adapter."""
    return Preparation(
        "base_gguf", SPEC.name, {"target": "base", "outtype": USUAL_OUTTYPE}, of_training=False
    )


def beside_base(adapter: Preparation, *, has_gguf: bool) -> tuple[Preparation, ...]:
    """An adapter's export, and the base's where that has no GGUF yet."""
    return (adapter,) if has_gguf else (adapter, base_export())
