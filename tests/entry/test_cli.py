"""The command line: help everywhere, exit codes that mean something, and no torch before a model is needed."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import llmlora as llmlora_package
from llmlora.contracts.errors import GateFailedError
from llmlora.devtools.commands.check import GENERATED
from llmlora.entry.cli import COMMANDS, app

pytestmark = pytest.mark.slow

ROOMS = ("kit", "contracts", "data", "tables", "inference", "engine", "features", "entry", "devtools")
IMPORT_ALL = """
import importlib, pkgutil, sys
import llmlora
for room in sys.argv[1:]:
    package = importlib.import_module(f"llmlora.{room}")
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
print(sorted({"torch", "transformers", "peft", "safetensors"} & set(sys.modules)))
"""


def llmlora(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "llmlora.entry.cli", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def all_commands() -> list[list[str]]:
    def below(command: object, path: list[str]) -> list[list[str]]:
        inner = getattr(command, "commands", {})
        return [path] + [found for name, one in inner.items() for found in below(one, [*path, name])]

    return below(typer.main.get_command(app), [])


class TestDemo:
    def test_red_gate_says_what_every_gate_found_and_what_was_tried(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from llmlora.entry.commands.demo import refuse_red

        def gate(*words: str) -> dict[str, object]:
            faults = [{"words": {"ja": f"{word}です", "en": f"it is {word}"}} for word in words]
            return {"passed": not words, "faults": faults}

        report = {
            "passed": False,
            "parity": gate("drift", "cut"),
            "stop": gate(),
            "identity": gate("base"),
            "cures": [{"name": "template", "words": {"ja": "直しました", "en": "mended"}}],
        }
        with pytest.raises(GateFailedError):
            refuse_red(report)
        said = capsys.readouterr().err
        for told in ("parity ✗", "stop ✓", "identity ✗", "driftです", "it is cut", "baseです", "mended"):
            assert told in said
        refuse_red({"passed": True, "parity": gate(), "stop": gate()})
        assert not capsys.readouterr().err

    def test_both_languages_teach_five_answers(self) -> None:
        from llmlora.entry.commands.demo import Language

        for language in Language:
            rows = json.loads(language.dataset.read_text(encoding="utf-8"))
            assert len(rows) == 5
            assert all(row["output"].isascii() is (language is Language.EN) for row in rows[:1])


class TestPrinting:
    def test_numbers_and_words_between_colons_stay_what_they_are(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from llmlora.entry.console import err, out

        for printed, line in ((out, "faq.md:100: row"), (err, "models:tag:fire: gone")):
            printed.cache_clear()
            printed().print(line, markup=False)
            assert line in "".join(capsys.readouterr())
            printed.cache_clear()

    def test_age_of_a_job_is_told_in_the_unit_that_fits(self) -> None:
        from llmlora.entry.commands.jobs import told_age

        told = [told_age(age_s) for age_s in (0, 119.6, 1869, 7200, 86_400, 700_000)]
        assert told == ["0 s", "119 s", "31 min", "2 h", "24 h", "8 d"]

    def test_no_table_cuts_what_has_no_spaces(self) -> None:
        from rich.console import Console

        from llmlora.entry.tables import Column, WholeTable

        question, answer = "富士山の高さは何メートルですか？", "富士山の高さは3776メートルです。" * 2
        table = WholeTable("質問 question", "学習前 base", Column("id", no_wrap=True), "学習後 tuned")
        table.add_row(question, answer, "ds_1", answer)
        with (console := Console(width=60, file=io.StringIO())).capture() as printed:
            console.print(table)
        columns = zip(
            *(line.split("│")[1:-1] for line in printed.get().splitlines() if "│" in line), strict=True
        )
        assert ["".join(cell.strip() for cell in column) for column in columns] == [
            question,
            answer,
            "ds_1",
            answer,
        ]

    def test_commands_draw_tables_that_cut_nothing(self) -> None:
        package = Path(llmlora_package.__file__).parent
        drawn = {p.name for p in package.rglob("*.py") if "rich.table" in p.read_text("utf-8")}
        assert drawn == {"tables.py"}


class TestImports:
    def test_no_room_but_recipes_loads_the_learning_libraries(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", IMPORT_ALL, *ROOMS], capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == "[]", done.stderr

    def test_starting_the_command_line_loads_no_heavy_library(self) -> None:
        code = "import sys, llmlora.entry.cli; print([m for m in ('torch', 'sqlalchemy', 'pyarrow') if m in sys.modules])"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "[]", done.stderr

    def test_list_of_commands_is_shown_without_importing_one(self) -> None:
        code = """
import sys
sys.argv = ["llmlora", "--help"]
from llmlora.entry.cli import main
try:
    main()
