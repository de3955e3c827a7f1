"""What the training of a classifier takes of memory, time and disk.

Per token and layer an encoder's backward pass needs 34 · hidden bytes at two bytes a number (Korthikanti et al. 2022,
equation 2 without the score terms), twice that in float32, in which the weights are kept. Of a class one output is made a row: nothing.
"""

from collections.abc import Mapping
from typing import Any

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import (
    Expected,
    Facts,
    Forecaster,
    LengthForecast,
    Lengths,
    MemoryForecast,
    Part,
)
from llmlora.contracts.recipe import number_of
from llmlora.recipes.blocks.automatic_batch import automatic_batch
from llmlora.recipes.blocks.forecast.conversions import no_data, no_time
from llmlora.recipes.blocks.forecast.duration import forecast_time, schedule_of
from llmlora.recipes.blocks.forecast.memory import (
    CUDA_CONTEXT_BYTES,
    HELD_FACTOR,
    LIBRARIES_BYTES,
    Place,
    activations_as_the_run_sees_them,
    choose_place,
    verdict_of,
)
from llmlora.recipes.text_classification.spec import DEFAULT_MAX_LENGTH, USUAL_BATCH, TextClassificationConfig


def expect(facts: Facts) -> Expected:
    """Of a model whose numbers nobody knows yet, nothing is said."""
    config, model = facts.config, facts.architecture
    assert isinstance(config, TextClassificationConfig)
    if model is None:
        unknown = no_data("モデルを取り込むと分かります", "known once the model is imported")
        return Expected(unknown, None, no_time(), None)
    lengths = facts.lengths_of(config.max_length or min(DEFAULT_MAX_LENGTH, model.context))
    place = choose_place(facts.device, config.precision, facts.machine)
    schedule = schedule_of(
        lengths,
        batch_size=number_of(config.batch_size),
        gradient_accumulation=config.gradient_accumulation,
        epochs=config.epochs,
        max_steps=config.max_steps,
        pack_to=None,
        eval_split=min(0.9, config.eval_split + config.test_split),
        eval_interval=config.eval_interval,
    )
    time = forecast_time(
        schedule,
        _flops(config, lengths, model),
        place,
        model,
        [(one, _flops_of_past(one.config, lengths, model)) for one in facts.past],
        facts.machine,
    )
    steps = schedule.steps if schedule else None
    return Expected(
        _lengths_out(lengths),
        _memory(config, lengths, model, place),
        time,
        _disk(config, model, facts, steps),
    )


def _block_weights(model: Architecture) -> int:
    """Of the layers' four projections and two feed-forward products."""
    return model.layers * (4 * model.hidden**2 + 2 * model.hidden * model.intermediate)


def _learned(config: TextClassificationConfig, model: Architecture) -> int:
    """Weights that learn, the head's few aside."""
    if config.method == "full":
        return model.parameters
    inputs_and_outputs = 4 * 2 * model.hidden + 2 * (model.hidden + model.intermediate)
    return model.layers * config.rank * inputs_and_outputs + model.hidden**2


def _flops(config: TextClassificationConfig, lengths: Lengths, model: Architecture) -> float:
    """Operations of one token: forward, backward, and once more for weights that learn."""
    blocks = (6 if config.method == "full" else 4) * _block_weights(model)
    adapters = 0 if config.method == "full" else 6 * _learned(config, model)
    return float(blocks + adapters + 6 * model.hidden * model.layers * lengths.mean)


def _flops_of_past(past: Mapping[str, Any], lengths: Lengths, model: Architecture) -> float:
    return _flops(TextClassificationConfig.model_validate(past), lengths, model)


def _memory(
    config: TextClassificationConfig, lengths: Lengths, model: Architecture, place: Place
) -> MemoryForecast:
    # Rows of a pass are as long as its longest one.
    tokens = lengths.longest * number_of(config.batch_size)
    learned = _learned(config, model)
    in_float32 = Place(place.device, "fp32", place.free_bytes, place.total_bytes, place.accelerator)
    activations = round(
        HELD_FACTOR[place.device] * activations_as_the_run_sees_them(model, in_float32, tokens)
    )
    parts = [
        Part(
            name="weights",
            size_bytes=4 * model.parameters,
            ja=f"重み {model.parameters:,} 個（fp32）",
            en=f"{model.parameters:,} weights in float32",
        ),
        Part(
            name="optimizer",
            size_bytes=8 * learned,
            ja="AdamW の 2 つのモーメント（fp32）",
            en="AdamW's two moments in float32",
        ),
        Part(
            name="gradients",
            size_bytes=4 * learned,
            ja="学習する重みの勾配（fp32）",
            en="Gradients of the weights that learn, in float32",
        ),
        Part(
            name="activations",
            size_bytes=activations,
            ja=f"逆伝播のための途中結果、{tokens:,} トークン",
            en=f"Activations kept for the backward pass, {tokens:,} tokens",
        ),
        Part(
            name="libraries",
            size_bytes=CUDA_CONTEXT_BYTES if place.device == "cuda" else LIBRARIES_BYTES,
            ja="Python とライブラリ" if place.device != "cuda" else "CUDA とライブラリ",
            en="Python and its libraries" if place.device != "cuda" else "CUDA and its libraries",
        ),
    ]
    peak = sum(part.size_bytes for part in parts)
    return MemoryForecast(
        device=place.device,
        precision="fp32",
        recompute=False,
        longest_pass_tokens=tokens,
        peak_bytes=peak,
        free_bytes=place.free_bytes,
        total_bytes=place.total_bytes,
        verdict=verdict_of(peak, place.free_bytes),
        parts=parts,
    )


def _disk(
    config: TextClassificationConfig, model: Architecture, facts: Facts, steps: int | None
) -> tuple[Part, ...]:
    most = config.keep_checkpoints
    written = most if steps is None else min(most, steps // config.checkpoint_interval)
    each = (16 if config.early_stopping_patience is not None else 12) * _learned(config, model)
    return (
        Part(
            name="checkpoints",
            size_bytes=written * each,
            ja=f"チェックポイント {written} 個 × {each / 1e6:.1f} MB",
            en=f"{written} checkpoints × {each / 1e6:.1f} MB",
        ),
        Part(
            name="model",
            size_bytes=4 * model.parameters + facts.tokenizer_bytes,
            ja="完成したモデル（fp32）とトークナイザー",
            en="The finished model in float32 and its tokenizer",
        ),
    )


def _lengths_out(lengths: Lengths) -> LengthForecast:
    known = lengths.rows is not None
    ja, en = (
        ("最初の行の文字数から推定", "estimated from the characters of the first rows")
        if known
        else (
            "データが未指定のため、すべての行を最大長と仮定",
            "no data set is chosen; assuming that every row has the max length",
        )
    )
    return LengthForecast(
        rows=lengths.rows,
        tokens_per_epoch=lengths.tokens if known else None,
        supervised_tokens_per_epoch=None,
        longest_row_tokens=lengths.longest,
        basis=lengths.basis,
        ja=ja,
        en=en,
    )


FORECAST = Forecaster(expect, speed="train/tokens_per_s", automatic=automatic_batch(USUAL_BATCH))
