"""Every row of any file is kept or reported by its number, and no file breaks the reader."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmlora.contracts.dataset import Example
from llmlora.data.encodings import encoding_of
from llmlora.data.errors import (
    BadMappingError,
    CellTooLongError,
    DamagedParquetError,
    DuplicateColumnError,
    FileRefusedError,
    InvalidJsonError,
    MissingColumnError,
    MixedKindsError,
    RowTooLongError,
    SeveralArraysError,
    TooManyColumnsError,
    TruncatedParquetError,
    UnclosedQuoteError,
    UnfoldsTooFarError,
    UnreadableFormatError,
)
from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request, Result
from llmlora.data.kinds.detection import detect
from llmlora.data.kinds.text.canonical import to_example
from llmlora.data.kinds.text.examples import CompletionExample
from llmlora.data.kinds.text.names import CHAT, COMPLETION, INSTRUCTION, PREFERENCE
from llmlora.data.raw import RawRow, SourceFormat
from llmlora.data.read import open_source
from llmlora.data.read_json import rows_of_document, rows_of_lines
from llmlora.data.refusals import Refusal
from llmlora.data.rows import RowsWriter, kind_of_rows, read_examples, read_page
from llmlora.kit.isolate import isolated

PROSE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。カタカナとｶﾅ、記号①も。"
ROWS = [{"instruction": f"質問{i}: {PROSE[:20]}", "output": f"答え{i}、東京です。"} for i in range(40)]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**40)
    | st.floats()
    | st.text()
    | st.just("\ud800")
    | st.just("a\0b"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
hostile = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


def rows_in(path: Path) -> list[RawRow]:
    with open_source(path) as source:
        return list(source.rows)


def look(path: Path, **options: Any) -> Result:
    request = Request(source=path, directory=None, **{"kind": None, "mapping": {}} | options)
    return import_file(request, lambda _message: None)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def in_chunks(text: bytes, size: int) -> Iterator[bytes]:
    return (text[i : i + size] for i in range(0, len(text), size))


class TestEncodings:
    @pytest.mark.parametrize(
        "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "cp932", "euc_jis_2004"]
    )
    @pytest.mark.parametrize("shape", ["jsonl", "json", "csv", "tsv"])
    def test_text_survives_in_every_format(self, tmp_path: Path, codec: str, shape: str) -> None:
        if shape == "jsonl":
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
        elif shape == "json":
            text = json.dumps({"version": 2, "data": ROWS}, ensure_ascii=False, indent=1)
        else:
            stream = io.StringIO()
            writer = csv.DictWriter(
                stream, ["instruction", "output"], delimiter="," if shape == "csv" else "\t"
            )
            writer.writeheader()
            writer.writerows(ROWS)
            text = stream.getvalue()
        data = b"\xff\xfe" + text.encode("utf-16-le") if codec == "utf-16-le-bom" else text.encode(codec)
        path = written(tmp_path / "misnamed.dat", data)
        with open_source(path) as source:
            rows = list(source.rows)
        assert source.format is SourceFormat(shape)
        assert [row.cells for row in rows] == ROWS
        assert [row.number for row in rows] == list(range(1, len(ROWS) + 1))

    @pytest.mark.parametrize("codec", ["cp932", "euc_jp", "utf-8"])
    @pytest.mark.parametrize(
        "text", ["東京", "日本の首都", "ひらがな", "カタカナ", PROSE.replace("①", "") * 500]
    )
    def test_short_and_long_samples_are_told_apart(self, codec: str, text: str) -> None:
        data = text.encode(codec)
        told = encoding_of(data)
        assert told is not None
        assert data.decode(told) == text

    def test_a_sample_that_ends_inside_a_character_is_told_all_the_same(self) -> None:
        for lead in (b"", b"a"):
            text = lead + ("あ" * (3 << 20)).encode("cp932")
            assert encoding_of(text[: 4 << 20]) == "cp932"

    def test_japanese_behind_megabytes_of_ascii_is_found(self, tmp_path: Path) -> None:
        lines = [json.dumps({"text": "a" * 1000})] * 6000 + [
            json.dumps({"text": PROSE[:30]}, ensure_ascii=False)
        ]
        path = written(tmp_path / "late.jsonl", "\n".join(lines).encode("cp932"))
        assert rows_in(path)[-1].cells == {"text": PROSE[:30]}

    def test_a_broken_byte_costs_one_row(self, tmp_path: Path) -> None:
        lines = [json.dumps({"text": PROSE}, ensure_ascii=False).encode("utf-8") for _ in range(100)]
        lines[41] = lines[41][:-4] + b"\xff" + lines[41][-4:]
        result = look(written(tmp_path / "broken.jsonl", b"\n".join(lines)))
        assert [(r.row, r.reason) for r in result.counts.first_refused] == [(42, "undecodable_bytes")]
        assert result.counts.kept == 99


class TestJsonDocuments:
    @hostile
    @given(
        rows=st.lists(anything, max_size=6),
        size=st.integers(min_value=1, max_value=40),
        indent=st.sampled_from([None, 0, 2]),
        holder=st.booleans(),
    )
    def test_rows_are_those_of_the_standard_parser_however_the_bytes_arrive(
        self, rows: list[Any], size: int, indent: int | None, holder: bool
    ) -> None:
        rows = [{"first": 1}, *rows]
        document: Any = {"meta": {"a": [1, "]"]}, "data": rows, "end": ["x"]} if holder else rows
        text = json.dumps(document, indent=indent).encode()
        found = list(rows_of_document(in_chunks(text, size)))
        assert [row.number for row in found] == list(range(1, len(rows) + 1))
        for row, expected in zip(
            found, json.loads(text)["data"] if holder else json.loads(text), strict=True
        ):
            if isinstance(expected, dict):
                assert row.cells.keys() == expected.keys()
            else:
                assert row.problem is not None
                assert row.problem.reason == "not_an_object"

    @hostile
    @given(data=st.binary(max_size=200), size=st.integers(min_value=1, max_value=50))
    def test_any_bytes_give_rows_or_a_refusal(self, data: bytes, size: int) -> None:
        for text in (b"[" + data, b"{" + data, data):
            try:
                for row in rows_of_document(in_chunks(text, size)):
                    assert row.number > 0
            except FileRefusedError:
                continue

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            (b'[{"a":1}', InvalidJsonError),
            (b'[{"a":1} {"a":2}]', InvalidJsonError),
            (b'{"train":[{"a":1}],"test":[{"a":2}]}', SeveralArraysError),
            (b'[{"a":1}]]', InvalidJsonError),
        ],
    )
    def test_malformed_documents_are_refused(self, text: bytes, error: type[FileRefusedError]) -> None:
        with pytest.raises(error):
            list(rows_of_document([text]))

    def test_one_malformed_row_costs_one_row(self) -> None:
        rows = list(rows_of_document([b'[{"a":1},{"a":tru},{"a":3}]']))
        assert [row.problem.reason if row.problem else row.cells["a"] for row in rows] == [
            1,
            "invalid_json",
            3,
        ]

    def test_one_object_of_messages_is_a_row_not_a_holder(self) -> None:
        text = b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}'
        assert [list(row.cells) for row in rows_of_document([text])] == [["messages"]]

    def test_a_row_beyond_16_mib_ends_the_reading(self) -> None:
        pulled = 0

        def endless() -> Iterator[bytes]:
            nonlocal pulled
            yield b'[{"a":"'
            while True:
                pulled += 1
                yield b"x" * (1 << 20)

        with pytest.raises(RowTooLongError):
            list(rows_of_document(endless()))
        assert pulled < 20
        pulled = 0
        with pytest.raises(RowTooLongError):
            list(rows_of_lines(endless()))
        assert pulled < 20

    def test_deep_nesting_is_a_refusal(self) -> None:
        deep = b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
        (row,) = rows_of_lines([deep])
        assert row.problem is not None
        assert row.problem.reason in ("too_deep", "invalid_json")


class TestTables:
    @hostile
    @given(
        table=st.lists(
            st.tuples(
                st.text(st.characters(codec="utf-8", exclude_characters="\0")),
                st.text(st.characters(codec="utf-8", exclude_characters="\0")),
            ),
            min_size=1,
            max_size=12,
        ),
    )
    def test_any_text_comes_back_from_quotes(
        self, tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]]
    ) -> None:
        stream = io.StringIO(newline="")
        csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("instruction", "output"), *table])
        path = written(tmp_path_factory.mktemp("csv") / "t.csv", stream.getvalue().encode())
        with open_source(path, encoding="utf-8") as source:
            found = [tuple(row.cells.values()) for row in source.rows]
        assert found == [pair for pair in table if any(pair)]

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ('a,b\n1,2\n3,"4\n5,6\n', UnclosedQuoteError),
            ("a,a\n1,2\n", DuplicateColumnError),
            (",".join(f"c{i}" for i in range(1025)) + "\n", TooManyColumnsError),
            ('a,b\n"' + "x\n" * (3 << 20), CellTooLongError),
        ],
    )
    def test_tables_that_cannot_be_trusted_are_refused(
        self, tmp_path: Path, content: str, error: type[FileRefusedError]
    ) -> None:
        with pytest.raises(error):
            rows_in(written(tmp_path / "t.csv", content.encode()))

    @pytest.mark.parametrize("name", ["שאלה", "سؤال", "質問", "a'b"])
    def test_repeated_column_is_named_as_it_is_written(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(DuplicateColumnError) as refused:
            rows_in(written(tmp_path / "t.csv", f"{name},{name}\n1,2\n".encode()))
        for language, sentence in (("ja", "列名「{}」"), ("en", "The column “{}” appears")):
            assert sentence.format(isolated(name)) in refused.value.detail(language)

    def test_ragged_rows_are_named_and_trailing_commas_forgiven(self, tmp_path: Path) -> None:
        path = written(tmp_path / "t.csv", b"instruction,output\nq1,a1\nq2\nq3,a3,,\nq4,a4,x\n")
        counts = look(path).counts
        assert [(r.row, r.reason) for r in counts.first_refused] == [(2, "ragged_row"), (4, "ragged_row")]
        assert counts.kept == 2

    def test_a_nul_character_costs_its_row(self, tmp_path: Path) -> None:
        text = "instruction,output\n" + "q,a\n" * 200 + "q,a\0\n"
        refused = look(written(tmp_path / "t.csv", text.encode())).counts.first_refused
        assert [(r.row, r.column, r.reason) for r in refused] == [(201, "output", "nul_character")]

    def test_json_in_cells_is_read(self, tmp_path: Path) -> None:
        turns = json.dumps([{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}])
        stream = io.StringIO()
        csv.writer(stream).writerows([("messages",), (turns,)])
        assert look(written(tmp_path / "t.csv", stream.getvalue().encode())).found.kind == CHAT

    @pytest.mark.parametrize("magic", [b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"\x89PNG\r\n\x1a\n" + bytes(200)])
    def test_archives_and_pictures_are_no_tables(self, tmp_path: Path, magic: bytes) -> None:
        with pytest.raises(UnreadableFormatError):
            rows_in(written(tmp_path / "t.csv", magic + bytes(range(200))))


class TestParquet:
    def test_cut_and_damaged_files_are_told_apart(self, tmp_path: Path) -> None:
        path = tmp_path / "t.parquet"
        pq.write_table(pa.table({"text": [f"text {i} " * 50 for i in range(5000)]}), path)
        whole = path.read_bytes()
        with pytest.raises(TruncatedParquetError):
            rows_in(written(path, whole[: len(whole) // 2]))
        with pytest.raises(DamagedParquetError):
            rows_in(written(path, whole[:100] + bytes(2000) + whole[2100:]))

    def test_a_bomb_is_stopped(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.parquet"
        cell = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), pa.array(["a" * 3_900_000]))
        pq.write_table(pa.table({"text": cell}), path, compression="zstd")
        (tmp_path / "out").mkdir()
        request = Request(source=path, directory=tmp_path / "out", kind=None, mapping={})
        with pytest.raises(UnfoldsTooFarError):
            import_file(request, lambda _message: None)
        assert [p.name for p in (tmp_path / "out").iterdir()] == ["original.parquet"]


class TestDetection:
    @pytest.mark.parametrize(
        ("row", "kind"),
        [
            ({"question": "q", "answer": "a"}, INSTRUCTION),
            ({"質問": "q", "回答": "a"}, INSTRUCTION),
            ({"Prompt": "q", "Response": "a"}, INSTRUCTION),
            ({"input": "q", "output": "a"}, INSTRUCTION),
            ({"instruction": "q", "output": "a", "text": "rendered"}, INSTRUCTION),
            ({"prompt": "q", "completion": "a"}, COMPLETION),
            ({"text": "t"}, COMPLETION),
            ({"prompt": "q", "chosen": "a", "rejected": "b"}, PREFERENCE),
            ({"messages": []}, CHAT),
            ({"conversations": [], "tools": "[]"}, CHAT),
            ({"prompt": [{}], "completion": [{}]}, CHAT),
        ],
    )
    def test_kind_is_told_by_columns(self, row: dict[str, Any], kind: str) -> None:
        assert detect([RawRow(1, row)], None).kind is kind

    def test_mixed_rows_are_named(self) -> None:
        rows = [
            RawRow(1, {"text": "a"}),
            RawRow(2, {"text": "b"}),
            RawRow(3, {"question": "q", "answer": "a"}),
        ]
        with pytest.raises(MixedKindsError) as caught:
            detect(rows, None)
        assert (caught.value.facts["row_a"], caught.value.facts["row_b"]) == (1, 3)

    def test_mixed_rows_behind_the_sample_are_found_too(self, tmp_path: Path) -> None:
        lines = [json.dumps({"text": "a"})] * 1500 + [json.dumps({"question": "q", "answer": "a"})]
        path = written(tmp_path / "late.jsonl", "\n".join(lines).encode())
        (tmp_path / "out").mkdir()
        request = Request(source=path, directory=tmp_path / "out", kind=None, mapping={})
        with pytest.raises(MixedKindsError):
            import_file(request, lambda _message: None)

    def test_what_is_missing_is_named(self) -> None:
        with pytest.raises(MissingColumnError) as caught:
            detect([], ["instruction", "memo"])
        assert "output" in str(caught.value.facts["missing_en"])
        assert "memo" in str(caught.value.facts["found"])

    def test_an_override_must_name_what_is_there(self) -> None:
        rows = [RawRow(1, {"q": "x", "z": "y"})]
        assert detect(rows, None, overrides={"output": "z"}).mapping == {"instruction": "q", "output": "z"}
        for wrong in ({"output": "nowhere"}, {"outputs": "z"}):
            with pytest.raises(BadMappingError):
                detect(rows, None, overrides=wrong)


class TestCanonical:
    @hostile
    @given(
        row=st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("instruction", "output", "input", "system", "history"), anything)
        )
    )
    def test_any_instruction_row_is_an_example_or_a_refusal(self, row: dict[str, Any]) -> None:
        self.check(row, {"instruction": "q", "output": "a", "input": "", "system": "", "history": []})

    @hostile
    @given(
        row=st.fixed_dictionaries(
            {
                "messages": st.lists(
                    st.fixed_dictionaries(
                        {
                            "role": st.sampled_from(["user", "assistant", "system", "tool", "narrator"])
                            | anything
                        },
                        optional={
                            "content": anything,
                            "tool_calls": anything,
                            "weight": anything,
                            "name": anything,
                        },
                    ),
                    max_size=4,
                )
            },
            optional={"tools": anything, "system": anything},
        )
    )
    def test_any_chat_row_is_an_example_or_a_refusal(self, row: dict[str, Any]) -> None:
        self.check(row, {"messages": [], "tools": [], "system": ""})

    @hostile
    @given(row=st.fixed_dictionaries({}, optional=dict.fromkeys(("prompt", "chosen", "rejected"), anything)))
    def test_any_preference_row_is_an_example_or_a_refusal(self, row: dict[str, Any]) -> None:
        self.check(row, {"prompt": "p", "chosen": "a", "rejected": "b"})

    def check(self, row: dict[str, Any], model: dict[str, Any]) -> None:
        outcome = to_example(RawRow(7, row), detect([RawRow(1, model)], None))
        assert isinstance(outcome, Example | Refusal)
        assert outcome.row == 7
        outcome.model_dump_json()  # can be stored and sent

    @pytest.mark.parametrize(
        ("roles", "reason"),
        [
            ("user assistant", None),
            ("system user assistant user assistant", None),
            ("user assistant tool tool assistant user", None),
            ("assistant user", "bad_role_order"),
            ("user user assistant", "bad_role_order"),
            ("user system assistant", "bad_role_order"),
            ("user tool assistant", "bad_role_order"),
            ("system user", "no_assistant_turn"),
        ],
    )
    def test_order_of_turns(self, roles: str, reason: str | None) -> None:
        row = {"messages": [{"role": role, "content": "x"} for role in roles.split()]}
        outcome = to_example(RawRow(1, row), detect([RawRow(1, row)], None))
        assert (outcome.reason if isinstance(outcome, Refusal) else None) == reason

    def test_weights_and_conversational_prompts_take_turns_out_of_the_loss(self) -> None:
        turns = [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": "a", "weight": 0},
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": "b", "weight": 1},
        ]
        split = {"prompt": turns[:3], "completion": turns[3:]}
        for row in ({"messages": turns}, split):
            example = to_example(RawRow(1, row), detect([RawRow(1, row)], None))
            assert isinstance(example, Example)
            assert [m.train for m in example.messages if m.role == "assistant"] == [False, True]

    def test_preferences_may_repeat_their_prompt(self) -> None:
        turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "good"}]
        row = {"chosen": turns, "rejected": [turns[0], {"role": "assistant", "content": "bad"}]}
        for given_ in (row, {"prompt": "q", **row}):
            example = to_example(RawRow(1, given_), detect([RawRow(1, given_)], None))
            assert isinstance(example, Example)
            assert ([m.content for m in example.messages], example.chosen, example.rejected) == (
                ["q"],
                "good",
                "bad",
            )


class TestRows:
    def test_pages_are_those_of_the_whole(self, tmp_path: Path) -> None:
        path = tmp_path / "rows.parquet"
        writer = RowsWriter(path, COMPLETION)
        examples = [CompletionExample(row=i + 1, completion="語" * 3000 + str(i)) for i in range(6000)]
        for example in examples:
            writer.append(example)
        assert not path.exists()
        writer.close()
        assert kind_of_rows(path) == COMPLETION
        assert pq.ParquetFile(path).num_row_groups > 1
        assert list(read_examples(path)) == examples
        for offset, limit in ((0, 3), (2790, 20), (5995, 20), (6000, 5)):
            assert read_page(path, offset=offset, limit=limit) == examples[offset : offset + limit]
