"""Words of rows that are left out and of encodings: in both languages, and on the pages."""

import json
from typing import Any

import pytest

from llmlora.data.encodings import NAMED_ENCODINGS, READINGS
from llmlora.data.kinds.detection import detect
from llmlora.data.kinds.registry import families
from llmlora.data.kinds.text.canonical import to_example
from llmlora.data.kinds.text.drop_reasons import DROP_REASONS, DropReason
from llmlora.data.kinds.text.ledger import NothingToLearnError
from llmlora.data.raw import RawRow
from llmlora.data.refusals import REASON_NAMES, REASONS, Refusal

from tests.factories import REPOSITORY

SENTENCES = {**REASONS, **{code: words for one in families() for code, words in one.refusals.items()}}
NAMES = {**REASON_NAMES, **{code: words for one in families() for code, words in one.refusal_names.items()}}
MESSAGES = REPOSITORY / "frontend" / "messages"


def refused(messages: object) -> Refusal:
    row: dict[str, Any] = {"messages": messages}
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    outcome = to_example(RawRow(1, row), detect([RawRow(1, {"messages": turns})], None))
    assert isinstance(outcome, Refusal)
    return outcome


class TestWords:
    @pytest.mark.parametrize(
        ("roles", "ja", "en"),
        [
            ("assistant", "1 番目の assistant は会話の先頭に置けません", "turn 1 (assistant) cannot begin the conversation"),
            ("tool", "1 番目の tool は会話の先頭に置けません", "turn 1 (tool) cannot begin the conversation"),
            ("user user", "2 番目の user は user の後に置けません", "turn 2 (user) cannot follow user"),
            ("user system", "2 番目の system は user の後に置けません", "turn 2 (system) cannot follow user"),
        ],
    )  # fmt: skip
    def test_order_is_told_in_each_language_alone(self, roles: str, ja: str, en: str) -> None:
        told = refused([{"role": role, "content": "x"} for role in roles.split()])
        assert (told.ja, told.en) == (ja, en)

    def test_text_that_is_no_list_is_called_text(self) -> None:
        told = refused("nothing")
        assert (told.ja, told.en) == ("JSON の配列ではありません（文字列）", "it is not a JSON array (text)")
        assert "column 2" in refused("[nothing").ja


class TestNothingToLearn:
    @pytest.mark.parametrize(
        ("reasons", "ja", "en"),
        [
            ({"answer_beyond_max_length": 5}, "最大長（max_length）を大きく", "Raise max_length"),
            (
                {"template_refused": 3, "answer_beyond_max_length": 1},
                "別のベースモデル",
                "another base model",
            ),
            (
                {"reserved_token_in_text": 1},
                "予約トークンの文字列を取り除いて",
                "Remove the reserved tokens",
            ),
            ({}, "応答を確認して", "Check the answers"),
        ],
    )
    def test_cure_is_that_of_the_most_frequent_reason(
        self, reasons: dict[DropReason, int], ja: str, en: str
    ) -> None:
        told = NothingToLearnError(read=9, dropped=sum(reasons.values()), reasons=reasons)
        assert ja in told.detail("ja")
        assert en in told.detail("en")
        for reason, rows in reasons.items():
            assert f"{DROP_REASONS[reason].ja}（{rows} 行）" in told.detail("ja")
            assert f"{DROP_REASONS[reason].en} ({rows} row" in told.detail("en")
            assert reason not in told.detail("ja") + told.detail("en")  # a code is no word


class TestOnPages:
    """A code without words would stand on the page as it is."""

    @pytest.mark.parametrize("language", ["ja", "en"])
    def test_every_reason_has_words(self, language: str) -> None:
        words = json.loads((MESSAGES / language / "dataset.json").read_text())["reasons"]
        assert {*SENTENCES, *DROP_REASONS, "other"} == set(words)  # other: of a later version
        place = ("ja", "en").index(language)
        assert set(NAMES) == set(SENTENCES)
        assert {code: words[code].casefold() for code in NAMES} == {
            code: names[place].casefold() for code, names in NAMES.items()
        }

    @pytest.mark.parametrize("language", ["ja", "en"])
    def test_every_encoding_that_is_offered_or_taken_has_a_name(self, language: str) -> None:
        names = json.loads((MESSAGES / language / "datasets.json").read_text())["encoding"]["names"]
        codecs = {*NAMED_ENCODINGS, *(reading.codec for reading in READINGS)}
        assert {codec.replace("-", "_") for codec in codecs} == set(names)

    @pytest.mark.parametrize("language", ["ja", "en"])
    def test_every_reason_of_a_training_has_words_on_its_page(self, language: str) -> None:
        words = json.loads((MESSAGES / language / "job.json").read_text())["ledger"]["reasons"]
        assert {*DROP_REASONS, "other"} == set(words)
