"""Job files as people write them: meant or refused in words, never a traceback."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from llmlora.contracts.states import JobState
from llmlora.entry.cli import app
from llmlora.entry.job_file import JobFileInvalidError, checked_config, read_job_file
from llmlora.features.recipes.errors import ConfigInvalidError
from llmlora.kit.errors import AppError
from llmlora.recipes.text_lora.other_names import OTHER_NAMES
from llmlora.recipes.text_lora.spec import SPEC, TextLoraConfig

from tests.factories import REPOSITORY, dataset_of, level_1_examples, model_input, text_lora_run
from tests.here import run_here

CASE = REPOSITORY / "tests" / "cases" / "13-yaml-numbers"


def config_of(path: Path, **flags: Any) -> dict[str, Any]:
    return checked_config(read_job_file(path), flags)


def refusal_of(path: Path, **flags: Any) -> AppError:
    with pytest.raises((JobFileInvalidError, ConfigInvalidError)) as refused:
        config_of(path, **flags)
    assert refused.value.detail("ja") != refused.value.detail("en")
    return refused.value


@pytest.fixture
def job(tmp_path: Path) -> Any:
    """Writes a job file."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "job.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


class TestCase13:
    def test_numbers_with_exponents_and_words_for_yes_and_no_are_meant(self) -> None:
        file = read_job_file(CASE / "job-ok.yaml")
        assert (file.dataset, file.base_model) == ("five.jsonl", "bundled:smollm2-135m-instruct")
        config = checked_config(file, {})
        wanted = {
            "learning_rate": 0.0002, "weight_decay": 0.01, "clip_norm": 1.0, "epochs": 1.0, "batch_size": 2,
            "gradient_checkpointing": "on", "packing": False, "dora": False,
        }  # fmt: skip
        assert {name: config[name] for name in wanted} == wanted
        assert type(config["clip_norm"]) is float
        assert config["packing"] is False

    def test_byte_order_mark_and_line_ends_of_windows_are_read_over(self) -> None:
        config = config_of(CASE / "job-windows.yaml")
        assert (config["learning_rate"], config["max_steps"]) == (0.001, 2)

    def test_bare_on_is_the_word(self) -> None:
        assert config_of(CASE / "min.yaml")["gradient_checkpointing"] == "on"

    def test_names_of_other_programs_are_all_named_with_ours(self) -> None:
        told = refusal_of(CASE / "job-hf-names.yaml").detail("en")
        for theirs, ours in (
            ("num_train_epochs", "epochs"),
            ("per_device_train_batch_size", "batch_size"),
            ("lr_scheduler_type", "schedule"),
        ):
            assert f"{theirs} (job-hf-names.yaml:" in told
            assert f"here it is {ours}" in told

    def test_wrong_values_are_all_named_with_their_lines(self) -> None:
        told = refusal_of(CASE / "job-wrong-values.yaml").detail("ja")
        for named in (
            "learning_rate (job-wrong-values.yaml:3)",
            "target_modules",
            "rank (job-wrong-values.yaml:6)",
        ):
            assert named in told
        assert "max_steps" not in told  # 1e1 is 10

    @pytest.mark.parametrize(
        ("name", "code", "words"),
        [
            ("job-lists.yaml", "job_file_invalid", ("line 2, lora", "line 4, config")),
            ("min-traceback.yaml", "job_file_invalid", ("line 1, dataset: must be text",)),
            ("min-rank-on.yaml", "config_invalid", ("rank (min-rank-on.yaml:3): must be a whole number",)),
        ],
    )
    def test_the_rest_is_refused_in_a_sentence(self, name: str, code: str, words: tuple[str, ...]) -> None:
        error = refusal_of(CASE / name)
        assert error.code == code
        assert all(one in error.detail("en") for one in words)

    @pytest.mark.slow
    @pytest.mark.parametrize(("name", "flags"), [("job-windows.yaml", {}), ("job-ok.yaml", {"max_steps": 1})])
    def test_accepted_one_trains(
        self, name: str, flags: dict[str, Any], tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        dataset = dataset_of(level_1_examples(), tmp_path)
        config = config_of(CASE / name, **flags)
        outcome = run_here(text_lora_run(dataset, model_input(tiny_model_dir), tmp_path, **config))
        assert outcome.state is JobState.COMPLETED, outcome.failure


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("", "empty"),
            ("# dataset: x\n", "empty"),
            ("- dataset: x\n", "dataset: data.jsonl"),
            ("dataset", "dataset: data.jsonl"),
            ("dataset：data.jsonl\n", "ASCII"),
            ("\u3000dataset: x\n", "spaces around"),
            ("learning_rate: 1e-4\n", "write it as learning_rate under config:"),
            ("num_train_epochs: 3\n", "write it as epochs under config:"),
            ("model: x\n", "line 1, model: is not a key"),
            ("config: 8\n", "config: must contain lines"),
            ("config: [rank, 8]\n", "config: must contain lines"),
            ("dataset: [a.jsonl, b.jsonl]\n", "dataset: must be text"),
            ("dataset: true\n", "dataset: must be text"),
            ("dataset: {path: x}\n", "dataset: must be text"),
            ("base_model: 7\n", "base_model: must be text"),
            ("base_model: '   '\n", "base_model: must have at least 1"),
            (f"base_model: {'x' * 1025}\n", "base_model: must have at most"),
            ("recipe: export_gguf\n", "choose text_lora"),
            ("recipe: [text_lora]\n", "recipe: must be text"),
            ("config:\n  rank: 8\nconfig:\n  rank: 9\n", "line 3, config is on line 1"),
            ("dataset: データ\n".encode("cp932"), "UTF-8"),
            (b"dataset: x\n#" + b"x" * (1 << 20), "1 MiB"),
        ],
    )
    def test_file_is_refused_in_words(self, job: Any, content: str | bytes, words: str) -> None:
        error = refusal_of(job(content))
        assert error.code == "job_file_invalid"
        assert words in error.detail("en")

    @pytest.mark.parametrize(
        "written",
        [
            "rank: true", "rank: '8'", "rank: 8.5", "rank:", "rank: [8]", "rank: {r: 8}", "rank: 2024-01-01",
            "rank: 1_000", "rank: .inf", "epochs: .nan", "epochs: yes", "epochs: '3'", "epochs: 1:30",
            f"seed: {'9' * 300}", f"learning_rate: {'9' * 399}", "learning_rate: 0,0002", "learning_rate: 2e-4 x",
            "packing: 1", "packing: 'true'", "packing: maybe", "target_modules: q_proj", "target_modules: [1]",
            "target_modules: [q_proj, {a: b}]", "schedule: on", "gradient_checkpointing: true", "threads: 2",
        ],
    )  # fmt: skip
    def test_wrong_setting_is_named_with_its_line(self, job: Any, written: str) -> None:
        error = refusal_of(job(f"dataset: x\nconfig:\n  {written}\n"))
        assert error.code == "config_invalid"
        assert re.search(rf"{written.partition(':')[0]}(\.\d)? \(job.yaml:3\): ", error.detail("en"))

    def test_setting_that_a_flag_replaces_is_told_without_a_line(self, job: Any) -> None:
        path = job("config:\n  rank: on\n")
        assert config_of(path, rank=4)["rank"] == 4
        assert "rank: must" in refusal_of(path, rank=0).detail("en")

    @pytest.mark.parametrize("where", ["nothing.yaml", "", "x" * 300])
    def test_file_that_cannot_be_read_is_refused(self, tmp_path: Path, where: str) -> None:
        assert refusal_of(tmp_path / where).code == "job_file_invalid"


