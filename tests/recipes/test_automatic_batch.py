"""`batch_size: auto`: the most that fits with room to spare, and the same rows an update whatever that is."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmlora.contracts.forecast import Facts, Lengths, Machine
from llmlora.contracts.plan import PresetFacts
from llmlora.contracts.recipe import RecipeConfig
from llmlora.kit.machine import Memory
from llmlora.recipes import RECIPES, forecaster_of, plan_of
from llmlora.recipes.blocks.bundled_models import MINILM, SMOLLM2
from llmlora.recipes.blocks.forecast.automatic import expect_chosen

MODELS = {"text_lora": SMOLLM2, "text_classification": MINILM}
AUTOMATIC = [name for name in RECIPES if forecaster_of(name).automatic is not None]
GIB = 1 << 30


def facts_for(recipe: str, free_bytes: int, config: RecipeConfig) -> Facts:
    """A thousand rows of 20 to 400 tokens, on a machine with so much memory."""
    known = MODELS[recipe].known
    return Facts(
        config=config,
        device="cpu",
        machine=Machine(Memory(2 * free_bytes, free_bytes), (), False, lambda: 50e9),
        base_model=MODELS[recipe].reference,
        is_registered=True,
        architecture=known.architecture,
        tokenizer_bytes=known.tokenizer_bytes,
        size_bytes=known.size_bytes,
        lengths_of=lambda longest: Lengths(
            "tokenized", 1000, 60_000, 20_000, min(400, longest), [(min(400, longest), 100), (20, 900)]
        ),
        past=(),
    )


def config_of(recipe: str, **given_: Any) -> RecipeConfig:
    return RECIPES[recipe].config.model_validate({"batch_size": "auto", **given_})


def test_every_recipe_that_has_a_batch_size_can_choose_it() -> None:
    assert set(AUTOMATIC) == {name for name in RECIPES if "batch_size" in RECIPES[name].config.model_fields}
    assert set(AUTOMATIC) == set(MODELS)


@pytest.mark.parametrize("recipe", AUTOMATIC)
@given(
    free_mib=st.integers(64, 200_000),
    rows=st.one_of(st.none(), st.integers(1, 4096), st.sampled_from([2**n for n in range(13)])),
    accumulation=st.integers(1, 8),
    recomputed=st.sampled_from(["auto", "on", "off"]),
)
@settings(max_examples=40, deadline=None)
def test_what_is_chosen_fits_and_whatever_is_larger_does_not(
    recipe: str, free_mib: int, rows: int | None, accumulation: int, recomputed: str
) -> None:
    asked: dict[str, Any] = {"effective_batch_size": rows, "gradient_accumulation": accumulation}
    if "gradient_checkpointing" in RECIPES[recipe].config.model_fields:
        asked["gradient_checkpointing"] = recomputed
    facts = facts_for(recipe, free_mib << 20, config_of(recipe, **asked))
    forecaster = forecaster_of(recipe)
    told, chosen = expect_chosen(forecaster, facts)

    def verdict(size: int) -> str:
        values = {"batch_size": size, "gradient_accumulation": wanted // size}
        memory = forecaster.expect(replace(facts, config=facts.config.model_copy(update=values))).memory
        assert memory is not None
        return memory.verdict

    size, passes = int(str(chosen["batch_size"])), int(str(chosen["gradient_accumulation"]))
    usual = RECIPES[recipe].config.model_fields["batch_size"].default
    wanted = rows or usual * accumulation
    assert size * passes == wanted
    assert told.memory is not None
    assert told.memory.verdict == verdict(size)
    assert told.memory.verdict == "fits" or size == 1
    larger = [one for one in range(size + 1, min(wanted, 4096) + 1) if wanted % one == 0]
    assert all(verdict(one) != "fits" for one in larger)
    assert told == forecaster.expect(
        replace(
            facts,
            config=facts.config.model_copy(update={"batch_size": size, "gradient_accumulation": passes}),
        )
    )


@pytest.mark.parametrize("recipe", AUTOMATIC)
def test_more_memory_never_means_smaller_passes(recipe: str) -> None:
    sizes = []
    for free in (0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128):
        config = config_of(recipe, effective_batch_size=64, **_without_recomputing(recipe))
        sizes.append(
            expect_chosen(forecaster_of(recipe), facts_for(recipe, int(free * GIB), config))[1]["batch_size"]
        )
    assert sizes == sorted(sizes, key=int)  # type: ignore[arg-type]
    assert (sizes[0], sizes[-1]) == (1, 64)


def _without_recomputing(recipe: str) -> dict[str, str]:
    has = "gradient_checkpointing" in RECIPES[recipe].config.model_fields
    return {"gradient_checkpointing": "off"} if has else {}


@pytest.mark.parametrize("recipe", AUTOMATIC)
def test_of_a_model_that_nobody_knows_nothing_is_chosen_yet(recipe: str) -> None:
    facts = replace(facts_for(recipe, GIB, config_of(recipe)), architecture=None)
    assert expect_chosen(forecaster_of(recipe), facts)[1] == {}


@pytest.mark.parametrize("recipe", AUTOMATIC)
@pytest.mark.parametrize("rows", [None, 3, 5, 30, 5000])
def test_presets_want_as_many_rows_an_update_as_their_numbers_make(recipe: str, rows: int | None) -> None:
    for preset in plan_of(recipe).presets(PresetFacts(rows)):
        numbers = RECIPES[recipe].config.model_validate(preset.values)
        told, wanted = numbers.model_dump(), numbers.model_copy(update={"batch_size": "auto"})
        chosen = expect_chosen(forecaster_of(recipe), facts_for(recipe, 1 << 50, wanted))[1]
        made = int(str(chosen["batch_size"])) * int(str(chosen["gradient_accumulation"]))
        assert made == told["batch_size"] * told["gradient_accumulation"], preset.name
