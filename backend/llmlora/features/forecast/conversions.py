"""Recipes that do not train, and models that nobody has looked into: what can honestly be said about them."""

from pathlib import Path
from typing import Any

from llmlora.data.held import USUAL_TOKENS
from llmlora.features.forecast.architecture import BUNDLED_SIZE_BYTES, Architecture
from llmlora.features.forecast.context import cache_bytes_per_token, default_context
from llmlora.features.forecast.memory import LIBRARIES_BYTES, Place, choose_place, verdict_of
from llmlora.features.forecast.schemas import (
    DiskForecast,
    Forecast,
    LengthForecast,
    MemoryForecast,
    Part,
    TimeForecast,
)
from llmlora.features.forecast.storage import BYTES_OF_OUTTYPE, forecast_disk, unknown_disk
from llmlora.recipes.deploy_ollama.spec import planned_route
from llmlora.recipes.import_base_model.reference import BUNDLED

# An adapter's size is that of its job; what a small one takes stands for it.
_ADAPTER_BYTES = 16 << 20


def forecast_conversion(
    recipe: str,
    config: dict[str, Any],
    *,
    reference: str,
    architecture: Architecture | None,
    is_registered: bool,
    data_dir: Path,
) -> Forecast:
    """Memory from the model's size, disk from what is written, no word about time. Blocking."""
    memory = None
    if architecture is not None:
        memory = _memory(architecture, config, choose_place("cpu", "fp32"))
    return Forecast(
        recipe=recipe,
        base_model=reference,
        dataset_id=None,
        lengths=LengthForecast(
            rows=None,
            tokens_per_epoch=None,
            supervised_tokens_per_epoch=None,
            longest_row_tokens=None,
            basis="none",
            ja="データは使いません" if recipe != "text_lora" else "モデルを取り込むと分かります",
            en="no data is used" if recipe != "text_lora" else "known once the model is imported",
        ),
        memory=memory,
        time=_no_time(),
        disk=_disk(recipe, config, reference, architecture, data_dir, is_registered=is_registered),
    )


def bytes_beside_a_training(model: Architecture | None, config: dict[str, Any]) -> int:
    """Memory that a step behind a training is given; nothing for what is not known yet, and for an adapter alone."""
    if model is None or config.get("target") == "adapter":
        return 0
    return sum(part.size_bytes for part in _parts(model, config))


def _parts(model: Architecture, config: dict[str, Any]) -> list[Part]:
    """The model once, in float32, on the CPU; beside it, where a server is asked, the cache of one conversation."""
    parts = [
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
    if "context" in config:
        parts.append(_cache(model, config))
    return parts


def _memory(model: Architecture, config: dict[str, Any], place: Place) -> MemoryForecast:
    parts = _parts(model, config)
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


def _cache(model: Architecture, config: dict[str, Any]) -> Part:
    tokens = config["context"] or default_context(
        max_length=None, answer_tokens=config.get("max_tokens") or USUAL_TOKENS, limit=model.context
    )
    return Part(
        name="cache",
        size_bytes=tokens * cache_bytes_per_token(model),
        ja=f"推論サーバーのキャッシュ、文脈長 {tokens:,} トークン（fp16）",
        en=f"The inference server's cache, a context of {tokens:,} tokens (fp16)",
    )


def _no_time() -> TimeForecast:
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


def _disk(
    recipe: str,
    config: dict[str, Any],
    reference: str,
    model: Architecture | None,
    data_dir: Path,
    *,
    is_registered: bool,
) -> DiskForecast:
    if recipe == "import_base_model":
        return _import_disk(reference, data_dir, is_registered=is_registered)
    if recipe == "export_gguf" and model is not None:
        is_adapter = config["target"] == "adapter"
        size = _ADAPTER_BYTES if is_adapter else BYTES_OF_OUTTYPE[config["outtype"]] * model.parameters
        ja = "アダプターの GGUF（目安）" if is_adapter else f"モデルの GGUF（{config['outtype']}）"
        en = "The adapter's GGUF (roughly)" if is_adapter else f"The model's GGUF ({config['outtype']})"
        return forecast_disk([Part(name="gguf", size_bytes=round(size), ja=ja, en=en)], data_dir)
    if recipe == "deploy_llama_cpp":
        return forecast_disk([], data_dir)
    if recipe == "deploy_ollama" and model is not None:
        return forecast_disk(_registration_parts(config, model), data_dir)
    return unknown_disk(data_dir)


def _registration_parts(config: dict[str, Any], model: Architecture) -> list[Part]:
    """What a merge writes here, if it comes to one; all of it goes when the job ends. Ollama's own disk is not ours."""
    if config["route"] == "adapter":
        return []
    only_ja, only_en = (
        "Ollama がアダプターを受け付けないときだけ、",
        ", only if Ollama does not accept adapters",
    )
    if planned_route(config["route"], config["quantize"]) == "merged":
        only_ja, only_en = "", ""
    return [
        Part(
            name="checkpoint",
            size_bytes=4 * model.parameters,
            ja=f"結合したモデル（{only_ja}登録が終わるまで）",
            en=f"The merged model (until it is registered{only_en})",
        ),
        Part(
            name="gguf",
            size_bytes=round(BYTES_OF_OUTTYPE["f16"] * model.parameters),
            ja=f"その GGUF（f16、{only_ja}登録が終わるまで）",
            en=f"Its GGUF in f16 (until it is registered{only_en})",
        ),
    ]


def _import_disk(reference: str, data_dir: Path, *, is_registered: bool) -> DiskForecast:
    """Nothing for what is there and for a directory used in place; a download's size only the hub knows."""
    if is_registered or (reference.startswith("path:") and not reference.lower().endswith(".gguf")):
        return forecast_disk([], data_dir)
    if reference == BUNDLED:
        part = Part(
            name="model",
            size_bytes=BUNDLED_SIZE_BYTES,
            ja="展開した重み（fp32）と元の GGUF",
            en="The weights in float32 and the GGUF they come from",
        )
        return forecast_disk([part], data_dir)
    return unknown_disk(data_dir)
