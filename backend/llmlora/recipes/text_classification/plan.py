"""Good beginnings for a classifier, by the number of rows."""

from dataclasses import replace

from pydantic import JsonValue

from llmlora.contracts.plan import Plan, Preset, PresetFacts
from llmlora.contracts.text import Text

FEW_ROWS = 60
"""Below this, a tenth of the rows is a handful, of which no F1 tells when to stop."""

Values = dict[str, JsonValue]

QUICK: Values = {
    "method": "lora",
    "rank": 8,
    "max_steps": 30,
    "max_length": 64,
    "early_stopping_patience": None,
    "checkpoint_interval": 30,
}
BALANCED: Values = {"method": "lora", "rank": 16, "epochs": 10, "eval_split": 0.1}
THOROUGH: Values = {
    "method": "full",
    "epochs": 15,
    "class_weights": "balanced",
    "warmup_ratio": 0.1,
    "early_stopping_patience": 4,
}
PRESETS = (
    Preset(
        name="quick",
        title=Text(ja="ためす", en="Quick look"),
        summary=Text(
            ja="30 回だけ更新して、データの読み取り方と損失の下がり方を確かめます。",
            en="Only 30 updates, to see how the data is read and whether the loss falls.",
        ),
        values=QUICK,
    ),
    Preset(
        name="balanced",
        title=Text(ja="ほどよく", en="Balanced"),
        summary=Text(
            ja="LoRA と分類の層を最大 10 周学習します。F1 が良くならなくなったら止めます。",
            en="LoRA and the head, up to ten passes. Training stops when F1 no longer improves.",
        ),
        values=BALANCED,
        first=True,
    ),
    Preset(
        name="thorough",
        title=Text(ja="じっくり", en="Thorough"),
        summary=Text(
            ja="すべての重みを最大 15 周学習し、行の少ないクラスの損失を大きくします。",
            en="All weights, up to 15 passes; classes of few rows count more in the loss.",
        ),
        values=THOROUGH,
    ),
)
FEW = Text(
    ja="データが少ないため、周回数を増やし、途中の評価には取り分けません。",
    en="With little data, more passes are made and none of it is held out for evaluations on the way.",
)
FOR_FEW: Values = {"eval_split": 0, "early_stopping_patience": None, "epochs": 20, "checkpoint_interval": 20}


def presets(facts: PresetFacts) -> tuple[Preset, ...]:
    """Three beginnings."""
    rows = facts.rows
    if rows is None or not 0 < rows < FEW_ROWS:
        return PRESETS
    return tuple(replace(one, summary=FEW, values={**one.values, **FOR_FEW}) for one in PRESETS)


PLAN = Plan(presets=presets)
