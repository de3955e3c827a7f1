"""Peak memory of a LoRA run, in parts.

Per token and layer autograd keeps (7h + 2·kv + 4·i + 7r) numbers (h hidden, kv key width, i intermediate, r rank) and, in
half precision, two rows of h in float32 for the norms; counted with saved-tensor hooks on SmolLM2-135M: 1.22 MiB a
token in float32, the formula gives 1.21. Recomputation keeps one h a layer. At the head every supervised token
takes its logits, their log-softmax and a gradient, each as long as the vocabulary.

Calibration (AMD EPYC, 2 cores, torch 2.13, SmolLM2-135M de-quantised, rank 8, float32, VmHWM of the child; T tokens
a pass, S of them supervised): 53/20: 1130 MiB; 512/479: 2405; 1024/892: 3738; 2048/1916: 6585 and 6647; 1724/12: 4702;
2048/1916 with recomputation: 4251; rank 64: 6754. On the CPU a process holds 1.78 × (with recomputation 0.87 ×) what
autograd keeps, since freed blocks stay in malloc's heap; the libraries take 460 MiB. With these the formula is
within 5 % of every float32 run above. GPU figures follow the same formula and were not measured.
"""

from dataclasses import dataclass
from typing import Literal

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.forecast import Machine, MemoryForecast, Part, Verdict
from llmlora.kit.machine import Accelerator
from llmlora.recipes.blocks.head_rows import head_rows

Device = Literal["cpu", "cuda", "mps"]
Precision = Literal["fp32", "bf16", "fp16"]

LIBRARIES_BYTES = 460 << 20
CUDA_CONTEXT_BYTES = 600 << 20
HELD_FACTOR: dict[Device, float] = {"cpu": 1.78, "cuda": 1.15, "mps": 1.15}
RECOMPUTE_FACTOR: dict[Device, float] = {"cpu": 0.87, "cuda": 0.2, "mps": 0.2}
# As `recipes.blocks.memory`: recompute once its own forecast passes this share of the free memory.
RECOMPUTE_SHARE = 0.5
# Beyond this share of what is free it may still work; whatever else starts meanwhile decides.
COMFORTABLE_SHARE = 0.8


@dataclass(frozen=True)
class Place:
    """Where a run would compute, and what is free there."""

    device: Device
    precision: Precision
    free_bytes: int
    total_bytes: int
    accelerator: Accelerator | None = None

    @property
    def number_bytes(self) -> int:
        """Bytes of one frozen weight."""
        return 4 if self.precision == "fp32" else 2


@dataclass(frozen=True)
class Load:
    """What one pass does: `tokens` through the blocks, `supervised` of them at the head."""

    tokens: int
    supervised: int
    rank: int
    lora_weights: int


def choose_place(device: str, precision: str, machine: Machine) -> Place:
    """As `recipes.blocks.placement` will choose, judged without torch: by the driver and the processor's flags."""
    gpus = machine.accelerators
    if gpus and device in ("auto", "cuda"):
        gpu = max(gpus, key=lambda one: one.total_bytes - one.used_bytes)
        chosen: Precision = "bf16" if precision == "auto" else precision  # type: ignore[assignment]
        return Place("cuda", chosen, gpu.total_bytes - gpu.used_bytes, gpu.total_bytes, gpu)
    memory, apple = machine.memory, machine.apple
    if device == "mps" or (device == "auto" and apple is not None):
        share, fast = (apple.share, apple.multiplies_bf16) if apple else (1.0, False)
        chosen = ("bf16" if fast else "fp16") if precision == "auto" else precision  # type: ignore[assignment]
        total = round(share * memory.total_bytes)
        return Place("mps", chosen, min(total, memory.available_bytes), total)
    quick = "bf16" if machine.multiplies_bf16 else "fp32"
    chosen = quick if precision == "auto" else precision  # type: ignore[assignment]
    return Place("cpu", chosen, memory.available_bytes, memory.total_bytes)


def kept_by_autograd(model: Architecture, place: Place, load: Load) -> int:
    """Bytes that the backward pass will need of the blocks' forward pass."""
    hidden, keys = model.hidden, model.kv_heads * model.head_dim
    numbers = 7 * hidden + 2 * keys + 4 * model.intermediate + 7 * load.rank
    norms = 8 * hidden if place.number_bytes == 2 else 0
    return model.layers * load.tokens * (numbers * place.number_bytes + norms)


