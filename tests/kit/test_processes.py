"""What a child is handed reaches that child alone."""

import os
import sys
from pathlib import Path

import pytest

from llmlora.kit.processes import MAX_SECRETS_BYTES, spawn, spawn_reporting

SECRET = b'{"HF_TOKEN": "hf_s3cret"}'
TELL = "import os; from llmlora.kit.processes import take_secrets; "


def output_of(code: str, tmp_path: Path, secrets: bytes) -> str:
    """What a child prints, with its event pipe beside the secrets."""
    pid, read_fd = spawn_reporting(
        [sys.executable, "-c", TELL + code], env=dict(os.environ), output=tmp_path / "out", secrets=secrets
    )
    os.close(read_fd)
    _, status = os.waitpid(pid, 0)
    text = (tmp_path / "out").read_text()
    assert status == 0, text
    return text


class TestSecrets:
    def test_child_reads_them_once(self, tmp_path: Path) -> None:
        assert output_of("print(take_secrets(), take_secrets())", tmp_path, SECRET) == f"{SECRET!r} b''\n"

    def test_no_list_of_processes_shows_them(self, tmp_path: Path) -> None:
        code = "print(open('/proc/self/environ').read(), open('/proc/self/cmdline').read())"
        assert "hf_s3cret" not in output_of(code, tmp_path, SECRET)

    def test_its_own_children_get_none(self, tmp_path: Path) -> None:
        code = (
            "import subprocess, sys; take_secrets(); subprocess.run([sys.executable, '-c', "
            "'from llmlora.kit.processes import take_secrets; print(take_secrets())'], check=True, close_fds=False)"
        )
        assert output_of(code, tmp_path, SECRET) == "b''\n"

    def test_most_that_fits(self, tmp_path: Path) -> None:
        told = output_of("print(len(take_secrets()))", tmp_path, b"x" * MAX_SECRETS_BYTES)
        assert told == f"{MAX_SECRETS_BYTES}\n"

    def test_more_is_refused_before_anything_starts(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="secrets"):
            spawn([sys.executable], env={}, output=tmp_path / "out", secrets=b"x" * (MAX_SECRETS_BYTES + 1))

    def test_without_any_there_is_nothing(self, tmp_path: Path) -> None:
        assert output_of("print(take_secrets())", tmp_path, b"") == "b''\n"

    def test_no_descriptor_stays_open_here(self, tmp_path: Path) -> None:
        before = len(list(Path("/proc/self/fd").iterdir()))
        output_of("pass", tmp_path, SECRET)
        assert len(list(Path("/proc/self/fd").iterdir())) == before
