"""What other tools' bug reports sent in becomes the rows that their authors wrote, or is refused by number and reason."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from llmlora.data.errors import MissingColumnError, RowsAreTurnsError

from tests.cases.importing import assistants, case, talk


class TestEncodings:
    def test_western_chinese_and_korean_files_read_as_they_were_written(self, imported: Any) -> None:
        expected = json.loads(case("02-*/expected.json").read_text("utf-8"))
        for name, file in expected.items():
            got = imported(case(f"02-*/{name}"))
            assert [[m.content for m in row.messages] for row in got.rows] == file["rows"]

    @pytest.mark.parametrize(("name", "question"), [("min.csv", "Quel délai?"), ("min-euro.csv", "Price?")])
    def test_one_accent_or_one_euro_is_enough(self, imported: Any, name: str, question: str) -> None:
        got = imported(case(f"02-*/{name}"))
        assert got.rows[0].messages[0].content == question
        assert got.answers in (["Un an."], ["10 € a day"])

    def test_japanese_excel_behind_25_kb_of_ascii(self, imported: Any) -> None:
        expected = json.loads(case("03-*/expected.json").read_text("utf-8"))
        got = imported(case("03-*/catalogue.csv"))
        assert got.result.found.encoding == expected["encoding"]
        assert [[m.content for m in row.messages] for row in got.rows[300:]] == expected["rows_301_to_308"]
        assert (got.result.counts.kept, got.refused, "code" in got.ignored) == (308, [], True)

    def test_the_same_rows_in_utf_8_stay(self, imported: Any) -> None:
        for file in json.loads(case("02-*/expected.json").read_text("utf-8")).values():
            lines = [{"question": q, "answer": a} for q, a in file["rows"]]
            assert [[m.content for m in row.messages] for row in imported(lines).rows] == file["rows"]


class TestNulls:
    def test_keys_that_arrow_filled_in_are_gone(self, imported: Any) -> None:
        expected = json.loads(case("04-*/expected.json").read_text("utf-8"))
        got = imported(case("04-*/tools.parquet"))
        assert [json.loads(row.tools) for row in got.rows] == expected["tools"]
        calls = [json.loads(row.messages[1].tool_calls) for row in got.rows]
        assert [call[0]["function"]["arguments"] for call in calls] == expected["arguments"]

    def test_a_users_own_nulls_stay(self, imported: Any) -> None:
        function = {"name": "f", "arguments": {"city": None, "days": [None, 1]}}
        tools = [{"type": "function", "function": {"name": "f", "parameters": {"default": None}}}]
        as_text = {**function, "arguments": json.dumps(function["arguments"])}
        for one in (function, as_text):
            got = imported([talk({"content": None, "tool_calls": [{"function": one}]}, tools=tools)])
            (row,) = got.rows
            assert json.loads(row.tools) == tools
            assert json.loads(row.messages[1].tool_calls) == [{"function": function}]

    def test_json_text_in_a_parquet_cell_keeps_its_nulls(self, imported: Any, tmp_path: Path) -> None:
        tools = '[{"name": "f", "default": null}]'
        row = {**talk({"content": "a"}), "tools": tools}
        path = tmp_path / "t.parquet"
        pq.write_table(pa.Table.from_pylist([row]), path)
        assert json.loads(imported(path).rows[0].tools) == json.loads(tools)


class TestMarks:
    @pytest.mark.parametrize("name", ["turns.jsonl", "calls.jsonl", "min.jsonl", "min-train-0.jsonl"])
    def test_wrong_turns_are_context_only(self, imported: Any, name: str) -> None:
        got = imported(case(f"05-*/{name}"))
        assert got.result.counts.refused == 0
        for row in got.rows:
            marked = [(m.train, "WRONG" in m.content + (m.tool_calls or "")) for m in assistants(row)]
            assert marked == [(False, True), (True, False)]

    @pytest.mark.parametrize(
        "mark",
        [{"weight": "0"}, {"weight": 0.0}, {"train": "0"}, {"loss": 0}, {"loss": "False"}, {"train": "off"}],
    )
    def test_each_spelling_of_no_is_one(self, imported: Any, mark: dict[str, Any]) -> None:
        (row,) = imported([talk({"content": "no", **mark}, {"content": "yes"})]).rows
        assert [m.train for m in assistants(row)] == [False, True]

    @pytest.mark.parametrize(
        "mark", [{"weight": "1"}, {"loss": True}, {"train": None}, {"weight": 1.0}, {"loss": ""}]
    )
    def test_and_of_yes(self, imported: Any, mark: dict[str, Any]) -> None:
        (row,) = imported([talk({"content": "yes", **mark})]).rows
        assert assistants(row)[0].train

    @pytest.mark.parametrize("mark", [{"weight": 0.5}, {"train": "maybe"}, {"loss": 2}])
    def test_what_is_neither_is_refused_by_turn(self, imported: Any, mark: dict[str, Any]) -> None:
        got = imported([talk({"content": "a", **mark}), talk({"content": "b"})])
        assert got.refused == [(1, "messages", "bad_mark")]

    def test_keys_that_are_not_understood_are_named(self, imported: Any) -> None:
        turns = [
            {"role": "user", "content": [{"type": "text", "text": "q", "cache": 1}], "mood": "calm"},
            {"role": "assistant", "content": "a", "train_detail": [1], "empty": None},
        ]
        got = imported([{"messages": turns, "source": "x"}])
        assert got.ignored == [
            "source",
            "messages[].mood",
            "messages[].content[].cache",
            "messages[].train_detail",
        ]


class TestReasoning:
    def test_it_is_kept_beside_the_answer(self, imported: Any) -> None:
        for name, count in (("reasoning_content.jsonl", 3), ("thinking.jsonl", 2)):
            got = imported(case(f"06-*/{name}"))
            thoughts = [assistants(row)[0].reasoning for row in got.rows]
            assert len(got.rows) == count
            assert all(one is None or one.startswith("THOUGHT-") for one in thoughts)
            assert got.ignored == []
        assert thoughts == ["THOUGHT-C: nine nines are 81.", "THOUGHT-D: twice eight."]

    def test_null_and_blank_are_none(self, imported: Any) -> None:
        got = imported(
            [talk({"content": "a", "reasoning_content": None}), talk({"content": "b", "reasoning": " "})]
        )
        assert [assistants(row)[0].reasoning for row in got.rows] == [None, None]

    def test_parts_of_the_content_hold_it_too(self, imported: Any) -> None:
        parts = [{"type": "thinking", "thinking": "T"}, {"type": "text", "text": "a"}]
        (row,) = imported([talk({"content": parts})]).rows
        assert (assistants(row)[0].reasoning, assistants(row)[0].content) == ("T", "a")

    def test_a_second_one_and_one_of_another_role_are_named(self, imported: Any) -> None:
        turns = [
            {"role": "user", "content": "q", "thinking": "U"},
            {"role": "assistant", "content": "a", "reasoning_content": "R", "thinking": "T"},
        ]
        got = imported([{"messages": turns}])
        assert assistants(got.rows[0])[0].reasoning == "R"
        assert got.ignored == ["messages[].thinking"]


class TestCalls:
    def test_arguments_as_text_become_objects_and_ids_stay(self, imported: Any) -> None:
        got = imported(case("17-*/openai_tools.jsonl"))
        assert got.result.counts.kept == 4
        for row in got.rows:
            (call,) = json.loads(row.messages[1].tool_calls)
            assert set(call["function"]["arguments"]) == {"city", "days"}
            assert row.messages[2].tool_call_id == call["id"]

    @pytest.mark.parametrize(
        ("given", "stored"),
        [("", {}), ("{}", {}), ("not json", "not json"), ("[1]", "[1]"), ('{"a": 1.50}', {"a": 1.5})],
    )
    def test_text_that_is_no_object_stays_text(self, imported: Any, given: str, stored: Any) -> None:
        call = {"type": "function", "function": {"name": "f", "arguments": given}}
        (row,) = imported([talk({"content": None, "tool_calls": [call]})]).rows
        assert json.loads(row.messages[1].tool_calls)[0]["function"]["arguments"] == stored
        assert "1.50" in row.messages[1].tool_calls or "1.50" not in given

    @pytest.mark.parametrize("name", ["min.no_text_call.jsonl", "min.text_arguments.jsonl"])
    def test_a_call_is_an_answer_of_its_own(self, imported: Any, name: str) -> None:
        (row,) = imported(case(f"17-*/{name}")).rows
        assert json.loads(row.messages[1].tool_calls)[0]["function"]["arguments"] == {"city": "Nara"}


class TestConversationsByTheirShape:
    @pytest.mark.parametrize(
        ("name", "conversations"),
        [
            ("list_of_lists.json", 2),
            ("one_conversation.json", 1),
            ("one_object_dialogue.json", 1),
            ("one_line_kaiwa.jsonl", 1),
            ("openai_export.json", 2),
            ("min.json", 1),
            ("min-object.json", 1),
        ],
    )
    def test_each_conversation_is_one_row(self, imported: Any, name: str, conversations: int) -> None:
        got = imported(case(f"07-*/{name}"))
        assert got.result.found.kind == "text.chat"
        assert (got.result.counts.read, len(got.rows)) == (conversations, conversations)

    TURNS = (
        [{"role": "user", "content": "q1"}, {"role": "assistant", "content": "a1"}],
        [{"from": "human", "value": "q2"}, {"from": "gpt", "value": "a2"}],
    )

    @pytest.mark.parametrize(
        "key",
        [
            "messages",
            "conversations",
            "conversation",
            "dialog",
            "dialogue",
            "turns",
            "chat",
            "対話",
            "会話",
            "log",
        ],
    )
    @pytest.mark.parametrize("shape", ["lines", "array", "object"])
    def test_whatever_holds_the_turns(self, imported: Any, key: str, shape: str) -> None:
        rows = [{"id": 1, key: self.TURNS[0]}, {"id": 2, key: self.TURNS[1]}]
        if shape == "object":
            got = imported(json.dumps(rows[0], ensure_ascii=False, indent=1), "t.json")
            assert (got.result.found.kind, got.answers) == ("text.chat", ["a1"])
            return
        got = imported(rows if shape == "lines" else json.dumps(rows, ensure_ascii=False), "t.json")
        assert (got.result.found.kind, got.answers, got.ignored) == ("text.chat", ["a1", "a2"], ["id"])

    def test_one_bare_conversation_a_line(self, imported: Any) -> None:
        got = imported(list(self.TURNS))
        assert (got.result.found.kind, got.answers) == ("text.chat", ["a1", "a2"])

    def test_lists_of_conversations_below_a_key(self, imported: Any) -> None:
        for key in ("conversations", "data"):
            got = imported(json.dumps({"version": 1, key: self.TURNS}), "t.json")
            assert (got.result.found.kind, got.answers) == ("text.chat", ["a1", "a2"])

    def test_a_table_holds_conversations_as_json_text(self, imported: Any, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([["会話"], *([json.dumps(turns)] for turns in self.TURNS)])
        assert imported(path).answers == ["a1", "a2"]

    def test_single_turns_without_their_conversation_are_refused(self, imported: Any) -> None:
        flat = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
        with pytest.raises(RowsAreTurnsError, match="messages"):
            imported(flat)
        with pytest.raises(RowsAreTurnsError):
            imported("role,content\nuser,q\nassistant,a\n", "t.csv")
        marked = [{"conversation_id": n, **turn} for n in (1, 2) for turn in flat]
        with pytest.raises(RowsAreTurnsError):
            imported(json.dumps(marked), "t.json")

    def test_a_table_about_people_with_roles_is_no_conversation(self, imported: Any) -> None:
        got = imported([{"role": "captain", "content": "sails"}, {"role": "cook", "content": "cooks"}])
        assert (got.result.found.kind, len(got.rows)) == ("text.completion", 2)


class TestPreferences:
    def test_pairs_in_the_hubs_shape(self, imported: Any) -> None:
        got = imported(case("08-*/hf_pairs.jsonl"))
        assert [(row.row, row.chosen, row.rejected) for row in got.rows] == [(1, "Good morning!", "What?")]
        assert [(row, column) for row, column, _ in got.refused] == [
            (2, "rejected"),
            (3, "rejected"),
            (4, "rejected"),
        ]
        assert got.ignored == ["score_chosen", "score_rejected"]

    def test_a_label_is_named_and_other_shapes_are_refused(self, imported: Any) -> None:
        assert imported(case("08-*/kto.jsonl")).ignored == ["label"]
        with pytest.raises(MissingColumnError, match="preferred_output"):
            imported(case("08-*/openai_dpo.jsonl"))

    @staticmethod
    def pair(prompt: Any, *before: tuple[str, str]) -> dict[str, Any]:
        turns = [{"role": role, "content": text} for role, text in before]
        return {
            "prompt": prompt,
            "chosen": [*turns, {"role": "assistant", "content": "good"}],
            "rejected": [*turns, {"role": "assistant", "content": "bad"}],
        }

    @pytest.mark.parametrize(
        ("prompt", "before"),
        [
            ("Say yes.", [("user", "Say no.")]),
            ([{"role": "user", "content": "Say yes."}], [("user", "Say no.")]),
            (
                [{"role": "system", "content": "A"}, {"role": "user", "content": "q"}],
                [("system", "B"), ("user", "q")],
            ),
            ("q", [("user", "p"), ("assistant", "a"), ("user", "r")]),
        ],
    )
    def test_a_conversation_that_contradicts_its_prompt_is_refused(
        self, imported: Any, prompt: Any, before: list[tuple[str, str]]
    ) -> None:
        got = imported([self.pair(prompt, *before), self.pair("q", ("user", "q"))])
        assert got.refused == [(1, "chosen", "prompt_contradicted")]

    @pytest.mark.parametrize(
        ("prompt", "before", "kept"),
        [
            ("q", [], ["q"]),
            ("q", [("system", "S"), ("user", "q")], ["S", "q"]),
            ("q ", [("user", "q")], ["q "]),
            ("r", [("user", "p"), ("assistant", "a"), ("user", "r")], ["p", "a", "r"]),
            ("p", [("user", "p"), ("assistant", "a"), ("user", "r")], ["p", "a", "r"]),
        ],
    )
    def test_one_that_agrees_keeps_the_whole_prompt(
        self, imported: Any, prompt: str, before: list[tuple[str, str]], kept: list[str]
    ) -> None:
        (row,) = imported([self.pair(prompt, *before)]).rows
        assert [m.content for m in row.messages] == kept
