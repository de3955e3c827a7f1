"""What a LoRA run takes of memory, time and disk."""

from collections.abc import Mapping
from typing import Any

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import (
    Expected,
    Facts,
    Forecaster,
    LengthForecast,
    Lengths,
    Lighter,
    MemoryForecast,
)
from llmlora.contracts.recipe import number_of
from llmlora.contracts.text import Text
from llmlora.data.mask import row_length
from llmlora.recipes.blocks.automatic_batch import automatic_batch
from llmlora.recipes.blocks.forecast.conversions import no_data, no_time
from llmlora.recipes.blocks.forecast.duration import (
    Schedule,
    flops_per_token,
    forecast_time,
    schedule_of,
)
from llmlora.recipes.blocks.forecast.memory import Load, Place, choose_place, forecast_memory, will_recompute
from llmlora.recipes.blocks.forecast.storage import training_parts
from llmlora.recipes.text_lora.spec import USUAL_BATCH, TextLoraConfig


def expect(facts: Facts) -> Expected:
    """Of a model whose numbers nobody knows yet, nothing is said."""
    config, model = facts.config, facts.architecture
    assert isinstance(config, TextLoraConfig)
    if model is None:
        unknown = no_data("モデルを取り込むと分かります", "known once the model is imported")
        return Expected(unknown, None, no_time(), None)
    max_length = row_length(config.max_length, model.context)
    lengths = facts.lengths_of(max_length)
    share = 1.0 if config.loss_on == "everything" else lengths.supervised_share
    place = choose_place(facts.device, config.precision, facts.machine)
    memory = _memory(config, lengths, share, model, place, max_length)
    plan = _schedule(config, lengths, max_length)
    time = forecast_time(
        plan,
        _flops(config, lengths, share, model, recompute=memory.recompute),
        place,
        model,
        [(one, _flops_of_past(one.config, lengths, share, model)) for one in facts.past],
        facts.machine,
    )
    disk = training_parts(
        _lora_weights(config, model),
        steps=plan.steps if plan else None,
        checkpoint_interval=config.checkpoint_interval,
        keep_checkpoints=config.keep_checkpoints,
        keeps_best=config.early_stopping_patience is not None,
        tokens=lengths.tokens if plan else 0,
        tokenizer_bytes=facts.tokenizer_bytes,
    )
    return Expected(_lengths_out(lengths, share), memory, time, tuple(disk))


def _lora_weights(config: TextLoraConfig, model: Architecture) -> int:
    return model.lora_weights(config.rank, config.target_modules, dora=config.dora)


def _memory(
    config: TextLoraConfig,
    lengths: Lengths,
    share: float,
    model: Architecture,
    place: Place,
    max_length: int,
) -> MemoryForecast:
    rows = number_of(config.batch_size)
    tokens = max_length * rows if config.packing else lengths.longest_pass(rows)
    load = Load(
        tokens=tokens,
        supervised=round(tokens * share),
        rank=config.rank,
        lora_weights=_lora_weights(config, model),
    )
    recompute = will_recompute(config.gradient_checkpointing, model, place, tokens)
    return forecast_memory(model, place, load, recompute=recompute)


def _schedule(config: TextLoraConfig, lengths: Lengths, max_length: int) -> Schedule | None:
    return schedule_of(
        lengths,
        batch_size=number_of(config.batch_size),
        gradient_accumulation=config.gradient_accumulation,
        epochs=config.epochs,
        max_steps=config.max_steps,
        pack_to=max_length if config.packing else None,
        eval_split=config.eval_split,
        eval_interval=config.eval_interval,
    )


def _flops(
    config: TextLoraConfig, lengths: Lengths, share: float, model: Architecture, *, recompute: bool
) -> float:
    return flops_per_token(
        model,
        supervised_share=share,
        mean_length=lengths.mean,
        lora_weights=_lora_weights(config, model),
        recompute=recompute,
    )


def _flops_of_past(past: Mapping[str, Any], lengths: Lengths, share: float, model: Architecture) -> float:
    """Operations a token of a past job; its data is not looked up again: ours stands for it."""
    config = TextLoraConfig.model_validate(past)
    return _flops(config, lengths, share, model, recompute=config.gradient_checkpointing == "on")


def _lengths_out(lengths: Lengths, share: float) -> LengthForecast:
    words = {
        "tokenized": ("トークン化して計算", "counted by tokenizing"),
        "estimated": (
            f"最初の {lengths.sampled_rows:,} 行の文字数から推定",
            f"estimated from the characters of the first {lengths.sampled_rows:,} rows",
        ),
        "max_length": (
            "データが未指定のため、すべての行を最大長と仮定",
            "no data set is chosen; assuming that every row has the max length",
        ),
    }
    ja, en = words[lengths.basis]
    is_known = lengths.rows is not None
    return LengthForecast(
        rows=lengths.rows,
        tokens_per_epoch=lengths.tokens if is_known else None,
        supervised_tokens_per_epoch=round(lengths.tokens * share) if is_known else None,
        longest_row_tokens=lengths.longest,
        basis=lengths.basis,
        ja=ja,
        en=en,
    )


_RECOMPUTED = {"gradient_checkpointing": "on"}
# The same rows an update, fewer at a time.
_ONE_ROW = {"batch_size": 1, "gradient_accumulation": 4}
LIGHTER = (
    Lighter(Text(ja="途中の計算結果の再計算", en="activations that are recomputed"), _RECOMPUTED),
    Lighter(Text(ja="1 行ずつの計算", en="one row at a time"), _ONE_ROW),
    *(
        Lighter(
            Text(
                ja=f"最大長 {length} で 1 行ずつの再計算",
                en=f"a max length of {length}, one row at a time, recomputed",
            ),
            {**_RECOMPUTED, **_ONE_ROW, "max_length": length},
        )
        for length in (512, 256)
    ),
)

FORECAST = Forecaster(
    expect, speed="train/tokens_per_s", lighter=LIGHTER, automatic=automatic_batch(USUAL_BATCH)
)
