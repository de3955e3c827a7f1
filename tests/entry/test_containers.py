"""What containers run beside the programs: secrets and owners of volumes, the migration, health checks; and the open door."""

import asyncio
import os
import platform
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy.engine import make_url

from llmlora.engine.embedded.migrate import known_revisions
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.api import TokenRequiredError, create_app
from llmlora.entry.healthy import WorkerSilentError, worker
from llmlora.entry.platform import refuse_open_host
from llmlora.entry.prepare_volumes import SecretUnfitError, VolumeNotOursError, give, write_secrets
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.net import free_port
from llmlora.kit.settings import Settings
from llmlora.kit.web.origins import Origins
from llmlora.tables.worker import WorkerRow

from tests.databases import named, on_server

ADDRESSES = {
    "LLMLORA_DATABASE_URL": "postgresql+asyncpg://llmlora@postgres:5432/llmlora",
    "LLMLORA_REDIS_URL": "redis://valkey:6379/0",
}


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


class TestSecrets:
    def test_are_made_once_and_differ_between_installations(self, tmp_path: Path) -> None:
        write_secrets(tmp_path / "one", ADDRESSES)
        first = contents(tmp_path / "one")
        write_secrets(tmp_path / "one", ADDRESSES)
        assert contents(tmp_path / "one") == first
        write_secrets(tmp_path / "two", ADDRESSES)
        assert contents(tmp_path / "two")["postgres_password"] != first["postgres_password"]
        for name in ("postgres_password", "valkey_password", "llmlora_inference_token"):
            assert len(first[name]) >= 43

    def test_of_the_environment_win_and_arrive_whole(self, tmp_path: Path) -> None:
        write_secrets(tmp_path, ADDRESSES)
        awkward = 'a/b@c:d%e"f\\g#h'
        given = {"LLMLORA_POSTGRES_PASSWORD": awkward, "LLMLORA_VALKEY_PASSWORD": awkward}
        write_secrets(tmp_path, {**ADDRESSES, **given})
        assert (tmp_path / "postgres_password").read_text() == awkward
        for name in ("llmlora_database_url", "llmlora_redis_url"):
            assert make_url((tmp_path / name).read_text()).password == awkward
        assert make_url((tmp_path / "llmlora_database_url").read_text()).host == "postgres"

    def test_are_read_by_the_settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_secrets(tmp_path, ADDRESSES)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("LLMLORA_SECRETS_DIR", str(tmp_path))
        monkeypatch.setenv("LLMLORA_INFERENCE_TOKEN", "")
        settings = Settings()
        assert settings.database_url == (tmp_path / "llmlora_database_url").read_text()
        assert settings.inference_token is not None
        token = settings.inference_token.get_secret_value()
        assert token == (tmp_path / "llmlora_inference_token").read_text()

    def test_readers_are_other_users(self, tmp_path: Path) -> None:
        write_secrets(tmp_path, ADDRESSES)
        for path in tmp_path.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o444

    @pytest.mark.parametrize("unfit", ["two words", "ひみつ", "line\nline"])
    def test_one_that_cannot_be_carried_is_refused_by_its_variable(self, tmp_path: Path, unfit: str) -> None:
        with pytest.raises(SecretUnfitError) as refused:
            write_secrets(tmp_path, {**ADDRESSES, "LLMLORA_VALKEY_PASSWORD": unfit})
        for language in ("ja", "en"):
            assert "LLMLORA_VALKEY_PASSWORD" in refused.value.detail(language)
            assert unfit not in refused.value.detail(language)


class TestOwners:
    def test_own_volume_stays_as_it_is(self, tmp_path: Path) -> None:
        give(tmp_path, (os.getuid(), os.getgid()))

    @pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
    def test_volume_is_given(self, tmp_path: Path) -> None:
        give(tmp_path, (10_001, 10_001))
        assert (tmp_path.stat().st_uid, tmp_path.stat().st_gid) == (10_001, 10_001)

    def test_one_that_cannot_be_given_is_named(self) -> None:
        with pytest.raises(VolumeNotOursError, match="/proc/sys"):
            give(Path("/proc/sys"), (10_001, 10_001))


