"""What a job will take, as it is told (`Forecast`), and the facts that a recipe's `forecast.py` reckons from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from llmlora.contracts.architecture import Architecture
from llmlora.contracts.recipe import RecipeConfig
from llmlora.contracts.text import Text
from llmlora.kit.machine import Accelerator, AppleGpu, Memory

Verdict = Literal["fits", "tight", "does_not_fit", "unknown"]
TimeBasis = Literal["past_jobs", "measured_cpu", "gpu_figures", "none"]
LengthBasis = Literal["tokenized", "estimated", "max_length", "none"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Shape):
    """One share of a sum, and where it comes from."""

    name: str
    size_bytes: int
    ja: str
    en: str


class MemoryForecast(_Shape):
    """Peak on the device. `precision`: in which the weights are kept. `recompute`: gradient checkpointing will be on. `longest_pass_tokens`: the largest batch."""

    device: Literal["cpu", "cuda", "mps"]
    precision: Literal["fp32", "bf16", "fp16"]
    recompute: bool
    longest_pass_tokens: int
    peak_bytes: int
    free_bytes: int
    total_bytes: int
    verdict: Verdict
    parts: list[Part]


class TimeForecast(_Shape):
    """How long it runs. `seconds` is null where nothing honest can be said; `ja` and `en` tell the assumption."""

    steps: int | None
    steps_per_epoch: int | None
    tokens: int | None
    flops_per_token: float | None
    tokens_per_s: float | None
    seconds: float | None
    basis: TimeBasis
    ja: str
    en: str


class DiskForecast(_Shape):
    """Bytes that stay on disk."""

    size_bytes: int | None
    free_bytes: int | None
    verdict: Verdict
    parts: list[Part]


class LengthForecast(_Shape):
    """The data in tokens, as far as it is known."""

    rows: int | None
    tokens_per_epoch: int | None
    supervised_tokens_per_epoch: int | None
    longest_row_tokens: int | None
    basis: LengthBasis
    ja: str
    en: str


class Forecast(_Shape):
    """Memory, time and disk of one job. `memory` is null where the model's size is not known yet. `chosen`: settings that
    the request left to the forecast (`auto`), and those that go with them, as they were chosen; empty while they cannot
    be."""

    recipe: str
    base_model: str | None
    dataset_id: str | None
    lengths: LengthForecast
    memory: MemoryForecast | None
    time: TimeForecast
    disk: DiskForecast
    chosen: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True)
class Machine:
    """Where a run would compute, as it is now. `cpu_flops`: operations a second of a matrix product, timed when asked."""

    memory: Memory
    accelerators: tuple[Accelerator, ...]
    multiplies_bf16: bool
    cpu_flops: Callable[[], float]
    apple: AppleGpu | None = None


class PastSpeed(NamedTuple):
    """Median speed of one past job, and the config it ran with."""

    tokens_per_s: float
    config: Mapping[str, Any]
    device: str


@dataclass(frozen=True)
class Lengths:
    """Rows in tokens, after truncation. `sizes`: (tokens, rows) pairs, longest first; `rows` of them in all."""

    basis: LengthBasis
    rows: int | None
    tokens: int
    supervised: int
    longest: int
    sizes: Sequence[tuple[int, int]]
    sampled_rows: int = 0

    @property
    def supervised_share(self) -> float:
        """Supervised tokens of all."""
        return self.supervised / max(self.tokens, 1)

    @property
    def mean(self) -> float:
        """Tokens of a row."""
        return self.tokens / max(sum(rows for _, rows in self.sizes), 1)

    def longest_pass(self, batch_size: int) -> int:
        """Tokens of the `batch_size` longest rows."""
        left, total = batch_size, 0
        for tokens, rows in self.sizes:
            taken = min(left, rows)
            total, left = total + taken * tokens, left - taken
        return total


@dataclass(frozen=True)
class Facts:
    """What is known before a job starts. `config`: checked; `base_model`: its reference, None where none is named;
    `architecture` and the sizes: None where nobody knows; `lengths_of(max_length)`: rows in tokens, cut there;
    `past`: earlier jobs of this recipe with this base on this machine, the newest first."""

    config: RecipeConfig
    device: str
    machine: Machine
    base_model: str | None
    is_registered: bool
    architecture: Architecture | None
    tokenizer_bytes: int
    size_bytes: int | None
    lengths_of: Callable[[int], Lengths]
    past: Sequence[PastSpeed]


@dataclass(frozen=True)
class Expected:
    """What a run will take. `disk`: what is written; None where nothing can be said."""

    lengths: LengthForecast
    memory: MemoryForecast | None
    time: TimeForecast
    disk: tuple[Part, ...] | None


@dataclass(frozen=True)
class Lighter:
    """Settings that take less memory, in words that stand in “fits with …”."""

    title: Text
    values: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Automatic:
    """A setting that may say `auto`. `choices(config)`: what it and the settings that go with it may become, the one that
    takes the most memory first, with all of which the training learns the same."""

    setting: str
    choices: Callable[[RecipeConfig], Sequence[Mapping[str, JsonValue]]]


def _nothing(_of: object, _config: Mapping[str, Any]) -> int:
    return 0


@dataclass(frozen=True)
class Forecaster:
    """A recipe's `forecast.py`. `speed`: the curve that tells how fast past jobs were; `held_bytes(model, config)`: memory
    that a step of a chain is given; `written_bytes(parameters, config)`: disk that it needs while it runs; `lighter`: what to
    change where memory is short, the harmless first; `automatic`: what is chosen by the memory."""

    expect: Callable[[Facts], Expected]
    speed: str | None = None
    held_bytes: Callable[[Architecture | None, Mapping[str, Any]], int] = _nothing
    written_bytes: Callable[[int, Mapping[str, Any]], int] = _nothing
    lighter: tuple[Lighter, ...] = ()
    automatic: Automatic | None = None
