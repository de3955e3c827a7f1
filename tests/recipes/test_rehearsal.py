"""What cannot be exported is refused before the first step, by its own words; what can is tried once, in seconds."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.events import Event, MetricBatch
from llmlora.contracts.run import BaseModelInput, PlannedRun, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.recipes.blocks.gguf.errors import EndOfTurnNotOneTokenError, ExportDiskError
from llmlora.recipes.blocks.gguf.failures import told_by
from llmlora.recipes.blocks.gguf.model import convert_model
from llmlora.recipes.blocks.gguf.reader import GgufReader
from llmlora.recipes.blocks.gguf.rehearsal import Intention, refuse_small_disk, rehearse_exports
from llmlora.recipes.blocks.tokenizer import load_tokenizer
from llmlora.recipes.context import ChildContext

from tests.cases.bases import change_json, own_vocabulary, random_model, with_tokenizer_of
from tests.factories import dataset_of, model_input, planned_export, question, text_lora_run
from tests.here import run_here

ADAPTER, BASE, MERGED = (planned_export(t) for t in ("adapter", "base", "merged"))
SMALL = {"vocab_size": 49_152, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}


def trained(base_dir: Path, data_dir: Path, *exports: PlannedRun, **config: Any) -> tuple[Outcome, int]:
    """How a run of two steps ended that is followed by `exports`, and its steps."""
    data_dir.mkdir(exist_ok=True)
    dataset = dataset_of([question(1, "Who keeps the keys?", "The porter keeps the keys.")], data_dir)
    spec = text_lora_run(dataset, model_input(base_dir), data_dir, max_steps=2, **config)
    steps = 0

    def sink(event: Event) -> None:
        nonlocal steps
        steps += isinstance(event.body, MetricBatch) and "train/loss" in event.body.values

    outcome = run_here(spec.model_copy(update={"followers": exports}), sink)
    return outcome, steps


class TestOutline:
    def test_is_the_export_but_for_its_numbers(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        whole, outline = tmp_path / "whole.gguf", tmp_path / "outline.gguf"
        for written in (whole, outline):
            convert_model(
                tiny_model_dir, written, outtype="f16", log=tmp_path / "log", cancelled=lambda: False,
                outline=written is outline,
            )  # fmt: skip
        numbers = min(tensor.data_offset for tensor in GgufReader(whole).tensors)
        assert outline.stat().st_size == whole.stat().st_size
        assert outline.read_bytes()[:numbers] == whole.read_bytes()[:numbers]
        assert not any(outline.read_bytes()[numbers:])


class TestRefusal:
    @pytest.mark.parametrize(
        ("make", "export", "code", "word"),
        [
            ("own vocabulary", BASE, "gguf_unknown_pre_tokenizer", "pre-tokenizer"),
            ("own vocabulary", MERGED, "gguf_unknown_pre_tokenizer", "pre-tokenizer"),
            ("OPT", BASE, "gguf_unknown_architecture", "OPTForCausalLM"),
            ("OPT", ADAPTER, "gguf_unknown_architecture", "OPTForCausalLM"),
            ("MiniCPM3", ADAPTER, "adapter_layers_unserved", "down_proj, gate_proj, o_proj, up_proj"),
            ("Falcon", ADAPTER, "export_impossible", "convert_lora_to_gguf.py"),
            ("Gemma2", BASE, "gguf_tokenizer_file_missing", "tokenizer.model"),
        ],
    )
    def test_comes_before_the_first_step(
        self, tiny_model_dir: Path, tmp_path: Path, make: str, export: PlannedRun, code: str, word: str
    ) -> None:
        if make == "own vocabulary":
            base = own_vocabulary(tmp_path / "base")
        else:
            base = random_model(with_tokenizer_of(tiny_model_dir, tmp_path / "base"), make, **SMALL)
        outcome, steps = trained(base, tmp_path / "data", export)
        assert outcome.failure is not None
        assert (outcome.failure.code, outcome.failure.failure_class, steps) == (code, "input", 0)
        assert word in outcome.failure.en
        assert word in outcome.failure.ja
        assert not list((tmp_path / "data").glob("jobs/*/1/.rehearsal-*"))

    def test_same_base_is_trained_where_nothing_follows(self, tmp_path: Path) -> None:
        outcome, steps = trained(own_vocabulary(tmp_path / "base"), tmp_path / "data")
        assert (outcome.state, steps) == (JobState.COMPLETED, 2)

    def test_dora_goes_with_a_merged_export_alone(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        outcome, steps = trained(tiny_model_dir, tmp_path / "data", ADAPTER, dora=True)
        assert outcome.failure is not None
        assert (outcome.failure.code, steps) == ("adapter_unsupported", 0)
        outcome, steps = trained(tiny_model_dir, tmp_path / "data", MERGED, dora=True)
        assert (outcome.state, steps) == (JobState.COMPLETED, 2), outcome.failure

    def test_other_end_token_in_the_tokenizer_than_in_the_configuration_hinders_nothing(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        base = random_model(with_tokenizer_of(tiny_model_dir, tmp_path / "base"), **SMALL)
        change_json(base / "tokenizer_config.json", eos_token="<|im_start|>")
        context, intention = rehearsal_of(base, tmp_path, exports=[ADAPTER, BASE])
        rehearse_exports(context, intention)

    def test_end_of_turn_of_several_tokens(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        context, intention = rehearsal_of(tiny_model_dir, tmp_path, end_of_turn="### end")
        with pytest.raises(EndOfTurnNotOneTokenError, match="### end"):
            rehearse_exports(context, intention)

    def test_disk_that_is_too_small_is_told_in_figures(self, tmp_path: Path) -> None:
        with pytest.raises(ExportDiskError, match=r"1152921504\.61 GB"):
            refuse_small_disk(1 << 60, tmp_path)


class TestRehearsal:
    def test_is_made_once_for_the_same_base_and_settings(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        for times, settings in ((1, "rank 8"), (1, "rank 8"), (2, "rank 9")):
            context, intention = rehearsal_of(tiny_model_dir, tmp_path, settings=settings)
            rehearse_exports(context, intention)
            log = (context.run_dir / "converter.log").read_text(encoding="utf-8")
            assert log.count("Exporting model...") == times
        (kept, *_) = tmp_path.glob("cache/exports/*.json")
        assert json.loads(kept.read_text())["needed_bytes"] > 1000

    def test_merged_model_keeps_the_name_of_its_tokenizers_class(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        base = random_model(with_tokenizer_of(tiny_model_dir, tmp_path / "base"), "Phi3", **SMALL)
        change_json(base / "tokenizer_config.json", tokenizer_class="GPT2Tokenizer")
        in_four_bits = planned_export("merged", "q4_K_M")
        context, intention = rehearsal_of(base, tmp_path, exports=[MERGED, in_four_bits])
        rehearse_exports(context, intention)


def rehearsal_of(
    base_dir: Path,
    data_dir: Path,
    *,
    exports: Sequence[PlannedRun] = (ADAPTER,),
    end_of_turn: str = "<|im_end|>",
    settings: str = "",
) -> tuple[ChildContext, Intention]:
    from llmlora.recipes.blocks.adapter import add_adapter

    def put_on(model: Any, *, rank: int) -> Any:
        return add_adapter(
            model, rank=rank, alpha=16, dropout=0, target_modules=None, rslora=False, dora=False
        )

    spec = RunSpec.model_validate(
        {"job_id": "job_a", "epoch": 1, "recipe": "text_lora", "config": {}, "data_dir": data_dir,
         "inputs": {"base_model": model_input(base_dir)}, "followers": exports}
    )  # fmt: skip
    run_dir_of(spec).mkdir(parents=True, exist_ok=True)
    stream = (data_dir / "events").open("wb")
    context = ChildContext(spec, run_dir_of(spec), stream.fileno())
    context.stream = stream  # type: ignore[attr-defined]  # open as long as the context lives
    tokenizer = load_tokenizer(base_dir).inner
    return context, Intention(put_on, 8, settings, tokenizer, end_of_turn)


class TestWordsOfConverters:
    @pytest.mark.parametrize(
        ("output", "code"),
        [
            ("INFO:lora-to-gguf:Loading\nERROR:lora-to-gguf:Model OPTForCausalLM is not supported\n", "gguf_unknown_architecture"),
            ("NotImplementedError: Architecture 'XForCausalLM' not supported!\n", "gguf_unknown_architecture"),
            ("** chkhsh:  0123456789abcdef\nNotImplementedError: BPE pre-tokenizer was not recognized - update\n", "gguf_unknown_pre_tokenizer"),
            ("ValueError: Can not map tensor 'model.layers.0.mlp.router.weight'\n", "gguf_unknown_tensor"),
            ("ValueError: lm_head is present in adapter, but is ignored in base model\n", "gguf_unknown_tensor"),
            ("FileNotFoundError: File not found: /models/a b/tokenizer.model\n", "gguf_tokenizer_file_missing"),
            ("ModuleNotFoundError: this model's tokenizer.model needs the package sentencepiece\n", "gguf_needs_package"),
            ("Traceback\n    assert max(vocab) < size\n           ^^^^\nAssertionError\n", "conversion_failed"),
        ],
    )  # fmt: skip
    def test_known_failures_have_codes_and_both_languages(self, output: str, code: str) -> None:
        error: Any = told_by(output, 1, script="convert.py", log=Path("converter.log"))
        assert error.code == code
        assert error.detail("ja") != error.detail("en")

    def test_bare_assertion_shows_the_line_that_failed(self) -> None:
        output = "Traceback\n    assert max(vocab) < size\n           ^^^^\nAssertionError\n"
        error = told_by(output, 1, script="convert.py", log=Path("converter.log"))
        assert "AssertionError: assert max(vocab) < size" in str(error)

    def test_full_disk_and_missing_memory_stay_what_they_are(self) -> None:
        say: Callable[[str], Exception] = lambda words: told_by(words, 1, script="c", log=Path("l"))  # noqa: E731
        assert isinstance(say("OSError: [Errno 28] No space left on device"), OSError)
        assert isinstance(say("numpy._core._exceptions._ArrayMemoryError: MemoryError"), MemoryError)


def test_base_model_is_named_by_all_it_consists_of() -> None:
    base = BaseModelInput(
        id="m",
        reference="path:/m",
        path=Path("/m"),
        weights_digest="w",
        tokenizer_hash="t",
        template_hash="c",
    )
    changes: list[dict[str, Any]] = [
        {"weights_digest": "x"}, {"tokenizer_hash": "x"}, {"template_hash": None}, {"config_hash": "x"},
    ]  # fmt: skip
    others = [base.model_copy(update=change) for change in changes]
    assert len({one.identity for one in [base, *others]}) == 5
    assert len({one.text_identity for one in [base, *others]}) == 4
    assert base.model_copy(update={"path": Path("/n"), "id": "n"}).identity == base.identity