class TestOpenDoor:
    def settings(self, data_dir: Path, **more: object) -> Settings:
        return Settings(_env_file=None, data_dir=data_dir, api_host="0.0.0.0", **more)  # type: ignore[arg-type]

    def test_is_refused_without_a_token(self, data_dir: Path) -> None:
        open_door = self.settings(data_dir)
        with pytest.raises(TokenRequiredError):
            create_app(open_door, ServiceUrls("postgresql://-/-", "redis://-"))
        with pytest.raises(TokenRequiredError):
            refuse_open_host(open_door)

    def test_is_none_where_the_host_publishes_it_on_loopback(self, data_dir: Path) -> None:
        published = self.settings(data_dir, published_on_loopback=True)
        create_app(published, ServiceUrls("postgresql://-/-", "redis://-"))
        refuse_open_host(published)

    def test_then_it_answers_to_loopback_and_to_names_that_are_listed(self, data_dir: Path) -> None:
        origins = Origins(self.settings(data_dir, published_on_loopback=True, allowed_hosts="backend,"))
        for known in ("127.0.0.1:8000", "localhost:8000", "backend:8000", "[::1]:8000"):
            assert origins.knows_host(known)
        for strange in ("192.0.2.7:8000", "rebound.example:8000", f"{platform.node()}.example:8000", ""):
            assert not origins.knows_host(strange)
        assert origins.allows("http://localhost:3000", "localhost:8000")
        assert not origins.allows("http://192.0.2.7:3000", "localhost:8000")


def run(module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"llmlora.entry.{module}", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
class TestMigration:
    def test_tables_are_made_once(self, services: ServiceUrls, data_dir: Path) -> None:
        name = new_id("migrated")
        asyncio.run(on_server(services.database_url, f"CREATE DATABASE {name}"))
        url = named(services.database_url, name)
        for _ in range(2):
            done = run("migrate", LLMLORA_DATABASE_URL=url, LLMLORA_DATA_DIR=str(data_dir))
            assert done.returncode == 0, done.stderr
            assert known_revisions()[-1] in done.stdout
        asyncio.run(on_server(services.database_url, f"DROP DATABASE {name} WITH (FORCE)"))

    def test_database_that_is_away_is_told_without_a_traceback(self, data_dir: Path) -> None:
        url = f"postgresql+asyncpg://llmlora@127.0.0.1:{free_port()}/llmlora"
        done = run("migrate", LLMLORA_DATABASE_URL=url, LLMLORA_DATA_DIR=str(data_dir))
        assert done.returncode == 5
        assert "LLMLORA_DATABASE_URL" in done.stderr
        assert "Traceback" not in done.stderr

    def test_wrong_setting_is_told_without_a_traceback(self, data_dir: Path) -> None:
        done = run("migrate", LLMLORA_API_PORT="x", LLMLORA_DATA_DIR=str(data_dir))
        assert done.returncode == 2
        assert "LLMLORA_API_PORT" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.anyio
class TestHealth:
    async def test_worker_is_known_by_its_host_and_by_its_word(
        self, own_urls: ServiceUrls, data_dir: Path
    ) -> None:
        settings = Settings(_env_file=None, data_dir=data_dir, database_url=own_urls.database_url)
        with pytest.raises(WorkerSilentError):
            await worker(settings)
        database = Database(own_urls.database_url)
        row = {"pid": 1, "capacity": {}, "started_at": func.now(), "seen_at": func.now()}
        async with database.unit_of_work() as session:
            session.add(WorkerRow(id="wk_other", host="elsewhere", **row))
        with pytest.raises(WorkerSilentError, match=platform.node()):
            await worker(settings)
        async with database.unit_of_work() as session:
            session.add(WorkerRow(id="wk_here", host=platform.node(), **row))
        await worker(settings)
        await database.close()

    @pytest.mark.slow
    def test_what_does_not_answer_is_told_with_an_exit_status(self, data_dir: Path) -> None:
        for name, variables, told in (
            ("api", {"LLMLORA_API_PORT": str(free_port())}, "api_not_ready"),
            (
                "inference",
                {"LLMLORA_INFERENCE_URL": f"http://127.0.0.1:{free_port()}", "LLMLORA_INFERENCE_TOKEN": "t"},
                "inference_unreachable",
            ),
            (
                "worker",
                {"LLMLORA_DATABASE_URL": f"postgresql://a@127.0.0.1:{free_port()}/a"},
                "LLMLORA_DATABASE_URL",
            ),
        ):
            done = run("healthy", name, LLMLORA_DATA_DIR=str(data_dir), **variables)
            assert done.returncode == 1
            assert told in done.stderr
            assert "Traceback" not in done.stderr
