"""The courses' data: three forms of the same rows, each fact with the page that it was checked in, and other words to ask for it."""

import json
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from llmlora.contracts.dataset import Example
from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request
from llmlora.data.rows import read_examples

from tests.factories import REPOSITORY

DATASETS = REPOSITORY / "tutorial" / "datasets"
TAUGHT = {"level1_basic": 5, "level1_basic_en": 5, "level2_technical": 20, "level3_medical": 20}
LOOKED_UP = ("level2_technical", "level3_medical")


def read(path: Path, tmp_path: Path) -> list[Example]:
    """The rows as the studio reads them."""
    out = tmp_path / path.name
    out.mkdir()
    result = import_file(Request(source=path, directory=out, kind=None, mapping={}), lambda _message: None)
    assert result.counts.refused == 0, result.counts
    return list(read_examples(next(out.glob("*.parquet"))))


def pairs(examples: list[Example]) -> list[tuple[str, str]]:
    return [(one.messages[0].content, one.messages[1].content) for one in examples]


def rows_of(name: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads((DATASETS / f"{name}.json").read_text(encoding="utf-8"))
    return rows


@pytest.mark.parametrize(("name", "count"), TAUGHT.items())
class TestForms:
    def test_json_csv_and_chat_are_read_as_the_same_questions_and_answers(
        self, name: str, count: int, tmp_path: Path
    ) -> None:
        written = [(row["instruction"], row["output"]) for row in rows_of(name)]
        assert len(written) == count
        for file in (f"{name}.json", f"{name}.csv", f"{name}_chat.jsonl"):
            assert pairs(read(DATASETS / file, tmp_path)) == written, file

    def test_held_out_questions_ask_for_the_taught_answers_in_other_words(
        self, name: str, count: int
    ) -> None:
        taught, held = rows_of(name), rows_of(f"{name}_heldout")
        assert [row["output"] for row in held] == [row["output"] for row in taught]
        assert not {row["instruction"] for row in held} & {row["instruction"] for row in taught}

    def test_no_question_stands_there_twice(self, name: str, count: int) -> None:
        asked = [row["instruction"] for row in rows_of(name) + rows_of(f"{name}_heldout")]
        assert len(set(asked)) == 2 * count

    def test_letters_are_written_in_one_way(self, name: str, count: int) -> None:
        for row in rows_of(name) + rows_of(f"{name}_heldout"):
            for text in row.values():
                assert text == unicodedata.normalize("NFC", text.strip())


@pytest.mark.parametrize("name", LOOKED_UP)
class TestSources:
    def test_every_taught_fact_names_the_page_that_it_was_checked_in(self, name: str) -> None:
        sources = json.loads((DATASETS / "sources.json").read_text(encoding="utf-8"))[name]
        assert [one["question"] for one in sources] == [row["instruction"] for row in rows_of(name)]
        for one in sources:
            assert one["title"].strip()
            assert urlsplit(one["address"]).scheme in ("http", "https")
            assert urlsplit(one["address"]).path.strip("/"), "a page, not a site"


def test_medical_rows_come_with_the_warning_that_they_are_no_advice() -> None:
    said = (DATASETS / "README.md").read_text(encoding="utf-8")
    assert "医療上の助言ではありません" in said
    assert "not medical advice" in said
