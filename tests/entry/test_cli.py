"""The command line: help everywhere, exit codes that mean something, and no torch before a model is needed."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.cells import cell_len
from rich.console import Console
from typer._click._compat import strip_ansi as unstyle

import llmlora as llmlora_package
from llmlora.contracts.errors import GateFailedError
from llmlora.devtools.commands.check import GENERATED
from llmlora.entry.cli import app
from llmlora.entry.help import page_of
from llmlora.entry.language import LANGUAGES, Language, help_text, speaking
from llmlora.entry.tables import Column, Listing
from llmlora.entry.usage import told_by

pytestmark = pytest.mark.slow

JAPANESE = re.compile("[ぁ-ヿ一-龠]")
# Four words in a row that are no name: lower case, no option, no value.
LATIN_SENTENCE = re.compile(r"\b[A-Za-z]+ [a-z]{2,} [a-z]{2,} [a-z]+\b")
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


def pages() -> list[tuple[Any, typer.Context]]:
    """Every command and group, with the context in which it shows its help."""

    def below(command: Any, ctx: typer.Context) -> list[tuple[Any, typer.Context]]:
        inner = getattr(command, "commands", {})
        return [(command, ctx)] + [
            found
            for name, one in inner.items()
            for found in below(one, typer.Context(one, info_name=name, parent=ctx))
        ]

    whole = typer.main.get_command(app)
    return below(whole, typer.Context(whole, info_name="./llmlora"))


def in_language(language: Language, text: str) -> str:
    with speaking(language):
        return help_text(text)


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
        with speaking("en"), pytest.raises(GateFailedError):
            refuse_red(report)
        said = capsys.readouterr().err
        for found in (
            "Answers as trained ✗",
            "Stops as trained ✓",
            "Same files as sent ✗",
            "it is cut",
            "it is base",
            "mended",
        ):
            assert found in said
        assert "です" not in said
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

        ages_s = (0, 119.6, 1869, 7200, 86_400, 700_000)
        with speaking("en"):
            told = [told_age(age_s) for age_s in ages_s]
        assert told == ["0 s ago", "119 s ago", "31 min ago", "2 h ago", "24 h ago", "8 d ago"]
        with speaking("ja"):
            assert told_age(ages_s[2]) == "31 分前"

    def test_no_table_cuts_what_has_no_spaces(self) -> None:
        question, answer = "富士山の高さは何メートルですか？", "富士山の高さは3776メートルです。" * 2
        table = Listing("質問", "学習前", Column("番号", is_whole=True), "学習後")
        table.add(question, answer, "ds_1", answer)
        console = Console(width=80, file=io.StringIO())
        with console.capture() as printed:
            console.print(table, crop=False)
        assert all(cell_len(line) <= 80 for line in printed.get().splitlines())
        columns = zip(
            *(line.split("│")[1:-1] for line in printed.get().splitlines() if "│" in line), strict=True
        )
        assert ["".join(cell.strip() for cell in column) for column in columns] == [
            question,
            answer,
            "ds_1",
            answer,
        ]

    @pytest.mark.parametrize("width", [30, 50, 80, 120])
    def test_values_that_are_copied_stay_on_one_line_at_any_width(self, width: int) -> None:
        path, identity = (
            "/home/花子/データ/llmlora/jobs/01kyc0g0000000000000000000/1",
            "job_01kyc0f0000000000000000000",
        )
        table = Listing(Column("番号", is_whole=True), "名前", Column("場所", is_whole=True), title="ジョブ")
        for _ in range(2):
            table.add(identity, "とても長い名前の付いたジョブです。" * 3, path)
        console = Console(width=width, file=io.StringIO())
        with console.capture() as printed:
            console.print(table, crop=False)
        lines = printed.get().splitlines()
        assert sum(identity in line for line in lines) == 2
        assert sum(path in line for line in lines) == 2
        assert all(cell_len(line) <= width for line in lines if identity not in line and path not in line)

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
    def test_contracts_for_callers_are_left_out(self) -> None:
        for name in ("cli.md", "cli.ja.md"):
            assert "Raises" not in next(p for p in GENERATED if p.name == name).read_text(encoding="utf-8")

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

        for language, usage in (("ja", "使い方: ./llmlora"), ("en", "Usage: ./llmlora")):
            for path in commands:
                with speaking(language):
                    result = CliRunner().invoke(app, [*path, "--help"], prog_name="./llmlora")
                assert result.exit_code == 0, path
                assert result.output.startswith(" ".join([usage, *path]))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_eighty_columns_hold_it_whole_and_in_one_language(self, language: Language) -> None:
        with speaking(language):
            for command, ctx in pages():
                shown = page_of(command, ctx).text(80)
                for line in map(unstyle, shown.splitlines()):
                    assert cell_len(line) <= 80, line
                    assert "…" not in line
                words = unstyle(shown).partition("\n")[2]
                if language == "en":
                    assert not JAPANESE.search(words), words
                else:
                    sentences = LATIN_SENTENCE.findall(" ".join(words.split()))
                    assert sentences == [], ctx.command_path

    def test_every_option_and_argument_has_words_in_both(self) -> None:
        for command, ctx in pages():
            texts = [
                command.help,
                *(
                    getattr(one, "help", None)
                    for one in command.get_params(ctx)
                    if not getattr(one, "hidden", False)
                ),
            ]
            for text in texts:
                assert text, ctx.command_path
                assert JAPANESE.search(in_language("ja", text)), text
                assert not JAPANESE.search(in_language("en", text)), text

    def test_every_setting_of_the_recipe_is_a_flag(self) -> None:
        from llmlora.recipes.text_lora.spec import TextLoraConfig

        text = (next(p for p in GENERATED if p.name == "cli.md")).read_text(encoding="utf-8")
        for name in TextLoraConfig.model_fields:
            assert re.search(rf"`--{name.replace('_', '-')}[ `]", text), name


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


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "ja", "en"),
        [
            (
                ("tain",),
                "tain というコマンドはありません。近い名前: train",
                "There is no command tain. Similar: train",
            ),
            (("train", "--rnk"), "--rnk というオプションはありません。", "There is no option --rnk."),
            (("train", "--rank", "x"), "整数にしてください", "must be a whole number"),
            (("export",), "JOB を指定してください。", "JOB is required."),
            (("chat", "--top-p", "9"), "1.0 以下にしてください", "must be at most 1.0"),
            (("down", "a", "b"), "余分な引数があります: a b", "Unexpected arguments: a b"),
            (("train", "--dataset"), "--dataset には値が必要です。", "--dataset needs a value."),
            (("down", "--help=3"), "--help に値は指定できません。", "--help does not take a value."),
            (("demo", "--lang", "fr"), "--lang の 'fr' は使えません。", "--lang cannot be 'fr'."),
        ],
    )
    def test_refusal_speaks_the_language_of_the_command_line(
        self, arguments: tuple[str, ...], ja: str, en: str
    ) -> None:
        for language, said in (("ja", ja), ("en", en)):
            with speaking(language), pytest.raises(typer.TyperException) as refused:
                app(arguments, prog_name="./llmlora", standalone_mode=False)
            with speaking(language):
                assert said in told_by(refused.value)
            assert refused.value.exit_code == 2

    def test_commands_end_with_its_code_and_say_how_it_is_written(self) -> None:
        done = llmlora("jobs", "cancel", LLMLORA_LANG="ja")
        assert done.returncode == 2
        assert "使い方: ./llmlora jobs cancel [オプション] JOB_ID" in done.stderr
        assert done.stdout == ""
