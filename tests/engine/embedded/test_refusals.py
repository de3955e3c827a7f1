"""What the embedded services refuse, in whose name, and what they leave untouched; servers of one's own instead."""

import subprocess
from pathlib import Path

import pytest

from llmlora.engine.embedded.errors import (
    DataDirNotWritableError,
    DiskFullError,
    ExternalServiceUnreachableError,
)
from llmlora.engine.embedded.services import (
    ServiceStatus,
    ServiceUrls,
    running_services,
    status_of_services,
)
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

from tests.engine.embedded.door import AS_ROOT, as_nobody, nothing, states, used


class TestRefusals:
    def test_file_in_place_of_the_directory_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_text("mine")
        with pytest.raises(DataDirNotWritableError) as refused:
            used(Settings(data_dir=path), nothing)
        assert str(path) in refused.value.detail("ja")
        assert path.read_text() == "mine"

    @AS_ROOT
    @pytest.mark.slow
    def test_ordinary_user_is_served(self, nobodys_dir: Path) -> None:
        assert as_nobody(nobodys_dir / "data") == "[True, True]"
        assert (nobodys_dir / "data" / "postgres" / "data").stat().st_uid == 65534

    @AS_ROOT
    @pytest.mark.slow
    def test_directory_of_somebody_else_is_refused(self, nobodys_dir: Path, tmp_path: Path) -> None:
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o755)
        assert as_nobody(locked / "data") == "data_dir_not_writable"
        assert list(locked.iterdir()) == []

    @AS_ROOT
    @pytest.mark.slow
    @pytest.mark.parametrize("size", ["16k", "4m", "38m"])
    def test_full_disk_is_told_and_left_as_it_was(self, tmp_path: Path, size: str) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], capture_output=True, check=False
        )
        if mounted.returncode != 0:
            pytest.skip(
                "this machine forbids mounting a tmpfs, so no disk can be filled: "
                + mounted.stderr.decode(errors="replace").strip()
            )
        try:
            with pytest.raises(DiskFullError):
                used(Settings(data_dir=disk / "data"), nothing)
            assert list(disk.iterdir()) == []
        finally:
            subprocess.run(["umount", disk], check=True)


class TestExternal:
    def test_named_servers_replace_the_embedded_ones(self, settings: Settings, tmp_path: Path) -> None:
        async def look(urls: ServiceUrls) -> tuple[list[ServiceStatus], bool]:
            named = Settings(
                data_dir=tmp_path / "other", database_url=urls.database_url, redis_url=urls.redis_url
            )
            async with running_services(named) as given:
                return await status_of_services(named), given == urls

        statuses, same = used(settings, look)
        assert same
        assert [(one.kind, one.running) for one in statuses] == [("external", True)] * 2
        assert not (tmp_path / "other" / "postgres").exists()
        assert not (tmp_path / "other" / "valkey").exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"database_url": "postgresql://nobody@127.0.0.1:1/x"},
            {"database_url": "nonsense"},
            {"redis_url": "redis://127.0.0.1:1/0"},
            {"redis_url": "nonsense"},
        ],
    )
    def test_unreachable_one_is_named(self, settings: Settings, wrong: dict[str, str]) -> None:
        named = settings.model_copy(update=wrong)
        with pytest.raises(ExternalServiceUnreachableError) as refused:
            used(named, nothing)
        assert f"LLMLORA_{next(iter(wrong)).upper()}" in str(refused.value)
        assert states(settings) == [False, False]

    def test_plain_scheme_is_understood(self) -> None:
        assert Database("postgresql://a@b/c").engine.url.drivername == "postgresql+asyncpg"
