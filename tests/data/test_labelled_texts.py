"""Texts with labels are told from other texts, read in every way in which labels are written, and counted."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from llmlora.data.class_names import class_names
from llmlora.data.errors import BadMappingError, MissingColumnError
from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request, Result
from llmlora.data.kinds.text_classify.examples import LabelledExample
from llmlora.data.kinds.text_classify.stored import read_labelled
from llmlora.data.manifest import read_manifest


def imported(
    tmp_path: Path, name: str, content: str, *, kind: str | None = None, mapping: dict[str, str] | None = None
) -> tuple[Result, Path]:
    source, directory = tmp_path / name, tmp_path / f"{name}-kept"
    source.write_text(content, encoding="utf-8")
    directory.mkdir()
    request = Request(source=source, directory=directory, kind=kind, mapping=mapping or {})
    return import_file(request, lambda _message: None), directory


def rows_of(directory: Path) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.text, one.labels) for one in read_labelled(directory / "rows.parquet")]


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


class TestDetection:
    @pytest.mark.parametrize(
        ("header", "row", "mapping"),
        [
            ("text,label", "a,b", {"text": "text", "label": "label"}),
            ("本文,ラベル", "あ,い", {"text": "本文", "label": "ラベル"}),
            ("id,Sentence,Class", "1,a,b", {"text": "Sentence", "label": "Class"}),
            ("label,comment", "b,a", {"text": "comment", "label": "label"}),
            ("お客様の声,ラベル", "あ,い", {"text": "お客様の声", "label": "ラベル"}),
        ],
    )
    def test_names_tell(self, tmp_path: Path, header: str, row: str, mapping: dict[str, str]) -> None:
        result, _ = imported(tmp_path, "a.csv", f"{header}\n{row}\n")
        assert (result.found.kind, result.found.mapping) == ("text.classify", mapping)

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            ("instruction,output,label\na,b,c\n", "text.instruction"),
            ("question,answer,category\na,b,c\n", "text.instruction"),
            ("prompt,completion,label\na,b,c\n", "text.completion"),
            ("prompt,chosen,rejected,label\na,b,c,d\n", "text.preference"),
            ("text\na\n", "text.completion"),
            ("text,source\na,b\nc,d\n", "text.completion"),
            ("text,title\na,b\nc,d\n", "text.completion"),
            ("text,category\n" + "".join(f"t{n},only{n}\n" for n in range(8)), "text.completion"),
        ],
    )
    def test_other_texts_stay_what_they_are(self, tmp_path: Path, content: str, kind: str) -> None:
        result, _ = imported(tmp_path, "a.csv", content)
        assert result.found.kind == kind

    def test_conversation_with_a_label_stays_a_conversation(self, tmp_path: Path) -> None:
        turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
        result, _ = imported(tmp_path, "a.jsonl", lines([{"messages": turns, "text": "x", "label": "y"}] * 3))
        assert result.found.kind == "text.chat"

    def test_category_that_comes_again_and_again_is_a_label(self, tmp_path: Path) -> None:
        rows = "".join(f"t{n},{'ab'[n % 2]}\n" for n in range(8))
        result, _ = imported(tmp_path, "a.csv", f"text,category\n{rows}")
        assert (result.found.kind, result.found.mapping_by) == ("text.classify", "synonym")

    def test_two_columns_without_a_known_name_are_told_by_their_looks(self, tmp_path: Path) -> None:
        rows = "".join(
            f"届いた商品についての問い合わせ {n},{'苦情' if n % 2 else '質問'}\n" for n in range(40)
        )
        result, _ = imported(tmp_path, "a.csv", f"内訳一,内訳二\n{rows}")
        assert (result.found.kind, result.found.mapping_by) == ("text.classify", "guess")
        assert result.found.mapping == {"text": "内訳一", "label": "内訳二"}

    def test_person_has_the_last_word(self, tmp_path: Path) -> None:
        content = "instruction,output\nbad day,negative\nfine day,positive\n"
        mapping = {"text": "instruction", "label": "output"}
        result, directory = imported(tmp_path, "a.csv", content, kind="text.classify", mapping=mapping)
        assert result.found.mapping_by == "given"
        assert rows_of(directory) == [("bad day", ("negative",)), ("fine day", ("positive",))]
        as_text, _ = imported(tmp_path, "b.csv", "text,label\na,b\n", kind="text.completion")
        assert as_text.found.kind == "text.completion"

    def test_what_is_missing_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(MissingColumnError, match=r"label \(for labelled texts\)"):
            imported(tmp_path, "a.csv", "text,colour\na,b\n", kind="text.classify")
        with pytest.raises(BadMappingError, match="text, label, labels"):
            imported(
                tmp_path, "b.csv", "text,label\na,b\n", kind="text.classify", mapping={"answer": "label"}
            )


class TestLabels:
    def test_lists_and_json_text_are_several_labels(self, tmp_path: Path) -> None:
        given = [
            {"text": "a", "labels": ["x", "y", "x"]},
            {"text": "b", "labels": []},
            {"text": "c", "labels": ["y"]},
        ]
        for name, rows in (
            ("a.jsonl", given),
            ("b.jsonl", [{**row, "labels": json.dumps(row["labels"])} for row in given]),
        ):
            result, directory = imported(tmp_path, name, lines(rows))
            assert result.found.mapping == {"text": "text", "labels": "labels"}
            assert rows_of(directory) == [("a", ("x", "y")), ("b", ()), ("c", ("y",))]
            assert facts_of(result, directory)["several"] is True

    @pytest.mark.parametrize("separator", ["|", ";", "、", ", "])
    def test_separator_is_seen_where_its_parts_come_again(self, tmp_path: Path, separator: str) -> None:
        cells = [separator.join(one) for one in (("bug", "crash"), ("bug",), ("crash", "ui"), ("ui",))]
        content = "text\tlabel\n" + "".join(f"t{n}\t{cell}\n" for n, cell in enumerate(cells))
        _, directory = imported(tmp_path, "a.tsv", content)
        assert [labels for _, labels in rows_of(directory)] == [
            ("bug", "crash"), ("bug",), ("crash", "ui"), ("ui",),
        ]  # fmt: skip

    def test_comma_inside_one_name_is_no_separator(self, tmp_path: Path) -> None:
        content = "text\tlabel\na\tTokyo, Japan\nb\tParis, France\nc\tTokyo, Japan\nd\tParis, France\n"
        result, directory = imported(tmp_path, "a.tsv", content)
        assert rows_of(directory)[0] == ("a", ("Tokyo, Japan",))
        assert facts_of(result, directory)["class_count"] == 2

    def test_numbers_and_truth_are_names(self, tmp_path: Path) -> None:
        rows = [{"text": "a", "label": 1}, {"text": "b", "label": True}, {"text": "c", "label": " x "}]
        _, directory = imported(tmp_path, "a.jsonl", lines(rows))
        assert [labels for _, labels in rows_of(directory)] == [("1",), ("true",), ("x",)]

    def test_rows_that_cannot_be_used_say_why(self, tmp_path: Path) -> None:
        rows = [
            {"text": "a", "label": "x"},
            {"text": "b", "label": None},
            {"text": "c"},
            {"text": "", "label": "x"},
            {"text": "d", "label": "l" * 201},
        ]
        result, _ = imported(tmp_path, "a.jsonl", lines(rows))
        counted = {"no_label": 2, "empty_cell": 1, "label_too_long": 1}
        assert (result.counts.kept, result.counts.refused_by_reason) == (1, counted)
        assert "クラスの名前" in result.counts.first_refused[0].ja


class TestSummary:
    def test_classes_stand_in_one_order_whatever_the_rows(self) -> None:
        assert class_names(["b", "a10", "a2", "B", "a2"]) == class_names(["a2", "B", "a10", "b"])
        assert class_names(["10", "9", "1"]) == ("1", "9", "10")

    def test_balance_contradictions_and_lonely_classes_are_in_the_manifest(self, tmp_path: Path) -> None:
        rows = [("Hi", "x"), ("hi.", "y"), ("hi", "x"), ("a", "x"), ("b", "z"), ("c", "y")]
        content = lines([{"text": text, "label": label} for text, label in rows])
        result, directory = imported(tmp_path, "a.jsonl", content)
        facts = facts_of(result, directory)
        counts = [("x", 3), ("y", 2), ("z", 1)]
        assert facts["classes"] == [{"name": name, "rows": count} for name, count in counts]
        assert (facts["several"], facts["single_example"], facts["repeats"]) == (False, 1, 1)
        assert (facts["contradiction_count"], facts["contradictions"]) == (1, [[1, 2]])

    def test_examples_survive_the_pipe(self, tmp_path: Path) -> None:
        result, _ = imported(tmp_path, "a.csv", "text,label\na,b\n")
        again = Result.model_validate_json(result.model_dump_json())
        assert again.examples == [LabelledExample(row=1, text="a", labels=("b",))]
