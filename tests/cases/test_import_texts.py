"""Texts, digits and blanks of the reported files stay as their authors wrote them."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from llmlora.data.errors import FileRefusedError

from tests.cases.importing import case


class TestTexts:
    def test_answers_that_are_json_arrays_are_texts(self, imported: Any) -> None:
        got = imported(case("09-*/spans_prompt_completion.jsonl"))
        assert (got.result.found.kind, len(got.rows), got.refused) == ("text.completion", 6, [])
        assert got.rows[0].completion == '[{"city": "Oslo"}, {"city": "Rome"}]'
        assert got.rows[0].prompt == "[cities] I flew from Oslo to Rome."
        pairs = imported(case("09-*/spans_preference.jsonl"))
        assert (pairs.result.found.kind, len(pairs.rows)) == ("text.preference", 6)
        assert (pairs.rows[2].chosen, pairs.rows[2].rejected) == ("[]", '[{"city": "Nowhere"}]')

    def test_mixed_types_cost_their_rows(self, imported: Any) -> None:
        got = imported(case("09-*/mixed_types_alpaca.json"))
        assert got.answers == ['["Oslo", "Rome"]', "2", "Turin"]
        assert [row for row, _, _ in got.refused] == [2, 3]

    @pytest.mark.parametrize(
        "text",
        [
            "[]",
            "[12:30] hello",
            '{"a": 1}',
            "[x](y)",
            "[1, 2",
            '[{"role": "captain"}]',
            '[["a"]]',
            "{{name}}",
        ],
    )
    def test_what_begins_with_a_bracket_stays_as_it_is(self, imported: Any, text: str) -> None:
        rows = (
            [{"instruction": text, "output": text}],
            [{"prompt": text, "completion": text}],
            [{"text": text}],
        )
        for row in (*rows, [{"prompt": text, "chosen": text, "rejected": "no"}]):
            (got,) = imported(row).rows
            held = got.model_dump()
            last = held["messages"][-1]["content"] if "messages" in held else None
            assert text in (held.get("completion"), held.get("chosen"), last)

    def test_an_answer_that_is_a_conversation_in_json_is_a_text_beside_other_texts(
        self, imported: Any
    ) -> None:
        turns = json.dumps([{"role": "user", "content": "x"}])
        got = imported([{"prompt": "Write a chat.", "completion": turns}, {"prompt": "b", "completion": "c"}])
        assert (got.result.found.kind, got.rows[0].completion) == ("text.completion", turns)


class TestNumbers:
    def test_words_for_nothing_and_numbers_of_a_table_stay(self, imported: Any) -> None:
        got = imported(case("10-*/pandas_index.csv"))
        words = "NA null None nan 007 3.10 1e4 TRUE 12345678901234567890 - N/A =2+3"
        assert got.answers == words.split()
        assert got.refused == [(13, "answer", "empty_cell")]

    def test_json_numbers_keep_their_digits(self, imported: Any) -> None:
        got = imported(case("10-*/types.jsonl"))
        digits = [
            "42",
            "-0.5",
            "12345678901234567890",
            "123456789012345678901234",
            "0",
            "0",
            "null",
            "a number as the question",
        ]
        assert got.answers == digits
        assert [row for row, _, _ in got.refused] == [1, 2, 7, 8, 9, 10, 11]
        assert imported(case("10-*/sib-floats.jsonl")).answers == ["3.14159265358979323846", "3.10", "1e4"]

    @pytest.mark.parametrize("number", ["-0", "1E+2", "0.1000", "9" * 400, "1e999", "2.50e-7"])
    def test_however_they_are_written(self, imported: Any, number: str) -> None:
        line = '{"instruction": "n?", "output": %s}'
        assert imported(line % number).answers == [number]
        document = '[{"instruction": "n?", "output": %s}, {"instruction": "a", "output": "b"}]'
        assert imported(document % number, "t.json").answers[0] == number

    def test_arguments_of_calls_and_tools_keep_them_too(self, imported: Any) -> None:
        line = (
            '{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": null, "tool_calls": '
            '[{"function": {"name": "f", "arguments": "{\\"price\\": 3.10}"}}]}], "tools": [{"name": "f", "max": 1e4}]}'
        )
        (row,) = imported(line).rows
        assert "3.10" in row.messages[1].tool_calls
        assert "1e4" in row.tools

    def test_floats_of_32_bits_are_as_short_as_they_were(self, imported: Any, tmp_path: Path) -> None:
        path = tmp_path / "t.parquet"
        table = pa.table(
            {
                "instruction": ["a", "b", "c"],
                "output": pa.array([3.1, 0.5, 1234.5678], pa.float32()),
                "meta": [{"x": 1}, {"x": 2}, None],
            }
        )
        pq.write_table(table, path)
        assert imported(path).answers == ["3.1", "0.5", "1234.5677"]


class TestBlankTurns:
    def test_other_orders_are_kept_or_refused_by_turn(self, imported: Any) -> None:
        got = imported(case("11-*/sharegpt.jsonl"))
        assert [row.row for row in got.rows] == [3, 4, 7, 10]
        reasons = {row: reason for row, _, reason in got.refused}
        assert (reasons[5], reasons[8]) == ("empty_turn", "unknown_role")
        assert got.result.counts.read == 10

    @pytest.mark.parametrize(("name", "count"), [("all_empty_system.jsonl", 5), ("min.jsonl", 1)])
    def test_a_blank_system_turn_is_left_out(self, imported: Any, name: str, count: int) -> None:
        got = imported(case(f"11-*/{name}"))
        assert len(got.rows) == count
        assert all([m.role for m in row.messages] == ["user", "assistant"] for row in got.rows)

    @pytest.mark.parametrize(
        "blank",
        [
            {"role": "developer", "content": " \n"},
            {"role": "system", "content": None},
            {"role": "tool", "content": ""},
            {"role": "assistant", "content": "", "train": False},
            {"role": "assistant", "content": None, "weight": 0},
        ],
    )
    def test_so_are_others_that_say_nothing(self, imported: Any, blank: dict[str, Any]) -> None:
        turns = [{"role": "user", "content": "q"}, blank, {"role": "assistant", "content": "a"}]
        if blank["role"] == "assistant":
            turns.insert(2, {"role": "user", "content": "again"})
        (row,) = imported([{"messages": turns}]).rows
        assert all(m.content for m in row.messages)

    def test_a_tool_that_answers_nothing_has_answered(self, imported: Any) -> None:
        call = [{"function": {"name": "f", "arguments": {}}}]
        turns = [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": None, "tool_calls": call},
            {"role": "tool", "content": "", "tool_call_id": "c1"},
            {"role": "assistant", "content": "Done."},
        ]
        (row,) = imported([{"messages": turns}]).rows
        assert [m.role for m in row.messages] == ["user", "assistant", "tool", "assistant"]

    def test_a_blank_question_is_still_refused(self, imported: Any) -> None:
        rows = [{"messages": [{"role": "user", "content": " "}, {"role": "assistant", "content": "a"}]}]
        with pytest.raises(FileRefusedError, match="empty"):
            imported(rows)
