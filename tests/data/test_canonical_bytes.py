"""The canonical rows of text kinds are, byte for byte, those of the commit before kinds were folders (a212959).

The hashes hold for the pinned pyarrow, which writes its version into each file: a newer one means new hashes, and nothing else does.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request

CALL = [
    {
        "id": "c1",
        "type": "function",
        "function": {"name": "weather", "arguments": {"city": "大阪", "n": 1.50}},
    }
]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
TALK = [
    {"role": "system", "content": "簡潔に。"},
    {"role": "user", "content": "大阪の天気は？"},
    {"role": "assistant", "content": "", "tool_calls": CALL, "reasoning_content": "調べる。"},
    {"role": "tool", "content": "晴れ", "tool_call_id": "c1", "name": "weather"},
    {"role": "assistant", "content": "晴れです。"},
    {"role": "user", "content": "ありがとう"},
    {"role": "assistant", "content": "どういたしまして。", "weight": 0},
]
ASKED = [{"from": "human", "value": "1 + 1?"}, {"from": "gpt", "value": "2"}]


def lines(*rows: object) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def table(rows: Sequence[Mapping[str, Any]], encoding: str) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode(encoding)


def parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), stream)
    return stream.getvalue()


PAIRS = [{"質問": f"質問 {i}", "回答": f"答え {i}、東京です。"} for i in range(300)]
INPUTS = {
    "instruction": (
        "a.jsonl",
        lines(
            {"instruction": "訳して", "input": "cat", "output": "猫", "system": "辞書"},
            {"instruction": "続けて", "output": 3.10, "history": [["こんにちは", "はい"]]},
            "no object",
            {"instruction": " ", "output": "x"},
        ),
    ),
    "table": ("a.csv", table(PAIRS, "cp932")),
    "chat": ("a.json", json.dumps({"data": [{"messages": TALK, "tools": TOOLS}, {"messages": ASKED}]}).encode()),
    "bare_turns": ("b.json", json.dumps([ASKED, TALK], ensure_ascii=False).encode()),
    "prompt_and_answer_turns": ("c.jsonl", lines({"prompt": TALK[:2], "completion": [TALK[4]]})),
    "completion": ("d.jsonl", lines({"text": "吾輩は猫である。"}, {"text": "名前はまだ無い。"})),
    "prompted": ("e.tsv", b"prompt\tcompletion\n1+1=\t2\n2+2=\t\n3+3=\t6\n"),
    "preference": (
        "f.jsonl",
        lines(
            {"prompt": "色は？", "chosen": "赤", "rejected": "青", "system": "短く"},
            {"prompt": ASKED[:1], "chosen": [*ASKED], "rejected": [ASKED[0], {"from": "gpt", "value": "3"}]},
        ),
    ),
    "columnar": ("g.parquet", parquet([{"question": f"q{i}", "answer": i / 8} for i in range(50)])),
}  # fmt: skip
EXPECTED = {
    "instruction": ("text.instruction", "40481cb6f7dfb7a0942b292900b9082dc9379d3bd44d1a648bc28a2118705da9"),
    "table": ("text.instruction", "990a195b5573e920719d8c40340652b5e7bcea0829ca0fdc602158c7f6d089d3"),
    "chat": ("text.chat", "eb8cba08435bdad6c8cf232c722f91b5d0decba425bee0242188326e0c93f3ff"),
    "bare_turns": ("text.chat", "e066fe9376eb63ddfa84a54e3e667ef92c13ba3b7c483447563836bd21579336"),
    "prompt_and_answer_turns": (
        "text.chat",
        "8937052da4b0ef84fb04212f239b4c3d2fe2cc5b110403ce3ecbd941a1560f88",
    ),
    "completion": ("text.completion", "8e2675850a2f8683897fca1693a733ed8baa2d5b2585cbdc197d684c0c113d82"),
    "prompted": ("text.completion", "f06ec5f564e10acda3ea3dede52a3058a208e3c46d2a84fb16157c4a49fd386b"),
    "preference": ("text.preference", "b1495099ae0af97bdc12679cca09c60a3ee84e0acb56bc92125f6b0f84dfa7bd"),
    "columnar": ("text.instruction", "0e39821a230628851b6982949ac796acc59f3c87562d651b08cf7fafd3740f06"),
}


@pytest.mark.parametrize("name", INPUTS)
def test_rows_are_written_as_before(name: str, tmp_path: Path) -> None:
    file, content = INPUTS[name]
    (source := tmp_path / file).write_bytes(content)
    (directory := tmp_path / "dataset").mkdir()
    request = Request(source=source, directory=directory, kind=None, mapping={})
    result = import_file(request, lambda _message: None)
    assert (str(result.found.kind), result.rows_sha256) == EXPECTED[name]
