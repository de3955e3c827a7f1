"""Case 29: cells pasted from a spreadsheet become the rows that were copied, or a refusal that tells what is wrong."""

from typing import Any

import pytest

from llmlora.data.errors import FileRefusedError, MissingColumnError

from tests.cases.importing import case


def pasted(name: str) -> str:
    return case(f"29-*/{name}.txt").read_bytes().decode()


def test_cells_with_a_header_keep_their_breaks_quotes_and_spaces(imported: Any) -> None:
    got = imported(pasted("with_header"), "rows.tsv")
    questions = [row.messages[0].content for row in got.rows]
    assert len(got.rows) == 3
    assert got.answers[0].replace("\r\n", "\n") == "はい、\n三十日以内ならできます。"
    assert questions[1] == '「至急」と"書いた"箱は？'
    assert questions[2] == "送料\u00a0はいくらですか？"
    assert "備考" in got.ignored


def test_cells_without_a_header_are_refused_with_what_was_taken_for_it(imported: Any) -> None:
    with pytest.raises(MissingColumnError) as refused:
        imported(pasted("no_header"), "rows.tsv")
    for language, words in (("ja", "1 行目を列名として"), ("en", "Line 1 was read as the column names")):
        told = refused.value.detail(language)
        assert words in told
        assert "返品はできますか？" in told
        assert "--" not in told


def test_cells_with_a_line_of_names_before_them_are_all_kept(imported: Any) -> None:
    assert len(imported("instruction\toutput\n" + pasted("no_header"), "rows.tsv").rows) == 4


@pytest.mark.parametrize(
    ("name", "ending"), [("markdown_table", "csv"), ("fenced_json", "csv"), ("curly_quotes", "json")]
)
def test_other_texts_are_refused_without_options_of_a_command(imported: Any, name: str, ending: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        imported(pasted(name), f"rows.{ending}")
    assert not any("--" in refused.value.detail(one).replace("---", "") for one in ("ja", "en"))
