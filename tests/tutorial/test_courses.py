"""The courses are done as they tell, in a true browser and a true shell, and what they say comes true."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tutorial.courses import COURSE_TIMEOUT_S, CourseStudio, course_studio, done_as_told

pytestmark = [pytest.mark.slow, pytest.mark.long]


# The longest first: whoever runs all of them shares them out one by one.
COURSES = (
    "level3_advanced_tutorial.md",
    "level3_advanced_tutorial.en.md",
    "level2_practical_tutorial.md",
    "level2_practical_tutorial.en.md",
    "level1_basic_tutorial.md",
    "level1_basic_tutorial.en.md",
)


@pytest.mark.timeout(COURSE_TIMEOUT_S + 600)
@pytest.mark.parametrize("course", COURSES)
def test_course_reaches_its_end(course: str, tmp_path: Path) -> None:
    done, unseen = done_as_told(course, tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{tmp_path}"
    assert unseen == set()


class TestPlantedChange:
    """A course that says what the studio no longer has comes to no end, and the step is named."""

    @pytest.fixture(scope="class")
    def studio(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CourseStudio]:
        with course_studio(tmp_path_factory.mktemp("planted")) as running:
            yield running

    @pytest.mark.parametrize(
        ("kind", "good", "planted"),
        [
            ("studio", "ページ: データ\n押す: データを追加", "押す: データを足す"),
            ("studio", "ページ: モデル", "ページ: 模型"),
            ("console", "$ ./llmlora jobs list --json", "$ ./llmlora jobs list --as-json"),
            ("console", "$ ./llmlora jobs list", "$ ./llmlora jobs lst"),
            (
                "console",
                "$ curl -s http://127.0.0.1:8000/api/datasets | {}",
                "$ curl -s http://127.0.0.1:8000/api/data | {}",
            ),
            ("console", "$ echo 12\n12", "$ echo 12\n13"),
        ],
    )
    def test_step_that_no_longer_works_is_named(
        self, studio: CourseStudio, tmp_path: Path, kind: str, good: str, planted: str
    ) -> None:
        told = tmp_path / "planted.md"
        listed = """python3 -c "import json,sys; json.load(sys.stdin)['data']\""""
        for block, status in ((good, 0), (f"{good}\n{planted}", 1)):
            told.write_text(f"## 手順\n\n```{kind}\n{block.replace('{}', listed)}\n```\n", encoding="utf-8")
            done = studio.does(told, tmp_path)
            assert done.returncode == status, done.stdout + done.stderr
        line = 4 + len(good.splitlines())
        assert f"planted (ja), line {line}: " in done.stdout + done.stderr
