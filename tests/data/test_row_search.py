"""Looking for rows in a Parquet of any kind: words, parts, lengths, numbers, and how far one answer looks."""

from pathlib import Path

import pytest

from llmlora.data.kinds.text.examples import CompletionExample
from llmlora.data.kinds.text.names import CHAT, COMPLETION
from llmlora.data.row_search import SEARCH_ROWS, Wanted, search_rows

from tests.factories import chat, dataset_of, question

ROWS = [
    question(1, "返品できますか？", "14日以内なら Return できます。"),
    chat(
        3, ("system", "丁寧に答える。"), ("user", "送料は？"), ("assistant", "550円です。返品は着払いです。")
    ),
    question(4, "RETURN の期限は？", "ＡＢＣ" * 40),
    question(7, "営業時間は？", ""),
]
FOREVER_S = 60.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return dataset_of(ROWS, tmp_path, CHAT).path


def rows(path: Path, **wanted: object) -> list[int]:
    found = search_rows(path, Wanted(**wanted), offset=0, limit=50, for_s=FOREVER_S)  # type: ignore[arg-type]
    assert (found.looked_at, found.next) == (4, None)
    return [one.row for one in found.examples]


class TestSearch:
    def test_words_are_found_in_every_turn_whatever_their_case(self, path: Path) -> None:
        assert rows(path, words="返品") == [1, 3]
        assert rows(path, words="return") == [1, 4]
        assert rows(path, words="丁寧") == [3]
        assert rows(path, words="ない言葉") == []

    def test_words_typed_in_full_width_find_those_in_half_width(self, path: Path) -> None:
        assert rows(path, words="ＲＥＴＵＲＮ") == [1, 4]

    def test_signs_of_patterns_are_signs(self, path: Path) -> None:
        assert rows(path, words=".*") == []

    def test_role_of_a_turn_is_no_text_of_it_but_a_part_to_look_in(self, path: Path) -> None:
        assert rows(path, words="user") == []
        assert rows(path, words="返品", part="assistant") == [3]
        assert rows(path, part="system") == [3]
        assert rows(path, words="返品", part="nobody") == []

    def test_lengths_are_of_all_texts_together(self, path: Path) -> None:
        assert rows(path, shortest=100) == [4]
        assert rows(path, longest=10) == [7]
        assert rows(path, shortest=10, longest=100) == [1, 3]

    def test_rows_are_found_by_their_number(self, path: Path) -> None:
        assert rows(path, rows=[4, 7, 99]) == [4, 7]
        assert rows(path, from_row=2) == [3, 4, 7]
        assert rows(path, words="返品", from_row=2) == [3]

    def test_plain_texts_are_searched_by_their_columns(self, tmp_path: Path) -> None:
        texts = [
            CompletionExample(row=1, completion="海"),
            CompletionExample(row=2, prompt="海", completion="山"),
        ]
        path = dataset_of(texts, tmp_path, COMPLETION).path
        found = {
            part: search_rows(path, Wanted("海", part), offset=0, limit=9, for_s=FOREVER_S).places
            for part in (None, "prompt", "completion")
        }
        assert found == {None: [0, 1], "prompt": [1], "completion": [0]}


class TestPages:
    def test_next_search_goes_on_behind_the_last_row_found(self, path: Path) -> None:
        first = search_rows(path, Wanted("返品"), offset=0, limit=1, for_s=FOREVER_S)
        assert (first.places, first.looked_at, first.next) == ([0], 1, 1)
        second = search_rows(path, Wanted("返品"), offset=1, limit=1, for_s=FOREVER_S)
        assert (second.places, second.next) == ([1], 2)
        third = search_rows(path, Wanted("返品"), offset=2, limit=1, for_s=FOREVER_S)
        assert (third.places, third.looked_at, third.next) == ([], 2, None)

    def test_answer_that_has_no_more_time_says_how_far_it_looked(self, tmp_path: Path) -> None:
        many = [question(n, f"問 {n}。", "答え") for n in range(1, SEARCH_ROWS + 1000)]
        path = dataset_of(many, tmp_path, CHAT).path
        first = search_rows(path, Wanted("問 9000。"), offset=0, limit=50, for_s=0)
        assert (first.places, first.looked_at, first.next) == ([], SEARCH_ROWS, SEARCH_ROWS)
        second = search_rows(path, Wanted("問 9000。"), offset=SEARCH_ROWS, limit=50, for_s=0)
        assert (second.places, second.looked_at, second.next) == ([8999], 999, None)
