"""Courses are read as steps, and what they name and what is gone is found with its line."""

import re
from pathlib import Path

import pytest

from llmlora.devtools.checks.courses import gone_from, names_that_are_gone
from llmlora.features.courses.reading import (
    Course,
    CourseUnclearError,
    Step,
    all_courses,
    llmlora_calls,
    read_course,
)

COURSE = """# 講座

読むだけの文。

## 手順 1

<!-- test: エポック数 = 20 → エポック数 = 2 -->

```studio
ページ: 学習
入力: エポック数 = 20
値: 学習損失 < 0.05
```

![曲線](images/curve.ja.webp)

```console
$ ./llmlora jobs list
… 完了 … 20 件
$ echo one \\
  two
```

```bash
./llmlora up
```
"""


def course(tmp_path: Path, text: str, name: str = "planted.md") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def studio(line: str) -> str:
    return f"## 手順\n\n```studio\n{line}\n```\n"


class TestReading:
    def test_blocks_and_pictures_are_steps_in_their_order(self, tmp_path: Path) -> None:
        steps = read_course(course(tmp_path, COURSE)).steps
        assert [(step.op, step.label, step.value) for step in steps] == [
            ("page", "", "学習"),
            ("type", "エポック数", "20"),
            ("value", "学習損失", "< 0.05"),
            ("picture", "", "images/curve.ja.webp"),
            ("command", "", "./llmlora jobs list"),
            ("command", "", "echo one \\\n  two"),
        ]
        assert steps[4].expected == ("完了", "20 件")
        assert {step.section for step in steps} == {"手順 1"}
        assert COURSE.splitlines()[steps[1].line - 1] == "入力: エポック数 = 20"

    def test_smaller_counts_are_those_of_the_test_alone(self, tmp_path: Path) -> None:
        path = course(tmp_path, COURSE)
        assert read_course(path).steps[1].value == "20"
        assert read_course(path, small=True).steps[1].value == "2"

    def test_smaller_count_that_stands_nowhere_in_its_block_is_refused(self, tmp_path: Path) -> None:
        text = COURSE.replace("test: エポック数 = 20", "test: エポック数 = 30")
        with pytest.raises(CourseUnclearError) as refused:
            read_course(course(tmp_path, text))
        assert refused.value.facts["line"] == 7

    def test_english_words_mean_the_same(self, tmp_path: Path) -> None:
        path = course(tmp_path, studio("press: Save"), "planted.en.md")
        assert read_course(path).steps == (Step("press", 4, "手順", "Save"),)

    @pytest.mark.parametrize(
        "line", ["叩く: 保存", "押す 保存", "押す:", "入力: ランク r", "値: 学習損失 = 3", "保存を押す"]
    )
    def test_line_that_says_nothing_is_refused_with_its_number(self, tmp_path: Path, line: str) -> None:
        with pytest.raises(CourseUnclearError) as refused:
            read_course(course(tmp_path, studio(line)))
        assert refused.value.facts["line"] == 4

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("文\n```studio\n押す: 保存\n", 2),
            ("```studio\n押す: 保存\n\n```console\n$ true\n```\n", 1),
            ("```console title\n$ true\n```\n", 1),
            ("```json5-like\n{}\n```\n", 1),
            ("- 一覧\n  ```console\n  $ true\n  ```\n", 2),
            ("~~~console\n$ true\n~~~\n", 1),
            ("````console\n$ true\n````\n", 1),
            ("```console\n$ true\n```\n\n<!-- test: 20 → 2 -->\n", 5),
            ("<!-- test: 20 -> 2 -->\n\n```console\n$ echo 20\n```\n", 1),
            ("<!--test: 20 → 2-->\n\n```console\n$ echo 20\n```\n", 1),
        ],
    )
    def test_block_and_smaller_count_that_would_be_lost_are_refused(
        self, tmp_path: Path, text: str, line: int
    ) -> None:
        with pytest.raises(CourseUnclearError) as refused:
            read_course(course(tmp_path, text))
        assert refused.value.facts["line"] == line

    def test_block_without_a_language_and_ticks_in_a_sentence_are_read_only(self, tmp_path: Path) -> None:
        assert read_course(course(tmp_path, "```\n押す\n```\n\n```x``` と `<!--` です。\n")).steps == ()

    @pytest.mark.parametrize(
        ("text", "calls"),
        [
            ('./llmlora chat -p "A; B" --json', [["chat", "-p", "A; B", "--json"]]),
            ("./llmlora chat -p 'A | B' | jq", [["chat", "-p", "A | B"]]),
            ('./llmlora chat --prompt="A & \\"B\\""; ./llmlora up', [["chat", '--prompt=A & "B"'], ["up"]]),
            ("Run ./llmlora up, it's there", [["up,", "it"]]),
            ('["./llmlora up", "next"]', [["up"]]),
            ('./llmlora chat -p "open', [["chat", "-p"]]),
            ("./llmlora jobs \\\n  list", [["jobs", "list"]]),
            ("`./llmlora`", [[]]),
        ],
    )
    def test_words_of_a_command_are_those_a_shell_reads(self, text: str, calls: list[list[str]]) -> None:
        assert llmlora_calls(text) == calls


