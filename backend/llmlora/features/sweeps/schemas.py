"""Sweeps as the wire shows and asks for them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from llmlora.contracts.events import Failure
from llmlora.contracts.states import JobState
from llmlora.contracts.sweep import Dimension, Objective, Sampler, Scalar, TrialOutcome
from llmlora.features.jobs.schemas import JobCreate, ProgressOut
from llmlora.kit.typed import Typed
from llmlora.kit.validation import goes_not_together

MOST_TRIALS = 10_000
MOST_PARALLEL = 64
SettingName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
EndReason = Literal[
    "trials", "time", "no_progress", "exhausted", "cancelled", "same_failure", "sampler_failed"
]
END_WORDS: dict[str, tuple[str, str]] = {
    "trials": ("決めた回数を試しました", "The number of trials was reached"),
    "time": ("決めた時間が過ぎました", "The time was used up"),
    "no_progress": ("良くならなくなりました", "There was no progress any more"),
    "exhausted": ("すべての組み合わせを試しました", "Every combination was tried"),
    "cancelled": ("中止しました", "It was cancelled"),
    "same_failure": (
        "最初の試行がすべて同じ理由で失敗しました",
        "The first trials all failed for the same reason",
    ),
    "sampler_failed": ("次に試す設定を選べませんでした", "What to try next could not be chosen"),
}
"""Why a sweep has ended: Japanese, English."""


def _named(value: Any) -> Any:
    return "tpe" if value == "bayesian" else value


SamplerName = Annotated[
    Sampler,
    BeforeValidator(_named),
    WithJsonSchema({"type": "string", "enum": ["grid", "random", "tpe", "bayesian", "cmaes", "gp"]}),
]


class Budget(Typed):
    """When no further trial is begun; those that run are waited for. `trials`: so many in all (a grid: all its points);
    `time_s`: after so many seconds, pauses left out; `no_progress`: after so many complete trials without a better one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trials: int | None = Field(None, ge=1, le=MOST_TRIALS)
    time_s: float | None = Field(None, gt=0, le=31_536_000)
    no_progress: int | None = Field(None, ge=1, le=MOST_TRIALS)


class Pruner(Typed):
    """When a trial is stopped that does worse than others did by then, by what it reports on its way.

    `metric`: by default the first objective. `startup_trials`: so many have to be complete before any is stopped;
    `warmup_steps`: nothing is decided up to this step. median: worse than the median of the others at the same step.
    asha: at steps `min_steps`, `min_steps`·`reduction`, … only the best of every `reduction` go on (Li et al. 2018); hyperband:
    the same in brackets that begin later (Li et al. 2016). patience: no better for `patience` steps.
    wilcoxon: the signed-rank test over the same steps (folds) says that the best so far is better, at level `p`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Literal["none", "median", "asha", "hyperband", "patience", "wilcoxon"] = "none"
    metric: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None
    startup_trials: int = Field(5, ge=0, le=1000)
    warmup_steps: int = Field(0, ge=0, le=2**53)
    min_steps: int = Field(1, ge=1, le=2**53)
    reduction: int = Field(3, ge=2, le=16)
    brackets: int = Field(3, ge=1, le=10)
    patience: int = Field(10, ge=1, le=2**53)
    p: float = Field(0.1, gt=0, lt=1)


class SweepCreate(JobCreate):
    """What is tried (as `POST /api/training/jobs` takes it; `config` are the settings that all trials share) and how.

    `space`: settings of the recipe by name, each a list of values, or a range."""

    space: dict[SettingName, list[Scalar] | Dimension] = Field(min_length=1, max_length=32)
    sampler: SamplerName = "tpe"
    objectives: list[Objective] = Field(
        default_factory=list, max_length=4, description="By default the main curve of the recipe."
    )
    budget: Budget = Budget()
    parallel: int = Field(1, ge=1, le=MOST_PARALLEL, description="Trials that run or wait at a time.")
    pruner: Pruner = Pruner()
    keep_best: int | None = Field(
        None, ge=1, le=1000, description="So many trials keep their weights; by default all."
    )
    seed: int = Field(0, ge=0, le=2**53)

    @model_validator(mode="after")
    def _is_no_chain(self) -> Self:
        if self.deploy is not None:
            raise goes_not_together(
                "deploy",
                ja="探索では使えません。良い試行が見つかってから、そのジョブをデプロイしてください",
                en="does not go with a sweep: deploy the job of its best trial once it is found",
            )
        return self


class SweepExtend(Typed):
    """How much further a sweep goes. Of one that has ended on its own, more of what has ended it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trials: int = Field(0, ge=0, le=MOST_TRIALS, description="So many trials more.")
    time_s: float = Field(0, ge=0, le=31_536_000, description="So many seconds more.")
    no_progress: int | None = Field(
        None, ge=1, le=MOST_TRIALS, description="After so many without a better one, from now on."
    )


class TrialOut(BaseModel):
    """One trial. `values`: of the objectives in their order, where it completed; `weights`: kept, released because others
    were better, or none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    outcome: TrialOutcome
    point: dict[str, JsonValue]
    values: list[float] | None
    job_id: str | None
    job_state: JobState | None
    progress: ProgressOut | None
    failure: Failure | None
    weights: Literal["kept", "released"]
    created_at: datetime
    finished_at: datetime | None


class SweepOut(BaseModel):
    """A sweep. `state`: running until it has ended, then completed, failed or cancelled; `best`: its best trial by the first
    objective; `spent_s`: how long it has been active, pauses left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    recipe: str
    state: Literal["running", "completed", "failed", "cancelled"]
    paused: bool
    sampler: Sampler
    objectives: list[Objective]
    budget: Budget
    parallel: int
    pruner: Pruner
    keep_best: int | None
    seed: int
    space: dict[str, Dimension]
    config: dict[str, JsonValue]
    inputs: dict[str, str]
    by_outcome: dict[TrialOutcome, int]
    best: TrialOut | None
    spent_s: float
    end_reason: EndReason | None
    failure: Failure | None
    created_at: datetime
    ended_at: datetime | None


class Importance(BaseModel):
    """What share of the difference between good trials and others each setting makes, the largest first (PED-ANOVA, Watanabe et
    al. 2023). `trials`: how many complete ones it is reckoned of; without settings where these are too few."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    trials: int
    settings: dict[str, float]


class ImportanceList(BaseModel):
    """By objective."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: list[Importance]


class Front(BaseModel):
    """The trials that no other is better than in every objective. With one objective: the best."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    objectives: list[Objective]
    data: list[TrialOut]
