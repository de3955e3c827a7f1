"""What finishes a section of a course is read, and what could never be reached is found with its line."""

from pathlib import Path

import pytest

from llmlora.devtools.checks.course_goals import goal_faults, unlike_twins
from llmlora.features.courses.goals import Goal
from llmlora.features.courses.reading import Course, CourseUnclearError, all_courses, read_course

HEAD = "# 講座（30 分）\n\n<!-- for: みんな -->\n\n## 手順 1\n\n"
STEPS = """

```studio
ファイル: ファイルを選ぶ = tutorial/datasets/level1_basic.json
入力: ランク r = 4
質問: 富士山の高さは？
```

```console
$ ./llmlora export $JOB --target merged --outtype q8_0
```
"""


def read(tmp_path: Path, *goals: str, name: str = "level1_planted.md") -> Course:
    path = tmp_path / name
    path.write_text(HEAD + "\n".join(f"<!-- done {goal} -->" for goal in goals) + STEPS, encoding="utf-8")
    return read_course(path)


class TestReading:
    @pytest.mark.parametrize(
        ("condition", "goal"),
        [
            ("data tutorial/datasets/a.json", {"kind": "data", "words": "tutorial/datasets/a.json"}),
            (
                "training where rank = 4, learning_rate = 0.001, rslora = true, loss_on = completion",
                {
                    "kind": "training",
                    "settings": {"rank": 4, "learning_rate": 0.001, "rslora": True, "loss_on": "completion"},
                },
            ),
            ("training", {"kind": "training"}),
            ("deployment where rank = 4", {"kind": "deployment", "settings": {"rank": 4}}),
            ("question どこですか？", {"kind": "question", "words": "どこですか？"}),
            (
                "question Ask where it is, not why where epochs = 1",
                {"kind": "question", "words": "Ask where it is, not why", "settings": {"epochs": 1}},
            ),
            (
                "file gguf where outtype = q8_0",
                {"kind": "file", "words": "gguf", "settings": {"outtype": "q8_0"}},
            ),
            ("backup", {"kind": "backup"}),
            ("by hand: 曲線を見た", {"kind": "by_hand", "words": "曲線を見た"}),
            (
                "by hand at comparison: Looked: at curves",
                {"kind": "by_hand", "words": "Looked: at curves", "place": "comparison"},
            ),
        ],
    )
    def test_condition_is_read(self, tmp_path: Path, condition: str, goal: dict[str, object]) -> None:
        expected = {"name": "one", "line": 7, "anchor": "part-1", **goal}
        assert read(tmp_path, f"one: {condition}").goals == (Goal(**expected),)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "condition",
        [
            "one: trianing where rank = 4",
            "one: trainings",
            "one: training where rank: 4",
            "one: training where rank = 4 epochs = 1",
            "one: training rank = 4",
            "one: data",
            "one: question",
            "one: question where rank = 4",
            "one: backup today",
            "one: by hand",
            "one: by hand at kitchen: 見た",
            "One: backup",
            "one backup",
            "one: backup -->\n<!-- done one: backup",
        ],
    )
    def test_condition_that_is_none_is_refused_with_its_line(self, tmp_path: Path, condition: str) -> None:
        with pytest.raises(CourseUnclearError) as refused:
            read(tmp_path, condition)
        assert refused.value.facts["line"] in (7, 8)

    def test_condition_above_the_first_heading_finishes_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "level1_planted.md"
        path.write_text("# 講座（30 分）\n\n<!-- done one: backup -->\n", encoding="utf-8")
        with pytest.raises(CourseUnclearError):
            read_course(path)


class TestCheck:
    def test_what_the_steps_do_can_be_reached(self, tmp_path: Path) -> None:
        course = read(
            tmp_path,
            "data: data tutorial/datasets/level1_basic.json",
            "trained: training where rank = 4",
            "asked: question 富士山の高さは？ where rank = 4",
            "exported: file gguf where target = merged, outtype = q8_0",
        )
        assert goal_faults(course) == []

    @pytest.mark.parametrize(
        ("condition", "words"),
        [
            ("data tutorial/datasets/level1_basics.json", "no file"),
            ("data tutorial/datasets/level2_technical.csv", "no step adds this file"),
            ("training where rnak = 4", "no setting: rnak"),
            ("training where outtype = q8_0", "no setting: outtype"),
            ("training where rank = four", "no value of rank: four"),
            ("training where rank = 0", "no value of rank: 0"),
            ("training where rank = 8", "no step sets rank to 8"),
            ("question 富士山の高さは何ですか？", "no step asks this"),
            ("file ggfu", "no kind of artifact: ggfu"),
            ("file gguf where outtype = f16", "no step sets outtype to f16"),
        ],
    )
    def test_what_no_step_reaches_is_found(self, tmp_path: Path, condition: str, words: str) -> None:
        (fault,) = goal_faults(read(tmp_path, f"one: {condition}"))
        assert fault.startswith(f"level1_planted.md:7: {words}")

    def test_head_without_time_or_reader_and_course_without_goals_are_found(self, tmp_path: Path) -> None:
        path = tmp_path / "level1_planted.md"
        path.write_text("# 講座\n\n## 手順 1\n", encoding="utf-8")
        assert len(goal_faults(read_course(path))) == 3

    def test_goal_that_one_language_lacks_or_says_otherwise_is_found(self, tmp_path: Path) -> None:
        ja = read(tmp_path, "one: backup", "two: training where rank = 4")
        en = read(tmp_path, "one: backup", "two: training where rank = 8", name="level1_planted.en.md")
        found = list(unlike_twins([ja, en]))
        assert [one.partition(": ")[0] for one in found] == ["level1_planted.en.md:8", "level1_planted.md:8"]

    def test_courses_of_the_product_have_goals_that_are_reached(self) -> None:
        courses = all_courses()
        assert [fault for course in courses for fault in goal_faults(course)] == []
        assert list(unlike_twins(courses)) == []
        assert all(len(course.goals) >= 5 for course in courses)
