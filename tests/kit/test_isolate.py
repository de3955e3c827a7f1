"""Names within sentences turn nothing of them."""

import json

import pytest

from llmlora.contracts.text import Text
from llmlora.kit.errors import NotFoundError
from llmlora.kit.isolate import closed, filled, isolated

from tests.factories import REPOSITORY

NAMES = REPOSITORY / "tests" / "cases" / "28-file-names" / "names.json"


class MissingThingError(NotFoundError):
    code = "missing"
    ja = "「{name}」はありません（{count} 件）"
    en = "There is no “{name}” ({count})"


class TestIsolated:
    @pytest.mark.parametrize(
        ("name", "written"),
        [
            ("\u202egnp.csv", "\u2068\u202egnp.csv\u2069"),
            ("שלום.csv", "\u2068שלום.csv\u2069"),
            ("a\u2069\u202eb", "\u2068a\u202eb\u2069"),
            ("\u2067a", "\u2068\u2067a\u2069\u2069"),
            ("\U0001e900", "\u2068\U0001e900\u2069"),
        ],
    )
    def test_turning_name_is_enclosed(self, name: str, written: str) -> None:
        assert isolated(name) == written

    def test_only_the_turning_one_of_the_file_names_is_changed(self) -> None:
        names = [one["kept"] for one in json.loads(NAMES.read_text("utf-8"))]
        assert [name for name in names if isolated(name) != name] == ["\u202egnp.csv"]

    def test_sentence_keeps_the_names_within_it_enclosed(self) -> None:
        sentence = isolated("\u202egnp") + " は使用中です"
        assert closed(sentence) == sentence


class TestFilled:
    def test_fact_is_enclosed_as_it_is_written(self) -> None:
        assert (
            filled("{name!r} ({share:.1%})", {"name": "שלום", "share": 0.5}) == "\u2068'שלום'\u2069 (50.0%)"
        )

    def test_braces_of_a_fact_are_its_own(self) -> None:
        assert filled("{name}", {"name": "{count}"}) == "{count}"

    def test_facts_that_have_words_are_said_in_either_language(self) -> None:
        because = Text(ja="重みが違います。", en="The weights differ.")
        said = Text(ja="{value:.2f} nat。{cause}", en="{value:.2f} nats. {cause}").filled(
            value=1, cause=because
        )
        assert said == Text(ja="1.00 nat。重みが違います。", en="1.00 nats. The weights differ.")


class TestSentenceOfAnError:
    def test_name_turns_nothing_behind_it(self) -> None:
        error = MissingThingError(name="\u202egnp\u2069.csv", count=3)
        assert error.detail("ja") == "「\u2068\u202egnp.csv\u2069」はありません（3 件）"
        assert error.facts["name"] == "\u202egnp\u2069.csv"

    def test_ordinary_name_is_written_as_it_is(self) -> None:
        assert MissingThingError(name="表.csv", count=3).detail("en") == "There is no “表.csv” (3)"
