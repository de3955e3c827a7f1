"""What goes over the wire about forecasts."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from llmlora.kit.typed import Typed

Verdict = Literal["fits", "tight", "does_not_fit", "unknown"]
TimeBasis = Literal["past_jobs", "measured_cpu", "gpu_figures", "none"]
LengthBasis = Literal["tokenized", "estimated", "max_length", "none"]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ForecastRequest(Typed):
    """What is about to be started."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "text_lora"
    config: dict[str, JsonValue] = Field(
        default_factory=dict, max_length=100, description="Settings of the recipe; see GET /api/recipes."
    )
    dataset_id: (
        Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\w.-]+$")] | None
    ) = None
    base_model: (
        Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[^\x00]+$")] | None
    ) = Field(None, description="Id or reference; by default the bundled model.")
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"


class Part(_Shape):
    """One share of a sum, and where it comes from."""

    name: str
    size_bytes: int
    ja: str
    en: str


class MemoryForecast(_Shape):
    """Peak on the device. `recompute`: gradient checkpointing will be on. `longest_pass_tokens`: the largest batch."""

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
    """Memory, time and disk of one job. `memory` is null where the model's size is not known yet."""

    recipe: str
    base_model: str | None
    dataset_id: str | None
    lengths: LengthForecast
    memory: MemoryForecast | None
    time: TimeForecast
    disk: DiskForecast