finally:
    print([m for m in sys.modules if m.startswith(("llmlora.entry.commands.", "pydantic", "asyncio"))], file=sys.stderr)
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0
        assert "doctor" in done.stdout
        assert done.stderr.strip() == "[]"


class TestHelp:
    def test_listed_summaries_are_the_commands_own(self) -> None:
        commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
        for name, place in COMMANDS.items():
            assert commands[name].help.partition("\n")[0] == place.summary

    def test_contracts_for_callers_are_left_out(self) -> None:
        assert "Raises" not in next(p for p in GENERATED if p.name == "cli.md").read_text(encoding="utf-8")

    def test_every_command_explains_itself(self) -> None:
        commands = all_commands()
        names = {" ".join(path) for path in commands}
        assert names >= {
            "demo",
            "test",
            "check",
            "doctor",
            "services start",
            "services stop",
            "services status",
            "datasets add",
            "datasets list",
            "datasets show",
            "datasets rm",
            "datasets validate",
            "backup",
            "restore",
            "models list",
            "models recommended",
            "models search",
            "models show",
            "models add",
            "train",
            "export",
            "chat",
            "recipes list",
            "recipes show",
        }
        from typer.testing import CliRunner

        for path in commands:
            result = CliRunner().invoke(app, [*path, "--help"])
            assert result.exit_code == 0, path
            assert "Usage" in result.output

    def test_no_help_is_cut_at_eighty_columns(self) -> None:
        from typer.testing import CliRunner

        for path in [[], *all_commands()]:
            result = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*path, "--help"])
            cut = [line for line in result.output.splitlines() if re.search(r"\S … *│?$", line)]
            assert cut == [], path

    def test_every_setting_of_the_recipe_is_a_flag(self) -> None:
        from llmlora.recipes.text_lora.spec import TextLoraConfig

        text = (next(p for p in GENERATED if p.name == "cli.md")).read_text(encoding="utf-8")
        for name in TextLoraConfig.model_fields:
            assert f"`--{name.replace('_', '-')}`" in text


class TestExitCodes:
    @pytest.mark.parametrize(
        ("arguments", "status", "code"),
        [
            (("train", "--rank", "0"), 2, "config_invalid"),
            (("train", "--rank", "513"), 2, "config_invalid"),
            (("train",), 2, "dataset_missing"),
            (("train", "--resume", "job_nope"), 3, "job_not_found"),
            (("recipes", "show", "nope"), 3, "recipe_not_found"),
            (("chat", "--job", "job_nope", "--prompt", "x"), 3, "job_not_found"),
            (("backup", "/nowhere/saved.tar"), 3, "nothing_to_back_up"),
            (("restore", "/nowhere.tar"), 3, "backup_not_found"),
            (("datasets", "list", "--data-dir", "/proc/nowhere"), 5, "data_dir_not_writable"),
            (("datasets", "add", "/nowhere.csv", "--preview"), 5, "dataset_file_not_readable"),
        ],
    )
    def test_error_names_itself_in_both_languages(
        self, tmp_path: Path, arguments: tuple[str, ...], status: int, code: str
    ) -> None:
        data_dir = (
            () if "--data-dir" in arguments or "recipes" in arguments else ("--data-dir", str(tmp_path))
        )
        done = llmlora(*arguments, *data_dir, "--json")
        assert done.returncode == status, done.stderr
        told = json.loads(done.stderr.strip().splitlines()[-1])
        assert told["code"] == code
        assert told["ja"] != told["en"]
        assert done.stdout == ""

    def test_search_without_a_hub_is_told(self, tmp_path: Path) -> None:
        done = llmlora(
            "models", "search", "x", "--data-dir", str(tmp_path), "--json", HF_ENDPOINT="http://127.0.0.1:9"
        )
        assert done.returncode == 5, done.stderr
        assert json.loads(done.stderr.strip().splitlines()[-1])["code"] == "hub_search_unreachable"

    def test_job_file_with_an_unknown_key_is_refused(self, tmp_path: Path) -> None:
        job = tmp_path / "job.yaml"
        job.write_text("dataset: x\nlearning_rate: 1\n", encoding="utf-8")
        done = llmlora("train", "--config", str(job), "--json", "--data-dir", str(tmp_path))
        assert done.returncode == 2
        assert "job_file_invalid" in done.stderr


class TestRecipes:
    def test_schema_travels_as_json(self) -> None:
        done = llmlora("recipes", "show", "text_lora", "--json")
        schema = json.loads(done.stdout)["config_schema"]
        assert schema["properties"]["rank"]["maximum"] == 512
        assert schema["properties"]["rank"]["description_ja"]
