"""Verdicts over numbers and bytes alone: what is aligned, compared, and called red."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from llmlora.contracts.inference import ChatAnswer, TokenLogprob
from llmlora.recipes.blocks.gates import Asked, judge_parity, judge_stop
from llmlora.recipes.blocks.parity import (
    TOLERANCES,
    ReferenceAnswer,
    ReferenceToken,
    Tolerance,
    compare_answer,
    compare_prompt,
)

SAME = TOLERANCES["trained_gguf"]
LIMITS = Tolerance(mean=0.1, largest=0.5, gap=0.3, alternatives=9)
END = ReferenceToken(2, b"", -0.01, -3.0, ((2, b"", -0.01), (7, b"x", -5.0)))


def token(number: int, text: bytes, *, margin: float = 4.0, base: float = -3.0) -> ReferenceToken:
    return ReferenceToken(number, text, -0.1, base, ((number, text, -0.1), (number + 1, b"?", -0.1 - margin)))


def entry(number: int | None, text: bytes, logprob: float = -0.1) -> TokenLogprob:
    return TokenLogprob(
        id=number,
        bytes_=text,
        logprob=logprob,
        top=((number, text, logprob), (99, b"!", -9.0)),
    )


def answer(*entries: TokenLogprob, finish: str = "stop", text: str = "") -> ChatAnswer:
    return ChatAnswer(
        text=text, finish_reason=finish, prompt_tokens=3, completion_tokens=len(entries), tokens=entries
    )


def reference(*tokens: ReferenceToken, stopped: bool = True) -> ReferenceAnswer:
    return ReferenceAnswer((1, 2, 3), tokens, stopped)


def asked(served: ChatAnswer, *tokens: ReferenceToken, ids: tuple[int, ...] | None = (1, 2, 3)) -> Asked:
    return Asked("q", reference(*tokens), ids, served)


def decode(ids: Sequence[int]) -> str:
    return " ".join(f"<{i}>" for i in ids)


A, B = token(10, b"a"), token(11, b"b")


class TestAlignment:
    def test_equal_answers_do_not_part(self) -> None:
        compared = compare_answer(
            reference(A, B, END), answer(entry(10, b"a"), entry(11, b"b"), entry(2, b""))
        )
        assert compared.divergence is None
        assert compared.positions == [0, 1, 2]

    def test_tokens_of_one_character_may_arrive_joined(self) -> None:
        first, second = token(10, b"\xe6\x97"), token(11, b"\xa5")
        compared = compare_answer(reference(first, second, END), answer(entry(11, b"\xe6\x97\xa5", -0.4)))
        assert compared.divergence is None
        assert compared.positions == [1]
        assert compared.deltas == pytest.approx([0.3])

    def test_joined_entry_parts_at_the_token_that_differs(self) -> None:
        first, second = token(10, b"\xe6\x97"), token(11, b"\xa5")
        compared = compare_answer(reference(first, second, END), answer(entry(12, b"\xe6\x97\xa6")))
        assert compared.divergence is not None
        assert compared.divergence.index == 1

    def test_hidden_end_token_is_no_difference(self) -> None:
        compared = compare_answer(reference(A, END), answer(entry(None, b"a")))
        assert compared.divergence is None

    @pytest.mark.parametrize("printed", [b"", b"<|channel|>"])
    def test_reserved_token_within_an_answer_is_known_by_its_number(self, printed: bytes) -> None:
        mark = token(5, b"")
        compared = compare_answer(
            reference(mark, A, END), answer(entry(5, printed), entry(10, b"a"), entry(2, b""))
        )
        assert compared.divergence is None
        assert compared.positions == [0, 1, 2]

    def test_early_stop_is_a_difference(self) -> None:
        compared = compare_answer(reference(A, B, END), answer(entry(10, b"a")))
        assert compared.divergence is not None
        assert compared.divergence.served_ends

    def test_cut_answers_are_compared_as_far_as_they_go(self) -> None:
        compared = compare_answer(reference(A, B, END), answer(entry(10, b"a"), finish="length"))
        assert compared.divergence is None

    def test_expected_token_is_measured_where_they_part(self) -> None:
        other = TokenLogprob(
            id=12, bytes_=b"c", logprob=-0.2, top=((12, b"c", -0.2), (10, b"a", -1.9), (5, b"e", -6.0))
        )
        compared = compare_answer(reference(A, END), answer(other))
        assert compared.deltas == pytest.approx([1.8])

    def test_prompts_part_at_the_first_difference(self) -> None:
        difference = compare_prompt((1, 5, 6, 7, 2), (1, 2))
        assert difference is not None
        assert (difference.index, difference.missing, difference.added) == (1, (5, 6, 7), ())


def spoken(text: str, logprob: float = -0.1, top: dict[str, float] | None = None) -> TokenLogprob:
    """An entry of an engine that knows text only."""
    listed = tuple((None, word.encode(), value) for word, value in (top or {}).items())
    return TokenLogprob(id=None, bytes_=text.encode(), logprob=logprob, top=listed, joined="last_or_sum")


class TestEngineThatKnowsTextOnly:
    """Bytes are rebuilt from text in which pieces of characters were replaced already."""

    FIRST, SECOND = token(10, b"\xe6\x97"), token(11, b"\xa5")

    @pytest.mark.parametrize(("said", "delta"), [(-0.1, 0.0), (-0.2, 0.0), (-0.5, 0.3)])
    def test_joined_entry_may_carry_the_last_number_or_the_sum(self, said: float, delta: float) -> None:
        compared = compare_answer(
            reference(self.FIRST, self.SECOND, END), answer(spoken("日", said), spoken(""))
        )
        assert compared.divergence is None
        assert compared.deltas[0] == pytest.approx(delta)

    def test_pieces_of_characters_are_no_alternatives_and_whole_ones_are(self) -> None:
        top = (
            (10, b"a", -0.1),
            (11, b"\xe6\x97", -2.0),
            (12, b"\xf0", -3.0),
            (13, b"", -4.0),
            (14, b"b", -5.0),
        )
        said = spoken("a", top={"a": -0.1, "\ufffd": -2.0, "": -4.0, "b": -5.2, "c": -9.0})
        compared = compare_answer(
            reference(ReferenceToken(10, b"a", -0.1, -3.0, top), END), answer(said, finish="length")
        )
        assert compared.alternatives == pytest.approx([0.0, 0.2])

    def test_whole_one_that_is_not_listed_is_at_most_as_likely_as_the_last_listed(self) -> None:
        top = ((10, b"a", -0.1), (11, b"b", -1.0))
        said = spoken("a", top={"a": -0.1, "\ufffd": -5.0})
        compared = compare_answer(
            reference(ReferenceToken(10, b"a", -0.1, -3.0, top), END), answer(said, finish="length")
        )
        assert compared.alternatives == pytest.approx([0.0, 4.0])

    def test_text_that_two_entries_share_names_no_token(self) -> None:
        top = ((10, b"a", -0.1), (11, "あ".encode(), -1.0))
        said = TokenLogprob(
            id=None,
            bytes_=b"a",
            logprob=-0.1,
            top=((None, b"a", -0.1), (None, "あ".encode(), -1.0), (None, "あ".encode(), -8.0)),
        )
        compared = compare_answer(
            reference(ReferenceToken(10, b"a", -0.1, -3.0, top), END), answer(said, finish="length")
        )
        assert compared.alternatives == pytest.approx([0.0])

    def test_nothing_but_pieces_is_nothing_to_compare(self) -> None:
        piece = ReferenceToken(10, b"\xe6\x97\xa5", -0.1, -3.0, ((11, b"\xe6", -0.1), (12, b"\xe7", -3.0)))
        said = spoken("日", top={"\ufffd": -0.1, "": -3.0})
        result = judge_parity([asked(answer(said, finish="length"), piece)], LIMITS, decode=decode)
        assert [f.kind for f in result.faults] == ["nothing_compared"]

    def test_answer_that_is_no_text_is_aligned_by_what_it_was_replaced_with(self) -> None:
        broken, rest = token(10, b"\xe6\x97"), token(11, b" a")
        told = answer(spoken("\ufffd a"), spoken(""))
        assert compare_answer(reference(broken, rest, END), told).divergence is None
        parted = compare_answer(reference(broken, token(12, b" b"), END), told).divergence
        assert parted is not None
        assert parted.index == 1

    def test_model_that_says_the_replacement_character_is_taken_at_its_word(self) -> None:
        said = token(10, "\ufffd".encode())
        told = answer(spoken("\ufffd"), spoken(""))
        assert compare_answer(reference(said, END), told).divergence is None

    def test_text_that_is_held_back_for_a_stop_word_comes_with_the_next_entry(self) -> None:
        told = answer(spoken(""), spoken("<b"), spoken(""))
        compared = compare_answer(reference(token(10, b"<"), token(11, b"b"), END), told)
        assert compared.divergence is None
        assert compared.positions == [1, 2]

    @pytest.mark.parametrize(("end", "gap"), [(-0.6, 0.5), (-8.0, 7.9)])
    def test_end_is_weighed_as_the_likeliest_special_token(self, end: float, gap: float) -> None:
        top = ((10, b".", -0.1), (2, b"", end), (0, b"", -9.0), (11, b"x", -12.0))
        dot = ReferenceToken(10, b".", -0.1, -3.0, top)
        told = spoken("", end, top={"": end, ".": -0.7})
        parted = compare_answer(reference(dot, END), answer(told)).divergence
        assert parted is not None
        assert parted.served_ends
        assert parted.gap == pytest.approx(gap)

    def test_end_that_did_not_come_is_measured_by_how_likely_the_server_found_it(self) -> None:
        end = ReferenceToken(2, b"", -0.6, -3.0, ((2, b"", -0.6), (10, b".", -0.7), (11, b"x", -9.0)))
        told = spoken(".", -0.6, top={".": -0.6, "": -0.8, "y": -12.0})
        compared = compare_answer(reference(end), answer(told, finish="length"))
        assert compared.divergence is not None
        assert compared.divergence.expected_ends
        assert compared.divergence.gap == pytest.approx(0.1)
        assert compared.deltas == pytest.approx([0.2])

    def test_answer_that_ends_too_early_still_parts(self) -> None:
        parted = compare_answer(reference(A, B, END), answer(spoken("a"), spoken(""))).divergence
        assert parted is not None
        assert parted.served_ends


class TestParityVerdict:
    def test_same_answers_are_green(self) -> None:
        assert judge_parity(
            [asked(answer(entry(10, b"a"), entry(2, b"")), A, END)], LIMITS, decode=decode
        ).passed

    def test_near_tie_is_excused_and_a_clear_choice_is_not(self) -> None:
        for margin, green in ((0.2, True), (4.0, False)):
            tokens = (A, A, A, A, token(20, b"x", margin=margin))
            same = [entry(10, b"a")] * 4
            served = answer(*same, entry(21, b"?", -0.2))
            result = judge_parity(
                [asked(served, *tokens)], replace(LIMITS, mean=9, largest=99), decode=decode
            )
            assert result.passed is green

    def test_drift_beyond_the_mean_is_red(self) -> None:
        served = answer(*[entry(10, b"a", -0.3)] * 4)
        result = judge_parity([asked(served, A, A, A, A, END)], LIMITS, decode=decode)
        assert {f.kind for f in result.faults} == {"mean_delta"}
        assert "quantization" in result.faults[0].words.en

    def test_one_token_far_off_is_red_and_named(self) -> None:
        served = answer(*[entry(10, b"a")] * 9, entry(11, b"b", -0.9), finish="length")
        result = judge_parity([asked(served, *[A] * 9, B)], LIMITS, decode=decode)
        assert [(f.kind, f.token, f.expected) for f in result.faults] == [("largest_delta", 9, "b")]

    def test_alternatives_betray_other_weights_behind_a_sure_answer(self) -> None:
        sure = ReferenceToken(10, b"a", -0.001, -3.0, ((10, b"a", -0.001), (11, b"b", -7.0)))
        top = ((10, b"a", -0.001), (12, b"c", -7.0), (11, b"b", -11.0))
        served = answer(TokenLogprob(id=10, bytes_=b"a", logprob=-0.001, top=top), entry(2, b"", -0.01))
        result = judge_parity([asked(served, sure, END)], replace(LIMITS, alternatives=0.5), decode=decode)
        assert [f.kind for f in result.faults] == ["alternatives_delta"]

    def test_nothing_compared_is_red(self) -> None:
        result = judge_parity([asked(answer(finish="length"), A)], LIMITS, decode=decode)
        assert [f.kind for f in result.faults] == ["nothing_compared"]

    def test_another_prompt_is_the_only_fault_told(self) -> None:
        served = answer(entry(50, b"z"))
        result = judge_parity([asked(served, A, END, ids=(1, 3))], LIMITS, decode=decode)
        assert [(f.kind, f.expected) for f in result.faults] == [("prompt_ids", "<2>")]
        assert "system" in result.faults[0].words.en

    def test_engine_without_ids_is_held_to_the_count(self) -> None:
        short = answer(entry(10, b"a"), entry(2, b"")).model_copy(update={"prompt_tokens": 2})
        assert not judge_parity([asked(short, A, END, ids=None)], LIMITS, decode=decode).passed


class TestStopVerdict:
    def test_answer_that_never_ends_is_red(self) -> None:
        served = answer(entry(10, b"a"), entry(2, b""), entry(30, b"y"), finish="length")
        result = judge_stop([asked(served, A, END)], frozenset(), decode=decode)
        assert [f.kind for f in result.faults] == ["no_stop"]
        assert "<2>" in result.faults[0].words.en

    def test_nothing_that_ends_proves_nothing(self) -> None:
        served = answer(entry(10, b"a"), entry(11, b"b"), finish="length")
        endless = Asked("q", ReferenceAnswer((1, 2, 3), (A, B), stopped=False), (1, 2, 3), served)
        result = judge_stop([endless], frozenset(), decode=decode)
        assert [f.kind for f in result.faults] == ["nothing_stopped"]
        assert "max_tokens" in result.faults[0].words.en
        assert "within 2 tokens" in result.faults[0].words.en
        ended = asked(answer(entry(10, b"a"), entry(2, b"")), A, END)
        assert judge_stop([endless, ended], frozenset(), decode=decode).passed

    def test_special_token_as_text_is_red(self) -> None:
        served = answer(entry(10, b"a"), entry(2, b""), text="a<|im_end|>")
        result = judge_stop([asked(served, A, END)], frozenset({"<|im_end|>"}), decode=decode)
        assert [f.kind for f in result.faults] == ["special_text"]

    def test_special_token_that_the_trained_model_says_itself_is_excused(self) -> None:
        served = answer(entry(5, b"<5>"), entry(10, b"a"), entry(2, b""), text="<5>a")
        own = asked(served, token(5, b""), A, END)
        assert judge_stop([own], frozenset({"<5>"}), decode=decode).passed
        foreign = asked(answer(entry(10, b"a"), entry(2, b""), text="a<6>"), token(5, b""), A, END)
        assert not judge_stop([foreign], frozenset({"<5>", "<6>"}), decode=decode).passed

    def test_longer_answer_after_a_near_tie_is_excused(self) -> None:
        served = answer(entry(21, b"c"), entry(22, b"d"), finish="length")
        assert judge_stop([asked(served, A, END)], frozenset(), decode=decode).passed
