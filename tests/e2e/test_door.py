"""A studio with a token, as a person on another machine has it: under another name, and through another port."""

from pathlib import Path

import pytest

from llmlora.kit.net import free_port

from tests.e2e.browser import running_studio, walk

pytestmark = pytest.mark.slow
TOKEN = "a token for the door"


@pytest.mark.long
def test_flow_of_the_door_reaches_its_end(tmp_path: Path) -> None:
    forwarded = str(free_port())
    settings = {
        "LLMLORA_API_TOKEN": TOKEN,
        "LLMLORA_ALLOWED_HOSTS": "studio.test",
        "LLMLORA_ALLOWED_ORIGINS": f"http://studio.test:{forwarded}",
    }
    pictures = tmp_path / "pictures"
    with running_studio(tmp_path / "studio" / "data", **settings) as studio:
        done = walk(studio, "flows/door.flow.ts", pictures, TOKEN=TOKEN, FORWARDED_PORT=forwarded)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{pictures}"
