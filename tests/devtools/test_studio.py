"""Platforms of one command: of their own, filled for real, and gone afterwards."""

from pathlib import Path

import pytest

from llmlora.devtools.bench.worker import store_stream, with_streams
from llmlora.devtools.commands.screenshots import AddressesError, screenshots
from llmlora.devtools.seeding import Seeded, emitted_steps, pages_of, until_over
from llmlora.devtools.studio import StudioSettingsError, running_studio, temporary_settings
from llmlora.engine.platform.record import running_platform

STEPS = 1200


class TestTemporarySettings:
    def test_directory_is_new_and_gone_afterwards(self) -> None:
        with temporary_settings() as settings:
            assert list(settings.data_dir.iterdir()) == []
            assert settings.api_port != settings.pages_port
        assert not settings.data_dir.exists()

    def test_services_of_a_real_platform_are_refused_by_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_DATABASE_URL", "postgresql+asyncpg://db/real")
        with pytest.raises(StudioSettingsError, match="LLMLORA_DATABASE_URL"), temporary_settings():
            pass


class TestScreenshots:
    def test_pages_without_their_api_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(AddressesError):
            screenshots(tmp_path, url="http://127.0.0.1:1")

    def test_every_page_of_the_product_has_its_picture(self) -> None:
        from llmlora.devtools.checks.pages import PAGES

        pictured = pages_of(Seeded("ds_0", "job_0", "job_1", "job_2", "ft:x", "chat_0")).values()
        assert {path.partition("?")[0] for path in pictured} >= set(PAGES)


@pytest.mark.slow
@pytest.mark.anyio
class TestRunningStudio:
    async def test_stream_goes_through_the_platform_and_nothing_stays(self) -> None:
        with temporary_settings() as given:
            settings = given.model_copy(update={"pages_port": 0})
            async with running_studio(settings, with_streams) as studio, studio.client() as client:
                job_id = await store_stream(settings, "stream", steps=STEPS, per_s=0)
                await until_over(client, job_id)
                emitted = await emitted_steps(client, job_id)
            assert list(emitted) == list(range(1, STEPS + 1))
            assert running_platform(settings.data_dir) is None
