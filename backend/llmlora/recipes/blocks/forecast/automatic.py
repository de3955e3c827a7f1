"""What the forecast chooses for a setting that says `auto`: the most that fits with room to spare."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from pydantic import JsonValue

from llmlora.contracts.forecast import Expected, Facts, Forecaster
from llmlora.contracts.recipe import AUTO, RecipeConfig


def expect_chosen(forecaster: Forecaster, facts: Facts) -> tuple[Expected, Mapping[str, JsonValue]]:
    """What a job will take, and what its automatic setting becomes; nothing where no setting says `auto`, or where nobody
    knows the model yet.

    Of the choices, the heaviest first, the first one whose memory `fits`; where none does, the lightest, whose own verdict
    is told.
    """
    automatic = forecaster.automatic
    if automatic is None or getattr(facts.config, automatic.setting) != AUTO or facts.architecture is None:
        return forecaster.expect(facts), {}
    known = replace(facts, lengths_of=cache(facts.lengths_of))
    told = None
    for choice in automatic.choices(facts.config):
        told = forecaster.expect(replace(known, config=facts.config.model_copy(update=dict(choice)))), choice
        memory = told[0].memory
        if memory is not None and memory.verdict == "fits":
            break
    assert told is not None, f"nothing to choose from for {automatic.setting}"
    return told


def lightest(forecaster: Forecaster, config: RecipeConfig) -> Mapping[str, JsonValue]:
    """What takes the place of `auto` where nothing can be foreseen; nothing where no setting says it."""
    automatic = forecaster.automatic
    if automatic is None or getattr(config, automatic.setting) != AUTO:
        return {}
    return automatic.choices(config)[-1]