class TestNames:
    def gone(self, tmp_path: Path, text: str, name: str = "planted.md") -> list[str]:
        return gone_from(read_course(course(tmp_path, text, name)))

    @pytest.mark.parametrize(
        ("line", "is_shown"),
        [
            ("画面の**「学習」**にもあります", True),
            ("**「学習」**にもあります", True),
            ("画面の**「学習」**、", True),
            ("これは、**「学習」**（左の一覧）です", False),
            ("**重み**です", False),
            ("`**「学習」**に`", False),
        ],
    )
    def test_bold_words_whose_asterisks_are_shown_are_told(
        self, tmp_path: Path, line: str, is_shown: bool
    ) -> None:
        told = [one for one in self.gone(tmp_path, f"## 手順\n\n{line}\n") if "asterisks" in one]
        assert bool(told) == is_shown

    @pytest.mark.parametrize(
        "line",
        [
            "押す: 保存",
            "押す: すべての設定",
            "見える: 使用 5",
            "押す: 「A」を選ぶ",
            "入力: ランク r = 4",
            "ページ: /datasets",
        ],
    )
    def test_what_the_pages_say_is_there(self, tmp_path: Path, line: str) -> None:
        assert self.gone(tmp_path, studio(line)) == []

    @pytest.mark.parametrize(
        "line",
        [
            "押す: 保管",
            "ページ: 台所",
            "見える: 使用された 5",
            "入力: ランキング = 4",
            "選ぶ: 終わるとき = デプロイしない",
            "値: 学習の損 < 1",
            "待つ: できあがり",
            "ファイル: ファイルを選ぶ = tutorial/datasets/none.json",
        ],
    )
    def test_renamed_control_is_found_with_its_line(self, tmp_path: Path, line: str) -> None:
        found = self.gone(tmp_path, studio(line))
        assert found
        assert all(one.startswith("planted.md:4: ") for one in found)

    def test_label_in_a_sentence_is_looked_up_too(self, tmp_path: Path) -> None:
        assert self.gone(tmp_path, "次に「**保存**」を押します。") == []
        assert self.gone(tmp_path, "次に「**保管**」を押します。") == [
            "planted.md:1: no label of the pages: 保管"
        ]
        assert self.gone(tmp_path, "Then **“Keep it”**.", "planted.en.md")

    @pytest.mark.parametrize(
        ("command", "words"),
        [
            ("./llmlora trian", "no command: ./llmlora trian"),
            ("./llmlora jobs lst", "no command: ./llmlora jobs lst"),
            ("./llmlora train --rnak 4", "no flag of ./llmlora train: --rnak"),
            ("./llmlora export $JOB --outtyp q8_0", "no flag of ./llmlora export: --outtyp"),
        ],
    )
    def test_command_and_flag_that_are_gone_are_found_in_any_block_and_sentence(
        self, tmp_path: Path, command: str, words: str
    ) -> None:
        for text in (
            f"```console\n$ {command}\n```",
            f"```bash\n{command}\n```",
            f"`{command}` を実行します。",
        ):
            assert [one.partition(": ")[2] for one in self.gone(tmp_path, text)] == [words]

    def test_commands_as_they_are_pass(self, tmp_path: Path) -> None:
        text = "```console\n$ ./llmlora export $(./llmlora jobs list --json) --target merged\n$ ./llmlora up --detach\n```"
        assert self.gone(tmp_path, text) == []

    def test_address_of_the_api_that_is_gone_is_found(self, tmp_path: Path) -> None:
        asked = '$ curl -s "http://127.0.0.1:8000/api/{}"'
        assert self.gone(tmp_path, asked.format("training/jobs/$JOB")) == []
        assert self.gone(tmp_path, asked.format("trainings/$JOB")) != []

    def test_retired_word_is_found_in_what_is_read_and_not_in_code(self, tmp_path: Path) -> None:
        assert self.gone(tmp_path, "検査のゲートです。") == ["planted.md:1: ゲート → 検査"]
        assert self.gone(tmp_path, "`ゲート` です。\n\n```json\nゲート\n```") == []
        assert self.gone(tmp_path, "Three trainings.", "planted.en.md") != []

    def test_picture_and_page_that_are_not_there_are_found(self, tmp_path: Path) -> None:
        assert "no picture yet" in self.gone(tmp_path, "![何か](images/none.ja.webp)")[0]
        assert "no file: level9.md" in self.gone(tmp_path, "[次へ](level9.md)")[0]