class TestMeaning:
    @pytest.mark.parametrize(
        ("written", "name", "meant"),
        [
            ("packing: YES", "packing", True), ("dora: n", "dora", False), ("rslora: 'on'", "rslora", True),
            ("gradient_checkpointing: off", "gradient_checkpointing", "off"), ("max_steps: 1e1", "max_steps", 10),
            ("max_steps:", "max_steps", None), ("rank: 0x10", "rank", 16), ("seed: 007", "seed", 7),
            ("target_modules: [q_proj, v_proj]", "target_modules", ["q_proj", "v_proj"]),
        ],
    )  # fmt: skip
    def test_setting_is_taken(self, job: Any, written: str, name: str, meant: object) -> None:
        value = config_of(job(f"config:\n  {written}\n"))[name]
        assert value == meant
        assert type(value) is type(meant)

    @pytest.mark.parametrize(
        "content", ["dataset:\nbase_model:\nconfig:\n", "config: {}\n", "recipe: text_lora\n"]
    )
    def test_empty_keys_are_as_good_as_none(self, job: Any, content: str) -> None:
        file = read_job_file(job(content))
        assert (file.dataset, file.base_model, file.recipe, file.config) == (None, None, "text_lora", {})

    def test_utf_16_of_windows_is_read(self, job: Any) -> None:
        assert read_job_file(job("dataset: データ.csv\n".encode("utf-16"))).dataset == "データ.csv"

    def test_names_of_other_programs_mean_settings_that_there_are(self) -> None:
        assert set(OTHER_NAMES.values()) <= set(TextLoraConfig.model_fields)
        assert not set(OTHER_NAMES) & set(TextLoraConfig.model_fields)


