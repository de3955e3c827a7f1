"""What is said of bases before they are fetched is so."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from llmlora.contracts.plan import RecommendedBase
from llmlora.recipes import importing
from llmlora.recipes.import_base_model.judging import causal_language_models
from llmlora.recipes.import_base_model.recommended import FILE, recommended

LISTED: list[dict[str, Any]] = json.loads(FILE.read_bytes())["models"]
BASES = recommended()


def named(values: list[Any], name: Any) -> Any:
    return pytest.mark.parametrize("one", values, ids=name)


class TestList:
    def test_holds_every_size_a_learner_may_have_room_for(self) -> None:
        sizes = [one.known.architecture.parameters for one in BASES]
        assert sizes == sorted(sizes)
        assert sizes[0] < 200e6 < 30e9 < sizes[-1]
        assert sum(one.japanese == "main" for one in BASES) >= 5

    def test_names_each_once(self) -> None:
        assert len({one.reference for one in BASES}) == len({one.name for one in BASES}) == len(BASES)

    @named(list(BASES), lambda one: one.name)
    def test_facts_have_their_sources_and_words(self, one: RecommendedBase) -> None:
        assert one.sources["config"]
        assert one.sources["card"].startswith("https://huggingface.co/")
        assert one.licence
        assert one.purpose.ja.endswith("。")
        assert one.purpose.en.endswith(".")

    @named(list(BASES), lambda one: one.name)
    def test_numbers_of_a_base_add_up(self, one: RecommendedBase) -> None:
        model = one.known.architecture
        tables = model.vocab * model.hidden
        assert model.parameters == pytest.approx(
            model.block_weights() + tables, rel=0.005
        ) or model.parameters == pytest.approx(model.block_weights() + 2 * tables, rel=0.005)

    @named(list(BASES), lambda one: one.name)
    def test_forecasts_know_a_base_before_it_is_brought_in(self, one: RecommendedBase) -> None:
        assert importing()[1].known(one.reference) == one.known


@pytest.mark.long
@named(LISTED, lambda listed: listed["reference"])
def test_transformers_builds_a_model_of_these_numbers(one: Mapping[str, Any]) -> None:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from llmlora.recipes.blocks.base_model import linear_layers

    config = dict(one["config"])
    made = AutoConfig.for_model(config.pop("model_type"), **config, pad_token_id=0)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(made)
    assert model.num_parameters() == one["parameters"]
    assert linear_layers(model) == one["linear_layers"]


def test_classes_are_those_that_transformers_lists() -> None:
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    listed = causal_language_models()
    assert set(listed) == set(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
    assert listed["llama"] == {"LlamaForCausalLM"}
