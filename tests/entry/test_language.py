"""In which language the command line speaks: asked of the variables that POSIX names, and of ours before them."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from llmlora.devtools.checks.languages import is_mixed, mixed_in
from llmlora.entry.language import (
    LanguageUnknownError,
    _of_environment,
    language,
    localized,
    refuse_unknown_language,
    speaking,
    words,
)
from llmlora.entry.progress_words import log_words
from llmlora.entry.wrapping import longest_piece, wrapped

VARIABLES = ("LLMLORA_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """The language by these variables alone, asked in an empty directory."""
    monkeypatch.chdir(tmp_path)

    def ask(**environment: str) -> str:
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        _of_environment.cache_clear()
        return language()

    yield ask
    _of_environment.cache_clear()


class TestLanguage:
    @pytest.mark.parametrize(
        ("environment", "expected"),
        [
            ({}, "en"),
            ({"LANG": "C.UTF-8"}, "en"),
            ({"LANG": "ja_JP.UTF-8"}, "ja"),
            ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
            ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "C", "LC_ALL": "ja_JP"}, "ja"),
            ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
            ({"LANG": "ja_JP.UTF-8", "LLMLORA_LANG": "en"}, "en"),
            ({"LLMLORA_LANG": " JA "}, "ja"),
        ],
    )
    def test_first_variable_that_says_something_decides(
        self, spoken: Callable[..., str], environment: dict[str, str], expected: str
    ) -> None:
        assert spoken(**environment) == expected

    def test_settings_file_stands_between_its_own_variable_and_the_locale(
        self, tmp_path: Path, spoken: Callable[..., str]
    ) -> None:
        (tmp_path / ".env").write_text("\ufeffLLMLORA_LANG=ja # よく使う言語\n", encoding="utf-8")
        assert spoken(LANG="en_US.UTF-8") == "ja"
        assert spoken(LLMLORA_LANG="en") == "en"

    def test_unknown_one_is_refused_in_words_of_the_locale(self, spoken: Callable[..., str]) -> None:
        spoken(LLMLORA_LANG="fr", LANG="ja_JP.UTF-8")
        with pytest.raises(LanguageUnknownError) as refused:
            refuse_unknown_language()
        assert "ja か en" in refused.value.detail(language())
        assert "ja or en" in refused.value.detail("en")
        done = subprocess.run(
            [sys.executable, "-m", "llmlora.entry.cli", "down"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "language_unknown" in done.stderr
        assert "ja か en" in done.stderr

    def test_one_text_is_chosen_at_a_time(self) -> None:
        with speaking("ja"):
            with speaking("en"):
                assert localized("終わり", "end") == "end"
            assert localized("終わり", "end") == "終わり"

    def test_two_translations_of_one_help_are_refused(self) -> None:
        words(ja="ひとつです。", en="There is one.")
        with pytest.raises(ValueError, match="There is one"):
            words(ja="一個です。", en="There is one.")

    def test_line_of_a_log_that_says_it_twice_is_said_once(self) -> None:
        twice = "3 行を読みます / reading 3 rows / files"
        for one, said in (("ja", "3 行を読みます"), ("en", "reading 3 rows / files")):
            with speaking(one):  # type: ignore[arg-type]
                assert log_words(twice) == said
                assert log_words("Ollama / 0.9") == "Ollama / 0.9"


class TestWrapping:
    def test_no_line_is_wider_and_nothing_is_lost(self) -> None:
        text = "LoRA アダプターを 3,776 個のトークンで学習し、GGUF（q8_0）に変換します。「止まる」ことも確かめます。"
        for width in range(longest_piece(text), 90):
            lines = wrapped(text, width)
            assert all(sum(2 if ord(c) > 0x2E80 else 1 for c in line) <= width for line in lines)
            assert "".join(lines).replace(" ", "") == text.replace(" ", "")

    def test_marks_numbers_and_words_stay_where_they_belong(self) -> None:
        text = "これは 12,345 個のチェックポイントを（まとめて）残す、という設定です。"
        for width in range(longest_piece(text), 70):
            for line in wrapped(text, width):
                assert line[0] not in "、。）ーョッ"
                assert line[-1] not in "（「"
            joined = "\n".join(wrapped(text, width))
            assert "12,345 個" in joined
            assert "チェックポイント" in joined


class TestTwoLanguagesInOneText:
    @pytest.mark.parametrize(
        "text",
        [
            "Stop what `up` started. 停止します。",
            "停止しました。/ Stopped.",
            "準備できました / ready",
            "質問 question",
            "学習のレシピ、or another recipe that is named",
            "{}（{}）を削除しますか / delete?",
        ],
    )
    def test_they_are_found(self, text: str) -> None:
        assert is_mixed(text)

    @pytest.mark.parametrize(
        "text",
        [
            "動いていません。./llmlora up で起動してください。",
            "LoRA アダプターを学習します。",
            "API のポートです。",
            "--running と使います。",
            "/exit と入力すると終了します。",
            "Train SmolLM2 on five answers.",
            "メモリの空き {} / {}",
        ],
    )
    def test_names_within_a_sentence_are_no_second_language(self, text: str) -> None:
        assert not is_mixed(text)

    def test_they_are_found_in_sources_with_their_lines(self) -> None:
        source = 'x = 1\nhelp = f"Stop {x} now. 停止します。"\n"""A docstring. 説明です。"""\n'
        assert [line for line, _ in mixed_in(source)] == [2]
