from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from webapp.settings import DEVELOPMENT_SECRET, AppSettings, DatabaseSettings, load_settings


@pytest.mark.parametrize("secret", ["", DEVELOPMENT_SECRET])
def test_production_refuses_to_start_without_a_secret_of_its_own(secret: str):
    with pytest.raises(ValidationError, match="REELGROVE_SECRET_KEY must be set in production"):
        AppSettings(env="production", secret_key=SecretStr(secret))


def test_production_starts_with_a_secret_of_its_own():
    assert not AppSettings(env="production", secret_key=SecretStr("long and random")).is_development


def test_the_default_database_is_sqlite_in_the_data_directory(tmp_path: Path):
    assert DatabaseSettings().url(tmp_path) == f"sqlite:///{tmp_path}/reelgrove.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_is_spoken_through_psycopg(tmp_path: Path, scheme: str):
    assert DatabaseSettings(database_url=f"{scheme}://a@b/c").url(tmp_path) == "postgresql+psycopg://a@b/c"


def test_variables_win_over_the_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text("REELGROVE_RAY_CPUS=4\nREELGROVE_REDIS_URL=redis://there/1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REELGROVE_RAY_CPUS", "5")
    settings = load_settings()
    assert settings.cluster.ray_cpus == 5
    assert settings.redis.redis_url == "redis://there/1"


def test_production_reads_no_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text("REELGROVE_RAY_CPUS=4\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REELGROVE_ENV", "production")
    monkeypatch.setenv("REELGROVE_SECRET_KEY", "long and random")
    assert load_settings().cluster.ray_cpus == 0
