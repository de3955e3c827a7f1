"""Examples are told apart by what they say, whatever their form."""

import pytest

from llmlora.data import soundness
from llmlora.data.soundness import Asked

from tests.factories import chat, question

LONG = "とても長い応答です。" * 300


def rows(*pairs: tuple[str, str]) -> list[Asked]:
    return [
        soundness.asked_of(question(row, asked, answered)) for row, (asked, answered) in enumerate(pairs, 1)
    ]


class TestRepeats:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("返品できますか？", "返品できますか"),
            ("ＡＰＩとは", "APIとは"),
            ("What is DNS?", "what is  dns"),
            ("ﾃﾞｰﾀは？", "データは？"),
        ],
    )
    def test_same_in_other_width_case_or_punctuation(self, one: str, other: str) -> None:
        assert soundness.repeats(rows((one, "はい"), ("別", "いいえ"), (other, "はい。"))) == [(1, 3)]
        assert soundness.contradictions(rows((one, "はい"), (other, "いいえ"))) == [(1, 2)]

    def test_near_ones_are_told_once_but_numbers_make_a_difference(self) -> None:
        words = "お客様の口座から引き落とされた料金は、翌月の十日までに請求書でお知らせいたします"
        near = rows(("料金は？", f"{words}。"), ("料金は？ ", f"{words}ね。"))
        assert soundness.near_repeats(near) == [(1, 2)]
        assert soundness.repeats(near) == []
        codes = rows((f"{words}のコード404は？", "同じ"), (f"{words}のコード200は？", "同じ"))
        assert soundness.near_repeats(codes) == []
        assert soundness.near_repeats(rows(("同じ", "同じ"), ("同じ", "同じ"))) == []

    def test_many_rows_are_compared_in_time(self) -> None:
        many = rows(
            *(
                (f"質問{n * 7919 % 10007}は{chr(0x4E00 + n)}ですか", f"応答{chr(0x5E00 + n)}")
                for n in range(3000)
            )
        )
        assert soundness.near_repeats(many) == []

    def test_last_of_several_turns_is_what_is_taught(self) -> None:
        talk = chat(
            1, ("user", "やあ"), ("assistant", "はい"), ("user", "返品は？"), ("assistant", "できます")
        )
        asked = soundness.asked_of(talk)
        assert asked.answer == "できます"
        assert asked.question.endswith("返品は？")


class TestLeaks:
    def test_held_out_question_that_was_trained_on(self) -> None:
        trained = rows(("返品できますか？", "はい"), ("送料は？", "無料"))
        assert soundness.leaks(trained, rows(("別の質問", "-"), ("送料は", "無料"))) == [(2, 2)]
        words = "注文した商品が届いたあとでも、気に入らなければ無料で返品することができますか"
        near = soundness.near_leaks(
            rows((words, "はい")), rows((f"{words}ね", "はい"), ("返品は可能？", "はい"))
        )
        assert near == [(1, 1)]


class TestRows:
    def test_empty_lost_and_overlong_ones(self) -> None:
        found = rows(
            ("a", " \n"), ("b", "文字\ufffd化け"), ("c", "x\x1b[0m"), ("d", "改行\nと\t"), ("e", LONG)
        )
        assert soundness.empty_answers(found) == [1]
        assert soundness.unreadable(found) == [2, 3]
        assert soundness.overlong(found) == [5]
        assert soundness.lengths([]).longest == 0

    def test_label_that_drowns_the_others(self) -> None:
        one_sided = rows(*((f"文 {n}", "肯定" if n else "否定") for n in range(40)))
        assert soundness.one_sided_label(one_sided) == ("肯定", 39 / 40)
        assert (
            soundness.one_sided_label(rows(*((f"文 {n}", "肯定" if n % 2 else "否定") for n in range(40))))
            is None
        )
        assert soundness.one_sided_label(rows(*((f"問 {n}", f"答 {n}") for n in range(40)))) is None