SCALARS = st.one_of(
    st.sampled_from(
        ["on", "OFF", "yes", "n", "true", "~", "", ".nan", "-.inf", "2e-4", "1e999", "0x1F", "0o8", "1_0", "1:30", "010",
         "2024-01-01", "'8'", '"\\0"', '"\\ud83d"', "!!int x", "!!float .", "!!null x", "&a 1", "*a", "<<", "=", "[]", "{}",
         "[[1], {a: b}]", "9" * 350, "9" * 5000, "-0", "@x", "%x", "`", "：", "８", "\t1", "? a", "- 1", "| 1", ">", "#"]
    ),
    st.integers().map(str),
    st.floats().map(str),
    st.text(max_size=12),
    st.text(max_size=12).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
)  # fmt: skip
PLACES = [
    "dataset",
    "base_model",
    "recipe",
    "config",
    "nothing",
    *(f"config.{name}" for name in [*TextLoraConfig.model_fields, "r"]),
]


class TestAnything:
    @settings(max_examples=250, deadline=None, derandomize=True, database=None)
    @given(place=st.sampled_from(PLACES), scalar=SCALARS)
    def test_any_scalar_in_any_place_is_taken_or_refused_in_words(
        self, tmp_path_factory: pytest.TempPathFactory, place: str, scalar: str
    ) -> None:
        outer, _, inner = place.partition(".")
        path = tmp_path_factory.getbasetemp() / "any.yaml"
        path.write_text(
            f"{outer}:\n  {inner}: {scalar}\n" if inner else f"{outer}: {scalar}\n", "utf-8", "replace"
        )
        try:
            config = config_of(path)
        except (JobFileInvalidError, ConfigInvalidError) as error:
            assert error.detail("ja") != error.detail("en")
        else:
            assert SPEC.config.model_validate(config).model_dump(mode="json") == config


class TestOptionsWithoutEffect:
    @pytest.mark.parametrize(
        ("arguments", "code", "named"),
        [
            (["train", "--resume", "job_x", "--rank", "8"], "option_ignored", ["--rank"]),
            (["train", "--resume", "job_x", "--no-packing", "--eval-split", "0"], "option_ignored", ["--packing", "--eval-split"]),
            (["train", "--resume", "job_x", "-d", "x", "-b", "y"], "option_ignored", ["--dataset", "--base"]),
            (["train", "--resume", "job_x", "--config", "j.yaml"], "option_ignored", ["--config"]),
            (["train", "--resume", "job_x", "--device", "auto", "--threads", "2"], "option_ignored", ["--device", "--threads"]),
            (["train", "--resume", "job_x", "--target-modules", "q"], "option_ignored", ["--target-modules"]),
            (["datasets", "add", "x.csv", "--preview", "--name", "y"], "option_ignored", ["--name"]),
            (["up", "--no-pages", "--pages-port", "3000"], "option_ignored", ["--pages-port"]),
            (["datasets", "add", "x.csv", "--map", "output=a", "--map", "output=b"], "mapping_twice", ["output"]),
            (["train", "-d", "x", "--early-stopping-patience", "2"], "config_invalid", ["eval_split"]),
            (["chat", "--tuned"], "nothing_tuned", ["--job"]),
            (["chat", "--job", "a", "--base", "b"], "two_models", ["--job", "--base"]),
            (["chat", "--model", "a", "--base", "b"], "two_models", ["--model", "--base"]),
            (["chat", "--model", "a", "--context", "512"], "option_ignored", ["--context"]),
            (["chat", "--adapter", "d/jobs/job_x/1/final_model"], "job_id_needed", ["job_x"]),
            (["chat", "--job", "./job_x"], "job_id_needed", ["jobs list"]),
            (["export", "/d/jobs/job_x/2"], "job_id_needed", ["job_x"]),
        ],
    )  # fmt: skip
    def test_is_refused_before_anything_is_done(
        self, tmp_path: Path, arguments: list[str], code: str, named: list[str]
    ) -> None:
        data_dir = tmp_path / "data"
        error = CliRunner().invoke(app, [*arguments, "--data-dir", str(data_dir)]).exception
        assert isinstance(error, AppError)
        assert error.code == code
        for language in ("ja", "en"):
            assert all(name in error.detail(language) for name in named)
        assert not data_dir.exists()
