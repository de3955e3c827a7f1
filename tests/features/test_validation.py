"""Files of examples are judged as an import reads them: each planted fault is told with its rows and its cure."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from llmlora.data.soundness import MOST_COMPARED
from llmlora.features.datasets.errors import NothingToValidateError
from llmlora.features.datasets.validation import _WORDS, FileVerdict, files_in, validate_files

from tests.factories import REPOSITORY

pytestmark = pytest.mark.anyio

COURSES = REPOSITORY / "tutorial" / "datasets"
GOOD = [
    {"instruction": f"{word}は何ですか？", "output": f"{word}の説明です。"}
    for word in ("首都", "湖", "山", "川")
]


def written(path: Path, rows: Any) -> Path:
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return path


async def judged(*files: Path) -> list[FileVerdict]:
    return await validate_files(list(files))


def without_answer(path: Path) -> Path:
    return written(path, [*GOOD, {"instruction": "海は？", "output": " "}])


def repeated(path: Path) -> Path:
    return written(path, [*GOOD, GOOD[0]])


def contradicting(path: Path) -> Path:
    return written(path, [*GOOD, {"instruction": GOOD[0]["instruction"], "output": "違う説明です。"}])


def mojibake(path: Path) -> Path:
    return written(path, [*GOOD, {"instruction": "海は？", "output": "\ufffd\ufffdの説明"}])


def no_rows(path: Path) -> Path:
    return written(path, [])


def cut_short(path: Path) -> Path:
    path.write_text(json.dumps(GOOD)[:-20], encoding="utf-8")
    return path


def row_without_question(path: Path) -> Path:
    return written(path, [*GOOD, {"instruction": None, "output": 5}])


class TestFaults:
    @pytest.mark.parametrize(
        ("plant", "codes", "row"),
        [
            (without_answer, {"refused_rows"}, 5),
            (repeated, {"repeated"}, 5),
            (contradicting, {"contradiction"}, 5),
            (mojibake, {"lost_characters"}, 5),
            (row_without_question, {"refused_rows"}, 5),
            (no_rows, {"dataset_no_rows"}, None),
            (cut_short, {"dataset_json_invalid"}, None),
        ],
    )
    async def test_planted_fault_is_told(
        self, tmp_path: Path, plant: Callable[[Path], Path], codes: set[str], row: int | None
    ) -> None:
        (verdict,) = await judged(plant(tmp_path / "rows.json"))
        assert not verdict.ok
        failing = [one for one in verdict.remarks if one.state == "fail"]
        assert all(one.cure_ja and one.cure_en and one.cure_ja != one.cure_en for one in failing)
        assert {one.code for one in failing} == codes
        if row is not None:
            assert any(row in pair for one in failing for pair in one.rows)

    async def test_held_out_questions_that_are_trained_on(self, tmp_path: Path) -> None:
        data = written(tmp_path / "faq.json", GOOD)
        chat = tmp_path / "faq_chat.jsonl"
        turns = [{"role": "user", "content": GOOD[1]["instruction"]}, {"role": "assistant", "content": "-"}]
        chat.write_text(json.dumps({"messages": turns}, ensure_ascii=False) + "\n", encoding="utf-8")
        other = written(tmp_path / "faq_en.json", GOOD)
        held = written(
            tmp_path / "faq_heldout.json", [{"instruction": "湖は何ですか", "output": "湖の説明です。"}]
        )
        verdicts = {Path(one.file).name: one for one in await judged(data, chat, other, held)}
        for name, row in (("faq.json", 2), ("faq_chat.jsonl", 1)):
            (leak,) = verdicts[name].remarks
            assert (leak.code, leak.rows) == ("held_out_leak", [[row, 1]])
            assert not verdicts[name].ok
        assert verdicts["faq_en.json"].held_out is None
        assert verdicts["faq_heldout.json"].ok

    async def test_held_out_file_of_the_folder_is_read_though_only_the_data_was_named(
        self, tmp_path: Path
    ) -> None:
        data = written(tmp_path / "faq.json", GOOD)
        held = written(tmp_path / "faq_heldout.json", [GOOD[1]])
        written(tmp_path / "other_heldout.json", [GOOD[2]])
        (verdict,) = await judged(data)
        assert [(one.code, one.rows) for one in verdict.remarks] == [("held_out_leak", [[2, 1]])]
        assert verdict.held_out == str(held)

    async def test_held_out_file_that_cannot_be_read_is_told_and_not_said_to_be_compared(
        self, tmp_path: Path
    ) -> None:
        data = written(tmp_path / "faq.json", GOOD)
        cut_short(tmp_path / "faq_heldout.json")
        (verdict,) = await judged(data)
        (remark,) = verdict.remarks
        assert (remark.code, remark.state, verdict.held_out) == ("held_out_unreadable", "warn", None)
        assert "faq_heldout.json" in remark.en
        assert "JSON" in remark.cure_ja

    async def test_label_and_its_share_are_no_rows(self, tmp_path: Path) -> None:
        rows = [{"instruction": f"文 {n}", "output": "肯定" if n else "否定"} for n in range(40)]
        (verdict,) = await judged(written(tmp_path / "labels.json", rows))
        (remark,) = verdict.remarks
        assert (remark.code, remark.rows) == ("one_sided", [])
        assert remark.ja == "応答の 98 % が「肯定」です"
        assert remark.en == "98 % of the answers are “肯定”"

    def test_no_english_sentence_has_to_agree_with_its_count(self) -> None:
        assert [name for name, words in _WORDS.items() if words.en.startswith("{n} ")] == []

    async def test_refused_rows_are_told_in_words_of_each_language(self, tmp_path: Path) -> None:
        (verdict,) = await judged(row_without_question(tmp_path / "rows.json"))
        (remark,) = verdict.remarks
        assert "値がない 1 行" in remark.cure_ja
        assert "no value 1" in remark.cure_en
        assert "_" not in remark.cure_en

    @pytest.mark.slow
    async def test_rows_beyond_those_compared_are_told(self, tmp_path: Path) -> None:
        rows = [{"instruction": f"{n}は", "output": "数"} for n in range(MOST_COMPARED + 1)]
        (verdict,) = await judged(written(tmp_path / "many.json", rows))
        (remark,) = verdict.remarks
        assert (remark.code, remark.state, verdict.ok) == ("near_left_out", "warn", True)
        assert "20,000" in remark.ja
        assert "20,000" in remark.en

    async def test_other_encoding_is_read_and_told(self, tmp_path: Path) -> None:
        path = tmp_path / "faq.csv"
        lines = ["instruction,output", *(f"{one['instruction']},{one['output']}" for one in GOOD)]
        path.write_bytes("\r\n".join(lines).encode("cp932"))
        (verdict,) = await judged(path)
        assert (verdict.ok, verdict.rows, verdict.encoding) == (True, 4, "cp932")

    async def test_file_that_is_not_there(self, tmp_path: Path) -> None:
        (verdict,) = await judged(tmp_path / "none.json")
        assert not verdict.ok
        with pytest.raises(NothingToValidateError):
            files_in([tmp_path])

    async def test_data_of_the_courses_is_sound(self) -> None:
        verdicts = await validate_files(files_in([COURSES]))
        assert len(verdicts) >= 2
        assert all(one.ok for one in verdicts), [one for one in verdicts if not one.ok]
