"""Files become datasets whole or not at all, and every row is kept or reported."""

import asyncio
import contextlib
import csv
import io
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmlora.data.errors import (
    EmptyFileError,
    FileNotReadableError,
    FileRefusedError,
    MissingColumnError,
    MixedKindsError,
    NoRowsError,
    NoUsableRowError,
    RowTooLongError,
    TruncatedParquetError,
)
from llmlora.data.kinds.text.names import CHAT, INSTRUCTION, PREFERENCE
from llmlora.data.rows import read_examples
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.datasets import service
from llmlora.features.datasets.errors import DatasetNotFoundError, ImporterDiedError
from llmlora.features.datasets.schemas import DatasetAdded
from llmlora.kit.db import Database

QA = [("日本の首都は？", "東京です。"), ("一年は何か月？", "12か月です。"), ("空の色は？", "青です。")]


@pytest.fixture
def add(services: ServiceUrls, data_dir: Path) -> Callable[..., DatasetAdded]:
    """Add a file through the service, in a data directory of the test's own."""

    def added(path: Path, **options: Any) -> DatasetAdded:
        async def work() -> DatasetAdded:
            database = Database(services.database_url)
            try:
                return await service.add_dataset(database, data_dir, path, **options)
            finally:
                await database.close()

        return asyncio.run(work())

    return added


def pairs(data_dir: Path, added: DatasetAdded) -> list[tuple[str, str]]:
    """Last question and answer of every stored row."""
    path = data_dir / "datasets" / added.dataset.id / "rows.parquet"
    return [(e.messages[-2].content, e.messages[-1].content) for e in read_examples(path)]


def importers() -> list[psutil.Process]:
    """The importer children of this process."""
    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # servers of other tests come and go
            if "llmlora.data.importer" in child.cmdline():
                found.append(child)
    return found


