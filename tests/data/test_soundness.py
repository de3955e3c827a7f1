"""Examples are told apart by what they say, whatever their form."""

import pytest

from llmlora.contracts.dataset import Example, Message
from llmlora.data import soundness
from llmlora.data.kinds.text.examples import CompletionExample, PreferenceExample
from llmlora.data.kinds.text.looks import asked_of
from llmlora.data.soundness import Asked

from tests.factories import chat, question

LONG = "とても長い応答です。" * 300


def rows(*pairs: tuple[str, str]) -> list[Asked]:
    return [asked_of(question(row, asked, answered)) for row, (asked, answered) in enumerate(pairs, 1)]


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

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("12+3 は？", "12-3 は？"),
            ("a*b", "a/b"),
            ("5% は？", "5 は？"),
            ("C# とは", "C とは"),
            ("What is C#?", "What is C?"),
            ("f'", "f"),
            ("[1]", "{1}"),
            (".5", "5"),
            ("ใกล้", "ไกล"),
            ("ที่", "ทา"),
            ("हिंदी", "हंद"),
            ("किताब?", "कताब?"),
            ("😀", "😢"),
            ("👍 とは？", "👎 とは？"),
            ("好き :)", "好き :("),
            ("→", "←"),
            ("10² は？", "102 は？"),
            ("log₂8", "log28"),
        ],
    )
    def test_what_tells_texts_apart_is_kept(self, one: str, other: str) -> None:
        assert soundness.contradictions(rows((one, "はい"), (other, "いいえ"))) == []
        assert soundness.repeats(rows((one, "はい"), (other, "はい"))) == []
        assert soundness.contradictions(rows(("問", one), ("問", other))) == [(1, 2)]
        assert soundness.leaks(rows((one, "はい")), rows((other, "はい"))) == []
        assert soundness.leaks(rows((one, "はい")), rows((one, "はい"))) == [(1, 1)]

    def test_text_of_marks_alone_stays_whole(self) -> None:
        assert soundness.contradictions(rows(("疑問を表す記号は", "？"), ("疑問を表す記号は", "！"))) == [
            (1, 2)
        ]

    def test_three_of_the_same_are_not_nearly_the_same(self) -> None:
        text = ("返品するには何をすればよいですか", "到着から 30 日以内に窓口へご連絡ください")
        three = rows(text, text, (text[0] + "？", text[1] + "。"))
        assert soundness.repeats(three) == [(1, 2), (1, 3)]
        assert soundness.near_repeats(three) == []

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
        asked = asked_of(talk)
        assert asked.answer == "できます"
        assert asked.question.endswith("返品は？")


def preferred(row: int, asked: tuple[str, ...], chosen: str, rejected: str = "-") -> Example:
    """What a person preferred, after turns of both sides."""
    roles = ("user", "assistant")
    turns = tuple(Message(role=roles[n % 2], content=said) for n, said in enumerate(asked))  # type: ignore[arg-type]
    return PreferenceExample(row=row, messages=turns, chosen=chosen, rejected=rejected)


class TestKinds:
    def test_preferences_ask_all_that_stands_before_their_answers(self) -> None:
        found = [
            asked_of(one)
            for one in (
                preferred(1, ("返品は？",), "できます"),
                preferred(2, ("送料は？",), "できます"),
                preferred(3, ("返品は？",), "できません"),
                preferred(4, ("返品は？", "何をですか", "本です"), "できます"),
                preferred(5, ("返品は？", "何をですか", "靴です"), "できます"),
                preferred(6, ("送料は？",), "できます", "別の応答"),
                preferred(7, ("送料は？",), "できます。", "別の応答"),
            )
        ]
        assert found[3].question.endswith("本です")
        assert soundness.repeats(found) == [(6, 7)]
        assert soundness.contradictions(found) == [(1, 3)]
        assert soundness.leaks(found, rows(("送料は", "無料"))) == [(2, 1), (6, 1), (7, 1)]

    def test_texts_that_begin_alike_are_different_and_leak_as_a_whole(self) -> None:
        beginning = "むかしむかし、あるところに、おじいさんとおばあさんがいました。" * 10
        texts = [
            asked_of(CompletionExample(row=row, completion=beginning + end))
            for row, end in ((1, "山へ行きました。"), (2, "川へ行きました。"))
        ]
        assert (texts[0].question, texts[0].answer) == ("", f"{beginning}山へ行きました。")
        assert soundness.contradictions(texts) == []
        assert soundness.repeats(texts) == []
        held = asked_of(CompletionExample(row=1, completion=f"{beginning}川へ行きました"))
        assert soundness.leaks(texts, [held]) == [(2, 1)]

    def test_prompt_of_a_text_is_its_question_however_long(self) -> None:
        long = "同じ前置きです。" * 50
        found = [
            asked_of(CompletionExample(row=row, prompt=long + end, completion=answer))
            for row, end, answer in ((1, "A", "一"), (2, "B", "二"), (3, "A", "三"))
        ]
        assert found[0].question == f"{long}A"
        assert soundness.contradictions(found) == [(1, 3)]


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