def will_recompute(wanted: str, model: Architecture, place: Place, tokens: int) -> bool:
    """Whether gradient checkpointing will be on: the rule of `recipes.blocks.memory`."""
    if wanted != "auto":
        return wanted == "on"
    return activations_as_the_run_sees_them(model, place, tokens) > RECOMPUTE_SHARE * place.free_bytes


def activations_as_the_run_sees_them(model: Architecture, place: Place, tokens: int) -> int:
    """The formula of `recipes.blocks.memory.activation_bytes` (Korthikanti et al. 2022); a test compares the two."""
    return int(34 * tokens * model.hidden * model.layers * place.number_bytes / 2)


def forecast_memory(model: Architecture, place: Place, load: Load, *, recompute: bool) -> MemoryForecast:
    """Sum and parts of the peak, against what is free now."""
    parts = _parts(model, place, load, recompute=recompute)
    peak = sum(part.size_bytes for part in parts)
    return MemoryForecast(
        device=place.device,
        precision=place.precision,
        recompute=recompute,
        longest_pass_tokens=load.tokens,
        peak_bytes=peak,
        free_bytes=place.free_bytes,
        total_bytes=place.total_bytes,
        verdict=verdict_of(peak, place.free_bytes),
        parts=parts,
    )


def booked(memory: MemoryForecast) -> tuple[int, int]:
    """Bytes of the machine's memory and of its accelerator's that a job holds while it runs."""
    if memory.device != "cuda":  # Apple's accelerator works in the machine's memory
        return memory.peak_bytes, 0
    return LIBRARIES_BYTES, memory.peak_bytes


def verdict_of(needed_bytes: int, free_bytes: int | None) -> Verdict:
    """Whether it fits, with or without room to spare."""
    if free_bytes is None:
        return "unknown"
    if needed_bytes > free_bytes:
        return "does_not_fit"
    return "tight" if needed_bytes > COMFORTABLE_SHARE * free_bytes else "fits"


def _parts(model: Architecture, place: Place, load: Load, *, recompute: bool) -> list[Part]:
    each, lora = place.number_bytes, load.lora_weights
    factor = (RECOMPUTE_FACTOR if recompute else HELD_FACTOR)[place.device]
    activations = round(factor * kept_by_autograd(model, place, load))
    at_once = min(load.supervised, head_rows(model.vocab))
    logits = at_once * model.vocab * (12 if each == 4 else 16)
    libraries = CUDA_CONTEXT_BYTES if place.device == "cuda" else LIBRARIES_BYTES
    how = ("再計算あり", "with recomputation") if recompute else ("再計算なし", "without recomputation")
    return [
        Part(
            name="weights",
            size_bytes=model.parameters * each,
            ja=f"凍結した重み {model.parameters:,} 個 × {each} バイト",
            en=f"{model.parameters:,} frozen weights × {each} bytes",
        ),
        Part(
            name="adapters",
            size_bytes=4 * lora,
            ja=f"LoRA の重み {lora:,} 個（fp32）",
            en=f"{lora:,} LoRA weights in float32",
        ),
        Part(
            name="optimizer",
            size_bytes=8 * lora,
            ja="AdamW の 2 つのモーメント（fp32）",
            en="AdamW's two moments in float32",
        ),
        Part(
            name="gradients",
            size_bytes=4 * lora,
            ja="LoRA の重みの勾配（fp32）",
            en="Gradients of the LoRA weights in float32",
        ),
        Part(
            name="activations",
            size_bytes=activations,
            ja=f"逆伝播のための途中結果、{load.tokens:,} トークン（{how[0]}）",
            en=f"Activations kept for the backward pass, {load.tokens:,} tokens ({how[1]})",
        ),
        Part(
            name="logits",
            size_bytes=logits,
            ja=f"一度に計算する学習対象 {at_once:,} トークン × 語彙 {model.vocab:,} の出力",
            en=f"Outputs of {at_once:,} supervised tokens at a time × vocabulary {model.vocab:,}",
        ),
        Part(
            name="libraries",
            size_bytes=libraries,
            ja="Python とライブラリ" if place.device != "cuda" else "CUDA とライブラリ",
            en="Python and its libraries" if place.device != "cuda" else "CUDA and its libraries",
        ),
    ]
