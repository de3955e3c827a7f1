"""Settings: from the environment or a file, every one documented, secrets unseen."""

from pathlib import Path

import pytest
from pydantic import AliasChoices, ValidationError

from llmlora.devtools.checks.reference import settings_reference
from llmlora.entry.console import load_settings
from llmlora.kit.settings import Settings, SettingsInvalidError

from tests.factories import REPOSITORY


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of this machine is read, none of its variables."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LLMLORA_{name.upper()}", raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class TestSources:
    def test_environment_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_LOG_LEVEL", "debug")
        assert Settings().log_level == "debug"

    def test_file_is_read_and_the_environment_wins(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / ".env").write_text("LLMLORA_LOG_LEVEL=info\nLLMLORA_DATA_DIR=/from/file\n")
        monkeypatch.setenv("LLMLORA_DATA_DIR", "/from/environment")
        assert Settings().log_level == "info"
        assert Settings().data_dir == Path("/from/environment")

    def test_flag_wins_over_everything(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_DATA_DIR", "/from/environment")
        assert load_settings(tmp_path / "flag").data_dir == tmp_path / "flag"

    def test_home_and_relative_paths_become_absolute(self, tmp_path: Path) -> None:
        assert load_settings(Path("~/x")).data_dir == Path.home() / "x"
        assert load_settings(Path("x")).data_dir == (tmp_path / "x").resolve()

    def test_value_out_of_bounds_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_LOG_LEVEL", "loud")
        with pytest.raises(ValidationError, match="log_level"):
            Settings()


class TestRefusals:
    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("LLMLORA_API_PORT", "true"), ("LLMLORA_API_PORT", "80.5"), ("LLMLORA_PAGES_PORT", "65536"),
            ("LLMLORA_UPLOAD_LIMIT_BYTES", "20 GB"), ("LLMLORA_LOG_LEVEL", "loud"),
        ],
    )  # fmt: skip
    def test_variable_is_named_in_both_languages(
        self, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
    ) -> None:
        monkeypatch.setenv(variable, value)
        with pytest.raises(SettingsInvalidError) as refused:
            load_settings(None)
        for language in ("ja", "en"):
            assert variable in refused.value.detail(language)
            assert value in refused.value.detail(language)

    def test_file_of_another_encoding_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_bytes("LLMLORA_DATA_DIR=/データ\n".encode("cp932"))
        with pytest.raises(SettingsInvalidError, match="UTF-8"):
            load_settings(None)

    def test_byte_order_mark_and_line_ends_of_windows_are_read_over(self, tmp_path: Path) -> None:
        (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfLLMLORA_API_PORT=8123\r\nLLMLORA_LOG_LEVEL=INFO\r\n")
        assert (load_settings(None).api_port, load_settings(None).log_level) == (8123, "info")


class TestHub:
    @pytest.mark.parametrize(
        "value", ["huggingface.co", "ftp://hub", "https://", "https://hub/?x=1", "https://a b"]
    )
    def test_what_is_no_address_is_refused(self, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HF_ENDPOINT", value)
        with pytest.raises(SettingsInvalidError, match="HF_ENDPOINT"):
            load_settings(None)

    def test_own_names_win_over_those_of_other_programs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in (("HF_ENDPOINT", "https://one.example"), ("HF_TOKEN", "hf_one")):
            monkeypatch.setenv(name, value)
        assert Settings().hf_endpoint == "https://one.example"
        monkeypatch.setenv("LLMLORA_HF_ENDPOINT", "https://two.example")
        monkeypatch.setenv("LLMLORA_HF_TOKEN", "hf_two")
        settings = Settings()
        assert settings.hf_endpoint == "https://two.example"
        assert settings.hf_token is not None
        assert settings.hf_token.get_secret_value() == "hf_two"


class TestInference:
    def test_address_is_kept_without_its_last_slash(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_INFERENCE_URL", "http://inference:8100/")
        monkeypatch.setenv("LLMLORA_INFERENCE_TOKEN", "secret")
        assert load_settings(None).inference_url == "http://inference:8100"

    @pytest.mark.parametrize(
        ("url", "token", "variable"),
        [
            ("inference:8100", "secret", "LLMLORA_INFERENCE_URL"),
            ("http://user@inference:8100", "secret", "LLMLORA_INFERENCE_URL"),
            ("http://inference:8100", "", "LLMLORA_INFERENCE_TOKEN"),
            ("http://inference:8100", "two words", "LLMLORA_INFERENCE_TOKEN"),
            ("http://inference:8100", "ひみつ", "LLMLORA_INFERENCE_TOKEN"),
        ],
    )
    def test_what_cannot_work_is_refused_in_both_languages(
        self, monkeypatch: pytest.MonkeyPatch, url: str, token: str, variable: str
    ) -> None:
        monkeypatch.setenv("LLMLORA_INFERENCE_URL", url)
        monkeypatch.setenv("LLMLORA_INFERENCE_TOKEN", token)
        with pytest.raises(SettingsInvalidError) as refused:
            load_settings(None)
        for language in ("ja", "en"):
            assert variable in refused.value.detail(language)
            assert "two words" not in refused.value.detail(language)

    def test_token_alone_changes_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_INFERENCE_TOKEN", "secret")
        assert load_settings(None).inference_url is None


class TestSecretFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "secrets"
        folder.mkdir()
        (folder / "llmlora_api_token").write_text("of-the-file\n")
        (folder / "llmlora_redis_url").write_text("redis://:p@valkey:6379/0")
        return folder

    def test_are_read_where_the_environment_says_nothing(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LLMLORA_SECRETS_DIR", str(folder))
        monkeypatch.setenv("LLMLORA_API_TOKEN", "")
        settings = load_settings(None)
        assert settings.api_token is not None
        assert settings.api_token.get_secret_value() == "of-the-file"
        assert settings.redis_url == "redis://:p@valkey:6379/0"

    def test_environment_wins(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_SECRETS_DIR", str(folder))
        monkeypatch.setenv("LLMLORA_API_TOKEN", "of-the-environment")
        token = load_settings(None).api_token
        assert token is not None
        assert token.get_secret_value() == "of-the-environment"

    def test_folder_can_be_named_by_the_settings_file(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / ".env").write_text(f"LLMLORA_SECRETS_DIR={folder}\n")
        assert load_settings(None).redis_url == "redis://:p@valkey:6379/0"

    def test_folder_that_is_not_there_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LLMLORA_SECRETS_DIR", str(tmp_path / "none"))
        with pytest.raises(SettingsInvalidError, match="LLMLORA_SECRETS_DIR"):
            load_settings(None)


class TestDocuments:
    def test_every_setting_is_in_the_example_with_its_meaning(self) -> None:
        example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
        assert example == settings_reference()
        for name, field in Settings.model_fields.items():
            alias = field.validation_alias
            written = alias.choices[-1] if isinstance(alias, AliasChoices) else f"LLMLORA_{name.upper()}"
            assert f"# {written}=" in example
            assert field.description
            assert field.description in example

    def test_token_is_not_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LLMLORA_HF_TOKEN", "hf_verysecret")
        assert "verysecret" not in repr(Settings())


def test_empty_token_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMLORA_API_TOKEN", "  ")
    assert Settings(_env_file=None).api_token is None
