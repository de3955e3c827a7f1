"""Tables are told from texts, read in every way in which they are written, and looked over."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import datasets

from llmlora.data.errors import BadMappingError, DuplicateColumnError, MissingColumnError
from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request, Result
from llmlora.data.kinds.table.columns import Table, read_table
from llmlora.data.manifest import read_manifest
from llmlora.data.scalars import class_name, number_of, scalar_of


def imported(
    tmp_path: Path,
    name: str,
    content: str | bytes,
    *,
    kind: str | None = None,
    mapping: dict[str, str] | None = None,
) -> tuple[Result, Path]:
    source, directory = tmp_path / name, tmp_path / f"{name}-kept"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    directory.mkdir()
    request = Request(source=source, directory=directory, kind=kind, mapping=mapping or {})
    return import_file(request, lambda _message: None), directory


def table_of(
    tmp_path: Path, name: str, content: str | bytes, *, mapping: dict[str, str] | None = None
) -> Table:
    result, directory = imported(tmp_path, name, content, kind="table", mapping=mapping)
    assert result.found.kind == "table"
    return read_table(directory / "rows.parquet")


def facts_of(result: Result, directory: Path) -> dict[str, Any]:
    assert result.original_sha256 is not None
    assert result.rows_sha256 is not None
    original = (result.original_sha256, result.found.size_bytes)
    found = read_manifest(
        directory,
        source_format=result.found.format.value,
        original=original,
        rows_sha256=result.rows_sha256,
    )
    return dict(found.facts)


def lines(rows: Iterable[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def csv_of(name: str, *, target: str = "target", names: bool = True) -> str:
    """A data set of scikit-learn as a CSV, its classes by name."""
    loaded = getattr(datasets, f"load_{name}")()
    classes = getattr(loaded, "target_names", None)
    told = [classes[one] for one in loaded.target] if names and classes is not None else loaded.target
    rows = [",".join([*loaded.feature_names, target])]
    rows += [
        ",".join([*map(repr, map(float, cells)), str(one)])
        for cells, one in zip(loaded.data, told, strict=True)
    ]
    return "\n".join(rows) + "\n"


class TestDetection:
    @pytest.mark.parametrize(
        ("name", "task", "columns", "classes"),
        [
            ("iris", "classification", 4, ["setosa", "versicolor", "virginica"]),
            ("wine", "classification", 13, ["class_0", "class_1", "class_2"]),
            ("breast_cancer", "classification", 30, ["benign", "malignant"]),
            ("diabetes", "regression", 10, []),
        ],
    )
    def test_tables_of_scikit_learn(
        self, tmp_path: Path, name: str, task: str, columns: int, classes: list[str]
    ) -> None:
        result, directory = imported(tmp_path, "a.csv", csv_of(name))
        assert (result.found.kind, result.found.mapping) == ("table", {"target": "target"})
        facts = facts_of(result, directory)
        assert (facts["task"], facts["column_count"]) == (task, columns)
        assert [one["name"] for one in facts["classes"]] == classes
        table = read_table(directory / "rows.parquet")
        loaded = getattr(datasets, f"load_{name}")()
        cells = np.array([[number_of(one) for one in column] for column in table.features.values()])
        assert np.array_equal(cells.T, loaded.data)

    def test_classes_may_be_numbers_and_the_target_may_have_another_name(self, tmp_path: Path) -> None:
        content = csv_of("iris", target="Species", names=False)
        result, directory = imported(tmp_path, "a.csv", content)
        assert (result.found.mapping, result.found.mapping_by) == ({"target": "Species"}, "synonym")
        assert facts_of(result, directory)["classes"] == [{"name": n, "rows": 50} for n in ("0", "1", "2")]
        unknown, _ = imported(tmp_path, "b.csv", csv_of("wine", target="cultivar"))
        assert (unknown.found.kind, unknown.found.mapping_by) == ("table", "guess")
        assert unknown.found.mapping == {"target": "cultivar"}

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            ("instruction,output,label\na,b,c\n", "text.instruction"),
            ("question,answer,score\n" + "a,b,3\n" * 30, "text.instruction"),
            ("text,label\n" + "a,1\nb,2\n" * 30, "text.classify"),
            ("text,stars,label\n" + "a,1,x\nb,2,y\n" * 30, "text.classify"),
            ("prompt,completion,target\n" + "a,b,1\n" * 30, "text.completion"),
            ("text\n" + "a\n" * 30, "text.completion"),
        ],
    )
    def test_texts_stay_what_they_are(self, tmp_path: Path, content: str, kind: str) -> None:
        result, _ = imported(tmp_path, "a.csv", content)
        assert result.found.kind == kind

    @pytest.mark.parametrize(
        "content",
        [
            "size,weight\n1,2\n",
            "colour,shape\n" + "red,round\n" * 30,
            "size,target\n" + "1,2\n",
            "story,label_of_it\n" + f"{'long ' * 40},3\n" * 30,
        ],
    )
    def test_what_may_be_anything_is_not_taken_for_a_table(self, tmp_path: Path, content: str) -> None:
        with pytest.raises(MissingColumnError, match=r"a table \(target\)"):
            imported(tmp_path, "a.csv", content)

    def test_person_says_what_it_is_and_which_column_is_predicted(self, tmp_path: Path) -> None:
        last = table_of(tmp_path, "a.csv", "size,weight\n1,2\n2,4\n")
        assert (last.target_name, list(last.features)) == ("weight", ["size"])
        chosen = table_of(tmp_path, "b.csv", "size,weight\n1,2\n2,4\n", mapping={"target": "size"})
        assert (chosen.target_name, chosen.targets, list(chosen.features)) == ("size", ["1", "2"], ["weight"])
        with pytest.raises(BadMappingError, match="size, weight"):
            table_of(tmp_path, "c.csv", "size,weight\n1,2\n", mapping={"target": "height"})
        with pytest.raises(MissingColumnError, match="columns beside the target"):
            table_of(tmp_path, "d.csv", "size\n1\n")

    def test_rows_of_json_may_name_their_features(self, tmp_path: Path) -> None:
        flat = [{"a": n, "b": n % 3 == 0, "target": n % 2} for n in range(12)]
        nested = [{"features": {"a": r["a"], "b": r["b"]}, "target": r["target"]} for r in flat]
        tables = [table_of(tmp_path, f"{n}.jsonl", lines(rows)) for n, rows in enumerate((flat, nested))]
        assert tables[0] == tables[1]
        assert [one.type for one in tables[0].columns] == ["number", "boolean"]
        result, _ = imported(tmp_path, "auto.jsonl", lines(nested))
        assert result.found.kind == "table"


class TestReading:
    def test_marks_line_breaks_and_japanese_names(self, tmp_path: Path) -> None:
        content = '面積,備考,目的変数\r\n"1,200","二行\nの備考",高い\r\n３０,,安い\r\n'
        for number, raw in enumerate((content.encode("utf-8-sig"), content.encode("cp932"))):
            table = table_of(tmp_path, f"{number}.csv", raw)
            assert table.target_name == "目的変数"
            assert table.features == {"面積": ["1,200", "３０"], "備考": ["二行\nの備考", None]}
            assert [number_of(one) for one in table.features["面積"]] == [1200.0, 30.0]
            assert table.targets == ["高い", "安い"]

    def test_tab_separated(self, tmp_path: Path) -> None:
        table = table_of(tmp_path, "a.tsv", "a\tb\ty\n1\tx\t0.5\n2\tNA\t1.5\n")
        assert table.features == {"a": ["1", "2"], "b": ["x", None]}

    def test_parquet_keeps_types_and_all_columns(self, tmp_path: Path) -> None:
        columns = {
            "n": [1, 2, None],
            "x": [0.1, float("nan"), 2.5],
            "day": [date(2026, 1, n) for n in (1, 2, 3)],
            "flag": [True, False, None],
            "y": ["a", "b", "a"],
        }
        pq.write_table(pa.table(columns), tmp_path / "a.parquet")
        table = table_of(tmp_path, "b.parquet", (tmp_path / "a.parquet").read_bytes())
        assert table.features["n"] == [1, 2, None]
        assert table.features["x"] == [0.1, None, 2.5]
        assert table.features["day"] == ["2026-01-01", "2026-01-02", "2026-01-03"]
        assert [(one.name, one.type, one.missing) for one in table.columns] == [
            ("n", "number", 1), ("x", "number", 1), ("day", "date", 0), ("flag", "boolean", 1),
        ]  # fmt: skip

    def test_rows_that_cannot_be_used_say_why(self, tmp_path: Path) -> None:
        rows = [
            {"a": 1, "target": 1.5},
            {"a": 2},
            {"a": 3, "target": "NA"},
            {"a": [1], "target": 2.5},
            {"a": 4, "target": "x" * 201},
        ]
        content = lines(rows) + '\n{"a": 1e999, "target": 1}'
        result, _ = imported(tmp_path, "a.jsonl", content, kind="table")
        assert result.counts.kept == 1
        assert result.counts.refused_by_reason == {
            "no_target": 2, "nested_value": 1, "number_out_of_range": 1, "target_too_long": 1,
        }  # fmt: skip
        assert "目的変数" in result.counts.first_refused[0].ja

    def test_two_columns_of_one_name_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DuplicateColumnError):
            table_of(tmp_path, "a.csv", "a,a,y\n1,2,3\n")

    def test_examples_survive_the_pipe(self, tmp_path: Path) -> None:
        result, _ = imported(tmp_path, "a.jsonl", lines([{"a": 1, "b": True, "y": 0.5}] * 3), kind="table")
        again = Result.model_validate_json(result.model_dump_json())
        assert again.examples == result.examples
        assert again.examples[0].model_dump() == {
            "row": 1, "features": {"a": 1, "b": True}, "target": 0.5, "target_name": "y",
        }  # fmt: skip


class TestColumns:
    def test_types_by_all_cells(self, tmp_path: Path) -> None:
        rows = [
            {"number": f"{n}.5", "whole": n % 5, "truth": "TRUE" if n % 2 else "false", "kind": "abc"[n % 3],
             "day": f"2026/01/{n + 1:02}", "name": f"person {n}", "nothing": None, "mixed": n if n % 2 else "x",
             "y": n % 2}
            for n in range(25)
        ]  # fmt: skip
        table = table_of(tmp_path, "a.jsonl", lines(rows))
        assert {one.name: one.type for one in table.columns} == {
            "number": "number", "whole": "number", "truth": "boolean", "kind": "category", "day": "date",
            "name": "text", "nothing": "empty", "mixed": "category",
        }  # fmt: skip
        assert {one.column: one.reason for one in table.remarks} == {
            "day": "date", "name": "text", "nothing": "empty", "truth": "determines_target",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("targets", "task"),
        [
            (["a", "b"] * 10, "classification"),
            ([0, 1] * 10, "classification"),
            ([True, False] * 10, "classification"),
            ([0.5, 1.5] * 10, "regression"),
            (list(range(20)), "regression"),
            (["5"] * 20, "classification"),
        ],
    )
    def test_task_by_the_target(self, tmp_path: Path, targets: list[Any], task: str) -> None:
        table = table_of(tmp_path, "a.jsonl", lines({"a": n, "y": y} for n, y in enumerate(targets)))
        assert table.task == task

    def test_columns_that_give_the_answer_away_are_told(self, tmp_path: Path) -> None:
        rows = [
            {"id": 100 + n, "user_id": (n * 7) % 30, "copy": "xyz"[n % 3], "code": n % 3, "same": 1, "fair": n % 7,
             "target": "xyz"[n % 3]}
            for n in range(30)
        ]  # fmt: skip
        result, directory = imported(tmp_path, "a.jsonl", lines(rows))
        assert result.found.kind == "table"
        told = {one["column"]: one["reason"] for one in facts_of(result, directory)["left_out"]}
        assert told == {
            "id": "identifier", "user_id": "identifier", "copy": "equals_target", "code": "determines_target",
            "same": "constant",
        }  # fmt: skip

    def test_repeats_and_contradictions_are_in_the_manifest(self, tmp_path: Path) -> None:
        content = "a,b,target\n1,x,0\n1.0,x,0\n1,x,1\n2,y,1\n2,,1\n"
        result, directory = imported(tmp_path, "a.csv", content)
        facts = facts_of(result, directory)
        assert (facts["repeats"], facts["contradiction_count"], facts["contradictions"]) == (1, 1, [[1, 3]])
        assert facts["columns"] == [
            {"name": "a", "type": "number", "missing": 0, "distinct": 2},
            {"name": "b", "type": "category", "missing": 1, "distinct": 2},
        ]

    def test_column_that_only_some_rows_name_is_missing_in_the_others(self, tmp_path: Path) -> None:
        rows = [{"a": 1, "y": 0.5}, {"a": 2, "b": 7, "y": 1.5}, {"y": 2.5}]
        table = table_of(tmp_path, "a.jsonl", lines(rows))
        assert table.features == {"a": [1, 2, None], "b": [None, 7, None]}
        assert [one.missing for one in table.columns] == [1, 2]


class TestValues:
    @pytest.mark.parametrize(
        ("cell", "number"),
        [
            ("1", 1.0), ("-.5", -0.5), ("1e3", 1000.0), ("1,234.5", 1234.5), ("１２", 12.0), ("−3", -3.0),
            ("1_0", None), ("inf", None), ("1,23", None), ("1e999", None), ("0x1", None), ("", None), (True, None),
        ],
    )  # fmt: skip
    def test_what_is_a_number(self, cell: Any, number: float | None) -> None:
        assert number_of(cell) == number

    def test_what_is_missing_and_what_a_class_is_called(self) -> None:
        assert [scalar_of(one, "a") for one in (None, " ", "NaN", "?", "-", "欠損", float("nan"))] == [
            None
        ] * 7
        assert [class_name(one) for one in ("1", "1.0", 1, 1.0, True, "True", "a")] == [
            "1", "1", "1", "1", "true", "true", "a",
        ]  # fmt: skip
