"""The flows that are not in CI: a person with a keyboard, an input method, Ollama, a line of trainings, another browser."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.browser import Studio, firefox_or_skip, running_studio, walk
from tests.plugins.hub import FakeHub, Fault, serve_tiny_base

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(7200)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    with closing(FakeHub(tmp_path_factory.mktemp("hub_home"))) as running:
        yield running


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, hub: FakeHub) -> Iterator[Studio]:
    """One studio for all, in which the main flow has left its data, its training and its model."""
    with running_studio(tmp_path_factory.mktemp("studio") / "data", HF_ENDPOINT=hub.url) as running:
        reach_the_end(running, "main", tmp_path_factory.mktemp("main"))
        yield running


@pytest.mark.parametrize(
    "flow", ["ollama", "queue", "keyboard", "typing", "reload", "learn", "find", "compare"]
)
def test_flow_reaches_its_end(studio: Studio, flow: str, tmp_path: Path) -> None:
    reach_the_end(studio, flow, tmp_path)


def test_base_that_fits_is_found_and_brought_in(studio: Studio, hub: FakeHub, tmp_path: Path) -> None:
    [tokenizer, *_] = (studio.data_dir / "models").glob("*/tokenizer.json")
    serve_tiny_base(hub, "studio/tiny-ja", tokenizer.parent, languages=["ja", "en"], downloads=1234)
    hub.faults.append(Fault("search=busy", 429, {"Retry-After": "42"}, times=99))
    reach_the_end(studio, "discover", tmp_path)


def test_labelled_file_becomes_a_classifier_that_answers(
    studio: Studio, tiny_encoder_dir: Path, tmp_path: Path
) -> None:
    reach_the_end(studio, "classify", tmp_path, ENCODER=str(tiny_encoder_dir))


def test_main_flow_reaches_its_end_in_firefox(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    firefox = firefox_or_skip()
    with running_studio(tmp_path_factory.mktemp("firefox") / "data") as studio:
        reach_the_end(studio, "main", tmp_path, FLOW_FIREFOX=firefox)


def test_every_control_of_every_page_is_used(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    with running_studio(tmp_path_factory.mktemp("controls") / "data") as studio:
        for flow in ("main", "queue", "layout", "controls"):  # the first three leave something on every page
            reach_the_end(studio, flow, tmp_path)


def reach_the_end(studio: Studio, flow: str, pictures: Path, **environment: str) -> None:
    done = walk(studio, f"flows/{flow}.flow.ts", pictures, **environment)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{pictures}"
