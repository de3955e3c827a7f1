"""How long a LoRA run takes: operations a token ÷ operations a second.

Operations a token (block weights N, head h·V, supervised share c, LoRA weights n): 2N forward, 2N backward through the
frozen weights, 4·c·h·V at the head (both ways), 6n for the adapters, 2N more with recomputation; attention adds 6 times
hidden × layers × mean row length. SmolLM2-135M: 0.56 GFLOP a token.

Operations a second, best source first: past jobs with the same base model on this machine; a timed matrix product of
this CPU, of which training reached 0.8 (80 tokens/s, 48 GFLOP/s, where the product ran at 53 to 57 on one core of an
AMD EPYC beside busy neighbours); the GPU's cores × clock, of which a small model may reach 0.3 (not measured).
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import Lengths, Machine, PastSpeed, TimeBasis, TimeForecast
from llmlora.data.pack import pack_best_fit
from llmlora.recipes.blocks.forecast.memory import Place

CPU_SHARE = 0.8
GPU_SHARE = 0.3
# Small kernels of one layer, both ways, that no matrix product hides; and loading libraries and model.
LAYER_OVERHEAD_S: dict[str, float] = {"cpu": 3e-3, "cuda": 6e-4, "mps": 1e-3}
START_S = 10.0
# A held-out token is only passed forward.
EVALUATION_SHARE = 0.5
# Packing so many rows takes a few milliseconds.
PACKED_ROWS = 5000


@dataclass(frozen=True)
class Schedule:
    """How often a run steps. `tokens`: of the whole run; `passes`: forward passes."""

    steps: int
    steps_per_epoch: int
    passes: int
    tokens: int
    evaluation_tokens: int


def schedule_of(
    lengths: Lengths,
    *,
    batch_size: int,
    gradient_accumulation: int,
    epochs: float,
    max_steps: int | None,
    pack_to: int | None,
    eval_split: float,
    eval_interval: int | None,
) -> Schedule | None:
    """As `recipes.blocks.batches` will plan; None where the number of rows is not known."""
    if lengths.rows is None:
        return None
    held = max(1, round(lengths.rows * eval_split)) if eval_split > 0 else 0
    rows = max(1, lengths.rows - held)
    per_row = lengths.tokens / max(lengths.rows, 1)
    units = rows if pack_to is None else max(1, round(_bins(lengths, pack_to) * rows / max(1, lengths.rows)))
    passes_per_epoch = math.ceil(units / batch_size)
    steps_per_epoch = math.ceil(passes_per_epoch / gradient_accumulation)
    steps = max_steps or max(1, math.ceil(epochs * steps_per_epoch))
    rounds = steps / steps_per_epoch
    evaluations = 1 + steps // (eval_interval or steps_per_epoch) if held else 0
    return Schedule(
        steps=steps,
        steps_per_epoch=steps_per_epoch,
        passes=math.ceil(rounds * passes_per_epoch),
        tokens=round(rounds * rows * per_row),
        evaluation_tokens=round(evaluations * held * per_row),
    )


def _bins(lengths: Lengths, capacity: int) -> int:
    """How many bins the rows fill, packed as training packs them; of very many rows a part stands for the rest."""
    whole = max(1, sum(rows for _, rows in lengths.sizes))
    # Sizes are upper bounds of lengths that were counted in bars; their sum is known exactly.
    scale = lengths.tokens / max(1, sum(tokens * rows for tokens, rows in lengths.sizes))
    share = min(1.0, PACKED_ROWS / whole)
    packed = [
        min(capacity, max(1, round(tokens * scale)))
        for tokens, rows in lengths.sizes
        for _ in range(math.ceil(rows * share))
    ]
    return math.ceil(len(pack_best_fit(packed, capacity)) / max(1, len(packed)) * (lengths.rows or 0))


def flops_per_token(
    model: Architecture, *, supervised_share: float, mean_length: float, lora_weights: int, recompute: bool
) -> float:
    """Operations of one training token, forward and backward."""
    blocks = (6 if recompute else 4) * model.block_weights()
    head = 4 * supervised_share * model.hidden * model.vocab
    attention = 6 * model.hidden * model.layers * mean_length
    return float(blocks + head + attention + 6 * lora_weights)


def forecast_time(
    schedule: Schedule | None,
    flops: float,
    place: Place,
    model: Architecture,
    past: Sequence[tuple[PastSpeed, float]],
    machine: Machine,
) -> TimeForecast:
    """Seconds and the assumption behind them. `past`: speeds with the operations a token of their own runs. Blocking
    where the processor is timed."""
    speed, basis, ja, en = _speed(flops, place, past, machine)
    seconds = None
    if schedule is not None and speed is not None:
        work = schedule.tokens + EVALUATION_SHARE * schedule.evaluation_tokens
        overhead_s = LAYER_OVERHEAD_S[place.device] * model.layers * schedule.passes
        # Speeds of past jobs include such overheads.
        seconds = round(START_S + work / speed + (0 if basis == "past_jobs" else overhead_s), 1)
    return TimeForecast(
        steps=schedule.steps if schedule else None,
        steps_per_epoch=schedule.steps_per_epoch if schedule else None,
        tokens=schedule.tokens if schedule else None,
        flops_per_token=flops,
        tokens_per_s=None if speed is None else round(speed, 2),
        seconds=seconds,
        basis=basis,
        ja=ja,
        en=en,
    )


def _speed(
    flops: float, place: Place, past: Sequence[tuple[PastSpeed, float]], machine: Machine
) -> tuple[float | None, TimeBasis, str, str]:
    if past:
        known = statistics.median(one.tokens_per_s * own for one, own in past)
        count = len(past)
        return (
            known / flops,
            "past_jobs",
            f"このマシンで同じベースモデルを使ったジョブ {count} 件の速さから",
            f"from the speed of {count} {'job' if count == 1 else 'jobs'} with the same base model on this machine",
        )
    if place.device == "cpu":
        rate = CPU_SHARE * machine.cpu_flops()
        return (
            rate / flops,
            "measured_cpu",
            f"この CPU で測った行列積の速さの {CPU_SHARE:.0%}（毎秒 {rate / 1e9:.0f} GFLOP）と仮定",
            f"assuming {rate / 1e9:.0f} GFLOP/s, {CPU_SHARE:.0%} of a matrix product timed on this CPU",
        )
    if place.accelerator is not None and place.accelerator.fp32_flops is not None:
        rate = GPU_SHARE * place.accelerator.fp32_flops
        return (
            rate / flops,
            "gpu_figures",
            f"{place.accelerator.name} の公称性能の {GPU_SHARE:.0%}（毎秒 {rate / 1e12:.1f} TFLOP、未測定）と仮定",
            f"assuming {rate / 1e12:.1f} TFLOP/s, {GPU_SHARE:.0%} of the nominal speed of {place.accelerator.name}; not measured",
        )
    return None, "none", "このデバイスの速さはまだ分かりません", "the speed of this device is not known yet"