def test_every_course_comes_in_both_languages_with_the_same_steps() -> None:
    courses = {
        (one.name, one.language): [step.op for step in one.steps if step.op != "picture"]
        for one in all_courses()
    }
    for name in ("level1_basic_tutorial", "level2_practical_tutorial", "level3_advanced_tutorial"):
        ja, en = courses[name, "ja"], courses[name, "en"]
        assert len(ja) >= 15
        # Asked in other words, the model of the English first course answers, and that of the Japanese one does not.
        assert [op.replace("other", "answer") for op in ja] == [op.replace("other", "answer") for op in en]


@pytest.mark.parametrize("told", all_courses(), ids=lambda told: told.path.name)
class TestEveryNameOfTheCourses:
    """As if each had been renamed in the product: what a course says now is not there any more."""

    def gone_lines(self, told: Course, lines: list[str], tmp_path: Path) -> set[int]:
        text = "\n".join(lines) + "\n"
        found = gone_from(read_course(course(tmp_path, text, told.path.name)))
        return {int(one.split(":")[1]) for one in found}

    def test_renamed_control_is_found_wherever_it_stands(self, told: Course, tmp_path: Path) -> None:
        lines = told.text.splitlines()
        renamed = [
            (step.line, name)
            for step in told.steps
            if (name := step.label or (step.value if step.op in ("press", "see", "wait", "page") else ""))
            and not name.startswith("/")
        ]
        for line, name in renamed:
            lines[line - 1] = lines[line - 1].replace(f": {name}", f": ☓{name}")
        assert len(renamed) >= 3
        assert {line for line, _ in renamed} <= self.gone_lines(told, lines, tmp_path)

    def test_flag_and_address_that_are_gone_are_found_wherever_they_stand(
        self, told: Course, tmp_path: Path
    ) -> None:
        for pattern in (r"(\./llmlora [^|;)]*?--[a-z-]+)", r"(127\.0\.0\.1:8000/(?:api|v1)/[a-z]+)"):
            lines = [re.sub(pattern, r"\1-gone", line) for line in told.text.splitlines()]
            changed = {
                number
                for number, (now, before) in enumerate(zip(lines, told.text.splitlines(), strict=True), 1)
                if now != before
            }
            assert changed or "level3" not in told.path.name
            assert changed <= self.gone_lines(told, lines, tmp_path)


def test_courses_name_nothing_that_is_gone() -> None:
    assert names_that_are_gone() == ""
