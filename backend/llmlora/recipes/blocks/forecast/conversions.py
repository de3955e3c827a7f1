"""Recipes that do not train: what can honestly be said about them."""

from collections.abc import Mapping
from typing import Any

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import Facts, LengthForecast, MemoryForecast, Part, TimeForecast
from llmlora.data.held import USUAL_TOKENS
from llmlora.recipes.blocks.forecast.context import cache_bytes_per_token, default_context
from llmlora.recipes.blocks.forecast.memory import LIBRARIES_BYTES, choose_place, verdict_of


def weights_in_memory(facts: Facts, *, beside: tuple[Part, ...] = ()) -> MemoryForecast | None:
    """The model once, in float32, on the CPU; None where its size is not known."""
    if facts.architecture is None:
        return None
    place = choose_place("cpu", "fp32", facts.machine)
    parts = [*weight_parts(facts.architecture), *beside]
    peak = sum(part.size_bytes for part in parts)
    return MemoryForecast(
        device=place.device,
        precision=place.precision,
        recompute=False,
        longest_pass_tokens=0,
        peak_bytes=peak,
        free_bytes=place.free_bytes,
        total_bytes=place.total_bytes,
        verdict=verdict_of(peak, place.free_bytes),
        parts=parts,
    )


def weight_parts(model: Architecture) -> list[Part]:
    """The weights in float32, and the program."""
    return [
        Part(
            name="weights",
            size_bytes=4 * model.parameters,
            ja=f"重み {model.parameters:,} 個（fp32）",
            en=f"{model.parameters:,} weights in float32",
        ),
        Part(
            name="libraries",
            size_bytes=LIBRARIES_BYTES,
            ja="Python とライブラリ",
            en="Python and its libraries",
        ),
    ]


def held_weights(model: Architecture | None, _config: Mapping[str, Any]) -> int:
    """Memory of a step that loads the model; nothing while its size is not known."""
    return 0 if model is None else sum(part.size_bytes for part in weight_parts(model))


def cache_part(model: Architecture, context: int | None, answer_tokens: int | None) -> Part:
    """The cache of one conversation, where a server is asked."""
    tokens = context or default_context(
        max_length=None, answer_tokens=answer_tokens or USUAL_TOKENS, limit=model.context
    )
    return Part(
        name="cache",
        size_bytes=tokens * cache_bytes_per_token(model),
        ja=f"推論サーバーのキャッシュ、文脈長 {tokens:,} トークン（fp16）",
        en=f"The inference server's cache, a context of {tokens:,} tokens (fp16)",
    )


def no_time() -> TimeForecast:
    """Nothing is said about how long it takes."""
    return TimeForecast(
        steps=None,
        steps_per_epoch=None,
        tokens=None,
        flops_per_token=None,
        tokens_per_s=None,
        seconds=None,
        basis="none",
        ja="時間は見積もれません",
        en="the time cannot be forecast",
    )


def no_data(ja: str = "データは使いません", en: str = "no data is used") -> LengthForecast:
    """No word about rows, and why."""
    return LengthForecast(
        rows=None,
        tokens_per_epoch=None,
        supervised_tokens_per_epoch=None,
        longest_row_tokens=None,
        basis="none",
        ja=ja,
        en=en,
    )
