"""What a training costs of what the model could do before is measured on fixed texts, and only looked at."""

from pathlib import Path
from typing import Any

import pytest

from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.kit.files import sha256_of_file
from llmlora.recipes.text_lora.forgetting_report import LANGUAGES, TEXTS
from llmlora.recipes.text_lora.run import fingerprint_of
from llmlora.recipes.text_lora.spec import TextLoraConfig

from tests.factories import dataset_of, level_1_examples, model_input, text_lora_run
from tests.here import run_here

SHORT: dict[str, Any] = {
    "rank": 4,
    "batch_size": 1,
    "schedule": "constant",
    "warmup_ratio": 0.0,
    "max_steps": 6,
    "dropout": 0.1,
}
GENTLE, VIOLENT = 1e-5, 0.3


@pytest.fixture(scope="module")
def runs(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Outcome, str]]:
    """Outcome and hash of the adapter of trainings that differ in one thing."""
    directory = tmp_path_factory.mktemp("forgetting")
    dataset = dataset_of(level_1_examples(), directory)
    found = {}
    for name, config in {
        "gentle": {"learning_rate": GENTLE, "measure_forgetting": True},
        "violent": {"learning_rate": VIOLENT, "measure_forgetting": True},
        "unmeasured": {"learning_rate": VIOLENT},
    }.items():
        spec = text_lora_run(dataset, model_input(tiny_model_dir), directory / name, **SHORT, **config)
        outcome = run_here(spec)
        assert outcome.failure is None, outcome.failure
        adapter = run_dir_of(spec) / "final_model" / "adapter_model.safetensors"
        found[name] = outcome, sha256_of_file(adapter)
    return found


def texts_of(outcome: Outcome) -> dict[str, dict[str, float]]:
    body: Any = outcome.reports["forgetting"]
    return {text["language"]: text for text in body["texts"]}


@pytest.mark.slow
class TestForgetting:
    def test_both_languages_are_measured(self, runs: dict[str, tuple[Outcome, str]]) -> None:
        for language in LANGUAGES:
            assert (TEXTS / f"{language}.txt").read_text(encoding="utf-8").strip()
        assert list(texts_of(runs["gentle"][0])) == list(LANGUAGES)

    def test_before_is_the_base_however_it_is_trained(self, runs: dict[str, tuple[Outcome, str]]) -> None:
        gentle, violent = (texts_of(runs[name][0]) for name in ("gentle", "violent"))
        for language in LANGUAGES:
            assert gentle[language]["before"] == violent[language]["before"] > 1

    def test_large_steps_change_what_small_ones_leave(self, runs: dict[str, tuple[Outcome, str]]) -> None:
        gentle, violent = (texts_of(runs[name][0]) for name in ("gentle", "violent"))
        for language in LANGUAGES:
            assert gentle[language]["ratio"] == pytest.approx(1, abs=0.02)
            expected = violent[language]["after"] / violent[language]["before"]
            assert violent[language]["ratio"] == pytest.approx(expected, rel=1e-2)
        # A model that knows nothing has nothing to forget: it only moves, and how far in which language is the processor's.
        assert max(abs(violent[language]["ratio"] - 1) for language in LANGUAGES) > 0.04

    def test_it_is_not_measured_unasked(self, runs: dict[str, tuple[Outcome, str]]) -> None:
        assert "forgetting" not in runs["unmeasured"][0].reports

    def test_measuring_changes_nothing_of_what_is_learned(self, runs: dict[str, tuple[Outcome, str]]) -> None:
        assert runs["violent"][1] == runs["unmeasured"][1]


def test_a_run_that_did_not_measure_goes_on_from_its_checkpoint_in_one_that_does(
    tiny_model_dir: Path, tmp_path: Path
) -> None:
    dataset, base = dataset_of(level_1_examples(), tmp_path), model_input(tiny_model_dir)
    prints = {
        fingerprint_of(TextLoraConfig(measure_forgetting=asked), dataset, base) for asked in (False, True)
    }
    assert len(prints) == 1