def csv_text(header: list[str]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows(QA)
    return stream.getvalue()


class TestRoundTrip:
    @pytest.mark.parametrize(
        ("encoding", "told"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8"),
            ("utf-16", "utf-16"),
            ("cp932", "cp932"),
            ("euc_jp", "euc"),
        ],
    )
    def test_csv_in_any_japanese_encoding(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path, encoding: str, told: str
    ) -> None:
        path = tmp_path / "faq.csv"
        path.write_bytes(csv_text(["質問", "回答"]).encode(encoding))
        added = add(path)
        assert pairs(data_dir, added) == QA
        assert added.dataset.kind == INSTRUCTION
        assert (added.dataset.encoding or "").lower().replace("_", "-").startswith(told)

    @pytest.mark.parametrize("shape", ["array", "object", "lines"])
    def test_json_as_array_object_or_lines(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path, shape: str
    ) -> None:
        rows = [{"instruction": q, "output": a} for q, a in QA]
        documents = {
            "array": json.dumps(rows, ensure_ascii=False),
            "object": json.dumps({"version": 1, "data": rows}),
            "lines": "\n".join(json.dumps(r) for r in rows) + "\n",
        }
        path = tmp_path / "faq.json"
        path.write_text(documents[shape], encoding="utf-8")
        assert pairs(data_dir, add(path)) == QA

    def test_parquet_of_messages(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        rows = [[{"role": "user", "content": q}, {"role": "assistant", "content": a}] for q, a in QA]
        pq.write_table(pa.table({"messages": rows}), tmp_path / "chats.parquet")
        added = add(tmp_path / "chats.parquet")
        assert pairs(data_dir, added) == QA
        assert added.dataset.kind == CHAT

    def test_sharegpt_with_tools(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        turns = [
            {"from": "system", "value": "道具を使えます。"},
            {"from": "human", "value": "天気は？"},
            {"from": "function_call", "value": '{"name": "weather", "arguments": {"city": "東京"}}'},
            {"from": "observation", "value": "晴れ"},
            {"from": "gpt", "value": "晴れです。"},
        ]
        path = tmp_path / "tools.json"
        path.write_text(json.dumps([{"conversations": turns, "tools": "[]"}]), encoding="utf-8")
        added = add(path)
        stored = next(read_examples(data_dir / "datasets" / added.dataset.id / "rows.parquet"))
        assert [m.role for m in stored.messages] == ["system", "user", "assistant", "tool", "assistant"]
        assert json.loads(stored.messages[2].tool_calls or "")

    def test_alpaca_with_input_system_and_history(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        row = {
            "instruction": "訳して",
            "input": "cat",
            "output": "猫",
            "system": "翻訳者",
            "history": [["やあ", "こんにちは"]],
        }
        path = tmp_path / "alpaca.jsonl"
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")
        added = add(path)
        stored = next(read_examples(data_dir / "datasets" / added.dataset.id / "rows.parquet"))
        assert [(m.role, m.content) for m in stored.messages] == [
            ("system", "翻訳者"),
            ("user", "やあ"),
            ("assistant", "こんにちは"),
            ("user", "訳して\ncat"),
            ("assistant", "猫"),
        ]

    def test_preference_is_stored_and_shown(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "pref.jsonl"
        path.write_text('{"prompt":"q","chosen":"good","rejected":"bad"}\n', encoding="utf-8")
        added = add(path)
        assert added.dataset.kind == PREFERENCE
        stored = next(read_examples(data_dir / "datasets" / added.dataset.id / "rows.parquet"))
        assert (stored.chosen, stored.rejected) == ("good", "bad")

    def test_quoted_line_breaks_keep_row_numbers(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "lines.csv"
        path.write_text('instruction,output\n"a\nb","c\nd"\nq,\nq2,a2\n', encoding="utf-8")
        added = add(path)
        assert pairs(data_dir, added) == [("a\nb", "c\nd"), ("q2", "a2")]
        assert [r.row for r in added.dataset.counts.first_refused] == [2]

    def test_kind_and_mapping_can_be_given(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "own.csv"
        path.write_text("foo,bar\n問い,答え\n", encoding="utf-8")
        with pytest.raises(MissingColumnError):
            add(path)
        mapping = {"instruction": "foo", "output": "bar"}
        assert pairs(data_dir, add(path, kind=INSTRUCTION, mapping=mapping)) == [("問い", "答え")]


class TestSameBytes:
    def test_are_the_same_dataset_and_it_says_so(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / f"{os.getpid()}.jsonl"
        unique = data_dir.parent.name
        path.write_text(json.dumps({"instruction": unique, "output": "a"}) + "\n", encoding="utf-8")
        first, second = add(path), add(path)
        assert not first.already_known
        assert second.already_known
        assert first.dataset.id == second.dataset.id
        assert len(list((data_dir / "datasets").iterdir())) == 1


class TestRefusedRows:
    def test_are_counted_and_the_first_hundred_named(
        self, add: Callable[..., DatasetAdded], tmp_path: Path
    ) -> None:
        rows = [{"instruction": "q", "output": "" if i % 2 else f"a{i}"} for i in range(300)]
        path = tmp_path / "half.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        counts = add(path).dataset.counts
        assert (counts.read, counts.kept, counts.refused) == (300, 150, 150)
        assert len(counts.first_refused) == 100
        assert sum(counts.refused_by_reason.values()) == 150
        first = counts.first_refused[0]
        assert (first.row, first.column) == (2, "output")
        assert first.ja
        assert first.en

    junk = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    )

    @pytest.mark.slow
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        rows=st.lists(st.fixed_dictionaries({"instruction": junk, "output": junk}), min_size=1, max_size=20)
    )
    def test_hostile_rows_are_kept_or_reported_and_never_lost(
        self, tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
    ) -> None:
        path = tmp_path_factory.mktemp("hostile") / "rows.jsonl"
        path.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
        try:
            result = asyncio.run(service.preview_dataset(path))
        except FileRefusedError as error:
            assert error.detail("ja")
            return
        assert result.counts.read == len(rows)
        assert result.counts.kept + result.counts.refused == len(rows)


class TestRefusedFile:
    @pytest.mark.parametrize(
        ("name", "content", "error"),
        [
            ("empty.csv", b"", EmptyFileError),
            ("blank.jsonl", b"\n  \n", EmptyFileError),
            ("header.csv", b"instruction,output\n", NoRowsError),
            ("cut.parquet", b"PAR1" + b"\0" * 300, TruncatedParquetError),
            ("column.csv", b"instruction,note\na,b\n", MissingColumnError),
            ("mixed.json", b'[{"instruction":"a","output":"b"},{"text":"c"}]', MixedKindsError),
            ("useless.jsonl", b'{"instruction":"a","output":""}\n', NoUsableRowError),
            ("broken.json", b'[{"instruction":"a","output":"b"}', FileRefusedError),
            ("binary.csv", bytes(range(256)) * 8, FileRefusedError),
        ],
    )
    def test_says_why_in_both_languages_and_leaves_nothing(
        self,
        add: Callable[..., DatasetAdded],
        data_dir: Path,
        tmp_path: Path,
        name: str,
        content: bytes,
        error: type[FileRefusedError],
    ) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(error) as caught:
            add(path)
        assert caught.value.detail("ja") != caught.value.detail("en")
        assert list((data_dir / "datasets").iterdir()) == []

    def test_one_enormous_line_is_refused_early(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "line.jsonl"
        with path.open("wb") as stream:
            stream.write(b'{"text":"')
            for _ in range(400):
                stream.write(b"a" * (1 << 20))
        with pytest.raises(RowTooLongError):
            add(path)
        assert list((data_dir / "datasets").iterdir()) == []

    def test_missing_file_is_told_from_a_bad_one(
        self, add: Callable[..., DatasetAdded], tmp_path: Path
    ) -> None:
        with pytest.raises(FileNotReadableError):
            add(tmp_path / "nowhere.csv")


class TestImporter:
    def test_killed_child_leaves_nothing_and_the_next_import_works(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "big.jsonl"
        line = json.dumps({"instruction": "q" * 200, "output": "a" * 200})
        path.write_text("\n".join([line] * 200_000), encoding="utf-8")

        def kill(_progress: object) -> None:
            for child in importers():
                child.send_signal(signal.SIGKILL)

        with pytest.raises(ImporterDiedError):
            add(path, on_progress=kill)
        assert list((data_dir / "datasets").iterdir()) == []
        (data_dir / "datasets" / ".incoming-import_stale").mkdir()
        path.write_text(line + "\n", encoding="utf-8")
        add(path)
        assert [p.name[:3] for p in (data_dir / "datasets").iterdir()] == ["ds_"]

    @pytest.mark.long
    def test_large_file_enters_in_bounded_memory(
        self, add: Callable[..., DatasetAdded], tmp_path: Path
    ) -> None:
        path = tmp_path / "large.jsonl"
        with path.open("w", encoding="utf-8") as stream:
            for i in range(150_000):
                stream.write(json.dumps({"instruction": f"{i} " + "q" * 600, "output": "a" * 700}) + "\n")
        assert path.stat().st_size > 190_000_000
        peak = 0

        def watch(_progress: object) -> None:
            nonlocal peak
            for child in importers():
                peak = max(peak, child.memory_info().rss)

        assert add(path, on_progress=watch).dataset.counts.kept == 150_000
        assert 0 < peak < 300 << 20

    @pytest.mark.anyio
    async def test_same_bytes_at_the_same_time_are_one_dataset(
        self, database: Database, data_dir: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "twice.jsonl"
        path.write_text(
            json.dumps({"instruction": data_dir.parent.name, "output": "a"}) + "\n", encoding="utf-8"
        )
        both = await asyncio.gather(*(service.add_dataset(database, data_dir, path) for _ in range(2)))
        assert sorted(one.already_known for one in both) == [False, True]
        assert both[0].dataset.id == both[1].dataset.id
        assert [p.name for p in (data_dir / "datasets").iterdir()] == [both[0].dataset.id]

    def test_what_died_between_rename_and_commit_is_settled_by_the_next_import(
        self, add: Callable[..., DatasetAdded], data_dir: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "one.jsonl"
        path.write_text(
            json.dumps({"instruction": data_dir.parent.name, "output": "a"}) + "\n", encoding="utf-8"
        )
        kept = data_dir / "datasets" / add(path).dataset.id
        unknown = kept.with_name("ds_unknown")
        unknown.mkdir()
        for directory in (kept, unknown):
            (directory / "unsettled").touch()
        assert add(path).already_known
        assert sorted(p.name for p in kept.iterdir()) == ["manifest.json", "original.json", "rows.parquet"]
        assert not unknown.exists()

    def test_a_file_name_in_another_encoding_is_no_obstacle(
        self, add: Callable[..., DatasetAdded], tmp_path: Path
    ) -> None:
        path = tmp_path / os.fsdecode("質問集.csv".encode("cp932"))
        path.write_text("質問,回答\nq,a\n", encoding="utf-8")
        assert add(path).dataset.counts.kept == 1
        path.write_bytes(b"")
        with pytest.raises(EmptyFileError):
            add(path)


class TestLife:
    @pytest.mark.anyio
    async def test_pages_shows_and_forgets(self, database: Database, data_dir: Path, tmp_path: Path) -> None:
        path = tmp_path / "ten.jsonl"
        unique = data_dir.parent.name
        rows = [{"instruction": f"{unique} {i}", "output": str(i)} for i in range(10)]
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        added = await service.add_dataset(database, data_dir, path, name="十行")
        id_ = added.dataset.id
        page = await service.page_dataset(database, data_dir, id_, offset=6, limit=3)
        assert [e.row for e in page.data] == [7, 8, 9]
        assert page.next == 9
        assert id_ in [one.id for one in await service.list_datasets(database)]
        given_ = service.as_input(await service.get_dataset(database, id_), data_dir)
        assert given_.rows == 10
        await service.remove_dataset(database, data_dir, id_)
        assert not given_.path.exists()
        with pytest.raises(DatasetNotFoundError):
            await service.get_dataset(database, id_)
