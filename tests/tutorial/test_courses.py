"""The courses are done as they tell, in a true browser and a true shell, and what they say comes true."""

from pathlib import Path

import pytest

from tests.tutorial.courses import done_as_told

pytestmark = pytest.mark.slow


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "course",
    [
        "level1_basic_tutorial.md",
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in (
                "level1_basic_tutorial.en.md",
                "level2_practical_tutorial.md",
                "level2_practical_tutorial.en.md",
                "level3_advanced_tutorial.md",
                "level3_advanced_tutorial.en.md",
            )
        ),
    ],
)
def test_course_reaches_its_end(course: str, tmp_path: Path) -> None:
    done, unseen = done_as_told(course, tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{tmp_path}"
    assert unseen == set()
