"""Words that the glossary has retired are found wherever a person reads them, and nowhere else."""

import json
from pathlib import Path

import pytest

from llmlora.devtools.checks.texts import Text, message_texts, source_texts
from llmlora.devtools.checks.words import GLOSSARY, found_in, retired_words, retired_words_left

TABLE = """
| 日本語 | English | 意味 | Meaning | 使わない語 | Not |
|---|---|---|---|---|---|
| デプロイ | Deploy | – | – | 配備、配置する | – |
| パラメーター | Parameters | – | – | パラメータ | – |
| 検査 | Checks | – | – | ゲート | Gates, gates |
| 読み込み | Loading | – | – | 読込 | – |
"""


@pytest.mark.parametrize(
    ("language", "words", "word"),
    [
        ("ja", "もう一度配備", "配備"),
        ("ja", "パラメータの数", "パラメータ"),
        ("ja", "モデルの読込", "読込"),
        ("en", "The gates are red.", "gates"),
        ("en", "{count, plural, one {# gates} other {# gates}}", "gates"),
    ],
)
def test_retired_word_is_found(language: str, words: str, word: str) -> None:
    found = found_in([Text("here", language, words)], retired_words(TABLE))
    assert len(found) == 1
    assert found[0].startswith(f"here: {word} → ")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "パラメーターの数"),
        ("ja", "対になっていないサロゲート"),
        ("ja", "読み込み中"),
        ("en", "The {gates} agree, and gateskeepers too."),
        ("en", "もう一度配備"),
    ],
)
def test_word_within_another_or_of_the_other_language_is_none(language: str, words: str) -> None:
    assert found_in([Text("here", language, words)], retired_words(TABLE)) == []


def test_messages_are_read_to_their_leaves(tmp_path: Path) -> None:
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja" / "job.json").write_text(json.dumps({"tabs": {"deploy": "配備"}}), encoding="utf-8")
    assert list(message_texts(tmp_path)) == [Text("messages/ja/job tabs.deploy", "ja", "配備")]


def test_texts_of_the_server_are_read_in_both_languages(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "errors.py").write_text(
        'class Gone:\n    """gates"""\n    ja = "配備"\n    en = "The gates"\n\n\nx = setting(ja=f"{1} 読込", en="A " "b")\ngates = "gates"\n',
        encoding="utf-8",
    )
    found = {(text.language, text.words) for text in source_texts(room)}
    assert found == {("ja", "配備"), ("en", "The gates"), ("ja", "{} 読込"), ("en", "A b")}


@pytest.mark.parametrize(
    ("source", "english"),
    [
        ('WORDS = {"a": ("消えた", "gone")}', "gone"),
        ('tell("up", "停止しました", f"stopped {1}")', "stopped {}"),
        ('x = Fault(reason_ja="空", reason_en="empty")', "empty"),
        ('x = {"cure_ja": "直す", "cure_en": "fix it"}', "fix it"),
        ('def f():\n    ja = "直す"\n    en = "fix" if 1 else "mend"', "mend"),
        ('def f(en):\n    en += " Again."', " Again."),
        ('help = "Show jobs. ジョブを表示します。"', "Show jobs."),
        ('print("停止しました。/ Stopped.")', "Stopped."),
    ],
)
def test_english_twin_of_a_japanese_text_is_read_wherever_it_stands(
    tmp_path: Path, source: str, english: str
) -> None:
    (tmp_path / "words.py").write_text(source, encoding="utf-8")
    assert ("en", english) in {(text.language, text.words) for text in source_texts(tmp_path)}


def test_glossary_names_a_term_once_and_retires_none_that_it_uses() -> None:
    glossary = GLOSSARY.read_text(encoding="utf-8")
    retired = retired_words(glossary)
    terms = [line.split("|")[1].strip() for line in glossary.splitlines() if line.startswith("| ")]
    named = [term for term in terms if term != "日本語"]
    assert len(named) == len(set(named))
    assert {one.word for one in retired if one.language == "ja"}.isdisjoint(named)
    assert len(retired) > 20


def test_nothing_retired_is_left() -> None:
    assert retired_words_left() == ""
