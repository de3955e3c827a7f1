"""Forms that are not written are found in either language, and what only looks like them is left alone."""

from pathlib import Path

import pytest

from llmlora.devtools.checks.texts import Text, unlike_leaves
from llmlora.devtools.checks.writing import ill_formed, ill_written

PAGE, SERVER = "messages/x/page title", "llmlora/kit/errors.py:1"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "{count, number}件を削除"),
        ("ja", "{count, plural, other {#点}}"),
        ("ja", "{rows}行目"),
        ("ja", "直近 2分"),
        ("ja", "GGUF変換"),
        ("ja", "アダプターをGGUFに"),
        ("ja", "できません.もう一度"),
        ("ja", "検査(停止)"),
        ("ja", "４ 件"),
        ("ja", "どちらか一つ"),
        ("ja", "変更することができます"),
        ("ja", "取得し直す必要があります"),
        ("ja", "あなたのモデル"),
        ("ja", "変換を行います"),
        ("ja", "もう一度お試しください"),
        ("en", "Please try again."),
        ("en", "Saved successfully"),
        ("en", "The encoding cannot be told."),
        ("en", "Register it anew."),
        ("en", "The gray and the colour"),
        ("en", "Loading..."),
        ("en", "What ? Nothing"),
        ("en", "The server's answer"),
    ],
)
def test_form_is_found(language: str, words: str) -> None:
    found = ill_formed([Text(PAGE, language, words)])
    assert len(found) == 1
    assert found[0].startswith(PAGE)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "{count, number} 件を削除"),
        ("ja", "{place}文字コードを指定"),
        ("ja", "候補: {known}"),
        ("ja", "最大長（max_length）を大きくしてください。"),
        ("ja", "もう一度試してください。"),
        ("ja", "接続が必要です"),
        ("ja", "3 分前"),
        ("en", "Lower max_length, or choose another base model (for example SmolLM2)."),
        ("en", "The unfolded bolder"),
        ("en", "Recognized by the column names."),
        ("ja", "please は日本語の文に出ない"),
    ],
)
def test_what_is_written_well_is_left_alone(language: str, words: str) -> None:
    assert ill_formed([Text(PAGE, language, words)]) == []


def test_apostrophes_are_typographic_on_pages_alone() -> None:
    assert ill_formed([Text(SERVER, "en", "the model's")]) == []


def test_error_whose_languages_tell_other_facts_is_found(tmp_path: Path) -> None:
    (tmp_path / "errors.py").write_text(
        "class Same:\n    ja = '{a} は{state_ja}'\n    en = '{a} ' 'is {state_en:.1f}'\n\n\n"
        "class Other:\n    ja = '{a}'\n    en = '{a} {b}'\n"
    )
    found = list(unlike_leaves(tmp_path))
    assert [line.split(": ")[1:] for line in found] == [["Other", "['b']"]]


def test_sentence_whose_languages_tell_other_facts_is_found(tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text("A = Text(ja='{a}', en='{a}')\nB = Text(ja='{a} {b}', en='{a}')\n")
    assert [line.split(":")[1] for line in unlike_leaves(tmp_path)] == ["2"]


def test_nothing_ill_written_is_left() -> None:
    assert ill_written() == ""
