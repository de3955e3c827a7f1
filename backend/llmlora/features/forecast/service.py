"""Forecasts a job before it starts. Works before the bundled model was ever imported; never loads a model."""

import asyncio
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmlora.data.mask import row_length
from llmlora.features.datasets.service import find_exactly, rows_path
from llmlora.features.forecast import conversions, repository
from llmlora.features.forecast.architecture import (
    BUNDLED_ARCHITECTURE,
    BUNDLED_TOKENIZER_BYTES,
    Architecture,
    architecture_of,
)
from llmlora.features.forecast.duration import (
    Schedule,
    flops_per_token,
    forecast_time,
    schedule_of,
)
from llmlora.features.forecast.lengths import (
    Lengths,
    counted_lengths,
    estimated_lengths,
    unknown_lengths,
)
from llmlora.features.forecast.memory import Load, Place, choose_place, forecast_memory, will_recompute
from llmlora.features.forecast.repository import PastSpeed
from llmlora.features.forecast.schemas import Forecast, LengthForecast, MemoryForecast
from llmlora.features.forecast.storage import (
    forecast_disk,
    tokenizer_bytes_of,
    training_parts,
)
from llmlora.features.models.service import find_base_model, refuse_missing_files
from llmlora.features.recipes.configs import find_recipe, refuse_kind, validate_config
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError
from llmlora.recipes.import_base_model.reference import BUNDLED
from llmlora.recipes.text_lora.spec import TextLoraConfig
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow


@dataclass(frozen=True)
class Base:
    """The base model as far as it is known. `row` None: not imported yet; `architecture` None: nobody knows."""

    reference: str
    row: BaseModelRow | None
    architecture: Architecture | None
    tokenizer_bytes: int


async def forecast(
    database: Database,
    settings: Settings,
    *,
    recipe: str,
    config: dict[str, Any],
    dataset_id: str | None,
    base_model: str | None,
    device: str = "auto",
) -> Forecast:
    """What a job will take of memory, time and disk.

    Raises:
        RecipeNotFoundError: there is no such recipe.
        ConfigInvalidError: names every setting that is wrong.
        DatasetNotFoundError: there is no such dataset.
        DatasetFilesGoneError, BaseModelFilesGoneError: the files are no longer there.
        RecipeRefusesKindError: the recipe does not take such data.
        UnknownBaseModelError: the reference cannot be read.
        AmbiguousBaseModelError: it means several.
    """
    spec = find_recipe(recipe)
    checked = validate_config(spec, config)
    dataset = None
    if dataset_id is not None and "dataset" in spec.inputs:
        dataset = await find_exactly(database, dataset_id)
        refuse_kind(spec, dataset.kind)
        rows_path(dataset, settings.data_dir)  # what is gone is told, whatever is known of its lengths
    named = base_model or checked.get("reference") or BUNDLED
    base = await _find_base(database, settings.data_dir, str(named))
    if recipe != "text_lora" or base.architecture is None:
        return await asyncio.to_thread(
            conversions.forecast_conversion,
            recipe,
            checked,
            reference=base.reference,
            architecture=base.architecture,
            is_registered=base.row is not None,
            data_dir=settings.data_dir,
        )
    wanted = TextLoraConfig.model_validate(checked)
    past = await _past(database, recipe, base, device)
    return await asyncio.to_thread(
        _forecast_training, wanted, dataset, base, base.architecture, past, settings.data_dir, device
    )


async def _find_base(database: Database, data_dir: Path, named: str) -> Base:
    if "\0" in named:  # PostgreSQL holds no such text
        raise UnknownBaseModelError(reference=named.replace("\0", "?"), known=BUNDLED)
    async with database.unit_of_work() as session:
        row = await find_base_model(session, named)
        session.expunge_all()
    if row is not None:
        await refuse_missing_files(row, data_dir)
        known = await asyncio.to_thread(architecture_of, row, data_dir)
        tokenizer = await asyncio.to_thread(tokenizer_bytes_of, data_dir / row.path)
        return Base(row.reference, row, known, tokenizer)
    known = BUNDLED_ARCHITECTURE if named.strip() == BUNDLED else None
    return Base(named, None, known, BUNDLED_TOKENIZER_BYTES)


async def _past(database: Database, recipe: str, base: Base, device: str) -> list[PastSpeed]:
    names = [base.reference, *([base.row.id] if base.row else [])]
    async with database.unit_of_work() as session:
        return await repository.past_speeds(session, names, recipe, device, platform.node())


def _forecast_training(
    config: TextLoraConfig,
    dataset: DatasetRow | None,
    base: Base,
    model: Architecture,
    past: list[PastSpeed],
    data_dir: Path,
    device: str,
) -> Forecast:
    max_length = row_length(config.max_length, model.context)
    lengths = _lengths(dataset, base, model, data_dir, max_length)
    share = 1.0 if config.loss_on == "everything" else lengths.supervised_share
    place = choose_place(device, config.precision)
    memory = _memory(config, lengths, share, model, place, max_length)
    plan = _plan(config, lengths, max_length)
    time = forecast_time(
        plan,
        _flops(config, lengths, share, model, recompute=memory.recompute),
        place,
        model,
        [(one, _flops_of_past(one, lengths, share, model)) for one in past],
    )
    return Forecast(
        recipe="text_lora",
        base_model=base.reference,
        dataset_id=dataset.id if dataset else None,
        lengths=_lengths_out(lengths, share),
        memory=memory,
        time=time,
        disk=forecast_disk(
            training_parts(
                _lora_weights(config, model),
                steps=plan.steps if plan else None,
                checkpoint_interval=config.checkpoint_interval,
                keep_checkpoints=config.keep_checkpoints,
                keeps_best=config.early_stopping_patience is not None,
                tokens=lengths.tokens if plan else 0,
                tokenizer_bytes=base.tokenizer_bytes,
            ),
            data_dir,
        ),
    )


def _lengths(
    dataset: DatasetRow | None, base: Base, model: Architecture, data_dir: Path, max_length: int
) -> Lengths:
    if dataset is None:
        return unknown_lengths(max_length)
    counted = counted_lengths(dataset, base.row, data_dir, max_length)
    return counted or estimated_lengths(dataset, rows_path(dataset, data_dir), model.vocab, max_length)


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
    tokens = max_length * config.batch_size if config.packing else lengths.longest_pass(config.batch_size)
    load = Load(
        tokens=tokens,
        supervised=round(tokens * share),
        rank=config.rank,
        lora_weights=_lora_weights(config, model),
    )
    recompute = will_recompute(config.gradient_checkpointing, model, place, tokens)
    return forecast_memory(model, place, load, recompute=recompute)


def _plan(config: TextLoraConfig, lengths: Lengths, max_length: int) -> Schedule | None:
    return schedule_of(
        lengths,
        batch_size=config.batch_size,
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


def _flops_of_past(past: PastSpeed, lengths: Lengths, share: float, model: Architecture) -> float:
    """Operations a token of a past job; its data is not looked up again: ours stands for it."""
    config = TextLoraConfig.model_validate(past.config)
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
