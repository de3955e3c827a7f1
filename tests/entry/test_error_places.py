"""Below an error, a command says where its page is: at the studio that runs, or as a file."""

import json
import os
from pathlib import Path

import pytest

from llmlora.contracts.errors import JobFailedError
from llmlora.data.errors import DiskFullError
from llmlora.engine.embedded.processes import birth_of
from llmlora.entry import console
from llmlora.entry.language import Language, speaking


@pytest.fixture
def running(tmp_path: Path) -> Path:
    """A data directory whose `up` is this process."""
    (tmp_path / "run").mkdir()
    record = {"pid": os.getpid(), "born": birth_of(os.getpid()), "host": "127.0.0.1", "port": 8123}
    document = {**record, "started_at": "2026-01-01T00:00:00+00:00", "programs": []}
    (tmp_path / "run" / "up.json").write_text(json.dumps(document))
    return tmp_path


@pytest.mark.parametrize("language", ["ja", "en"])
def test_file_is_named_where_no_studio_runs(
    language: Language, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    console.load_settings(tmp_path)
    with speaking(language):
        assert console.report_error(DiskFullError(path="/data"), as_json=False) == DiskFullError.exit_code
    told = capsys.readouterr().err
    assert f"→ docs/{language}/troubleshooting/disk-full.md" in told


def test_address_is_named_where_one_runs(running: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console.load_settings(running)
    console.report_error(DiskFullError(path="/data"), as_json=False)
    told = capsys.readouterr().err
    assert "→ http://127.0.0.1:8123/manual/en/troubleshooting/disk-full.html" in told


def test_page_is_that_of_what_a_job_failed_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console.load_settings(tmp_path)
    failed = JobFailedError(failure_code="out_of_memory", ja_text="…", en_text="…")
    console.report_error(failed, as_json=False)
    assert "→ docs/en/troubleshooting/out-of-memory.md" in capsys.readouterr().err


def test_programs_are_given_the_code_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    console.load_settings(tmp_path)
    console.report_error(DiskFullError(path="/data"), as_json=True)
    assert json.loads(capsys.readouterr().err).keys() == {"code", "ja", "en"}
