from pathlib import Path

import pytest

from render_core.errors import InvalidInputError
from webapp.settings import DEVELOPMENT_SECRET, DatabaseSettings, Settings, known_variables, load_settings
from webapp.variables import variable_of

SECRET = "0123456789abcdef0123456789abcdef"
SAFE = {
    "REELGROVE_ENV": "production",
    "REELGROVE_SECRET_KEY": SECRET,
    "REELGROVE_PUBLIC_URL": "https://reelgrove.example",
}


@pytest.fixture(autouse=True)
def _nobody_elses_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    for name in known_variables():
        monkeypatch.delenv(name, raising=False)


def load(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def refusal(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> str:
    with pytest.raises(InvalidInputError) as refused:
        load(monkeypatch, variables)
    return str(refused.value)


def test_without_any_variable_all_of_it_is_embedded():
    settings = load_settings()
    assert settings.app.is_development
    assert not settings.redis.redis_url
    assert not settings.storage.is_s3


def test_production_starts_with_safe_values(monkeypatch: pytest.MonkeyPatch):
    safe = {"REELGROVE_REDIS_URL": f"redis://:{SECRET}@redis:6379/0", "REELGROVE_METRICS_TOKEN": SECRET[::-1]}
    assert not load(monkeypatch, SAFE | safe).app.is_development


UNSAFE = [
    ("REELGROVE_SECRET_KEY", ""),
    ("REELGROVE_SECRET_KEY", DEVELOPMENT_SECRET),
    ("REELGROVE_SECRET_KEY", "short"),
    ("REELGROVE_SECRET_KEY", "a" * 64),
    ("REELGROVE_SECRET_KEY", "change-me-to-any-long-random-text-of-yours"),
    ("REELGROVE_PUBLIC_URL", ""),
    ("REELGROVE_PUBLIC_URL", "http://reelgrove.example"),
    ("REELGROVE_PUBLIC_URL", "https://"),
    ("REELGROVE_METRICS_TOKEN", "short"),
    ("REELGROVE_REDIS_URL", "redis://redis:6379/0"),
    ("REELGROVE_REDIS_URL", "redis://:change-me@redis:6379/0"),
    ("REELGROVE_DEV_LOGIN", "true"),
    ("REELGROVE_LOGIN_ISSUER", "http://oauth.telegram.org"),
    ("REELGROVE_LOGIN_ISSUER", "https://localhost:3000/dev-issuer"),
    ("REELGROVE_LOGIN_ISSUER", "https://127.0.0.1"),
    ("REELGROVE_LOGIN_ISSUER", ""),
    ("REELGROVE_TELEGRAM_CLIENT_ID", "12345"),
]


@pytest.mark.parametrize(("variable", "value"), UNSAFE)
def test_production_refuses_an_unsafe_value_and_development_takes_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
):
    told = refusal(monkeypatch, SAFE | {variable: value})
    assert variable in told
    assert load(monkeypatch, {"REELGROVE_ENV": "development"}).app.is_development


def test_no_secret_is_told_in_a_refusal(monkeypatch: pytest.MonkeyPatch):
    told = refusal(monkeypatch, SAFE | {"REELGROVE_SECRET_KEY": "hunter2", "REELGROVE_METRICS_TOKEN": "hunter2"})
    assert "hunter2" not in told


def test_a_bucket_without_keys_is_for_the_role_of_the_machine(monkeypatch: pytest.MonkeyPatch):
    assert load(monkeypatch, SAFE | {"REELGROVE_S3_BUCKET": "videos"}).storage.is_s3


@pytest.mark.parametrize(("given", "lacking"), [("ACCESS", "SECRET"), ("SECRET", "ACCESS")])
def test_half_a_pair_of_keys_is_refused_anywhere(monkeypatch: pytest.MonkeyPatch, given: str, lacking: str):
    half = {"REELGROVE_S3_BUCKET": "videos", f"REELGROVE_S3_{given}_KEY": SECRET}
    assert f"REELGROVE_S3_{lacking}_KEY: only its other half is set" in refusal(monkeypatch, half)


def test_production_refuses_the_keys_of_an_example(monkeypatch: pytest.MonkeyPatch):
    keys = {"REELGROVE_S3_ACCESS_KEY": "change-me", "REELGROVE_S3_SECRET_KEY": "change-me"}
    told = refusal(monkeypatch, SAFE | {"REELGROVE_S3_BUCKET": "videos"} | keys)
    assert "REELGROVE_S3_ACCESS_KEY" in told
    assert "REELGROVE_S3_SECRET_KEY" in told


def test_production_says_everything_that_is_unsafe_at_once(monkeypatch: pytest.MonkeyPatch):
    told = refusal(
        monkeypatch,
        {
            "REELGROVE_ENV": "production",
            "REELGROVE_S3_BUCKET": "videos",
            "REELGROVE_S3_ACCESS_KEY": "change-me",
            "REELGROVE_S3_SECRET_KEY": "change-me",
            "REELGROVE_REDIS_URL": "redis://there",
        },
    )
    unsafe = ("SECRET_KEY", "PUBLIC_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY", "REDIS_URL")
    assert all(f"REELGROVE_{name}: " in told for name in unsafe)
    assert len(told.splitlines()) == 1


def test_a_misspelt_variable_is_refused_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch):
    told = refusal(monkeypatch, {"REELGROVE_REDDIS_URL": "redis://there"})
    assert "REELGROVE_REDDIS_URL" in told
    assert "did you mean REELGROVE_REDIS_URL?" in told


def test_a_misspelt_line_of_the_dotenv_file_is_refused(tmp_path: Path):
    (tmp_path / ".env").write_text("REELGROVE_RAY_CPU=4\nSOMEBODY_ELSES=1\n")
    with pytest.raises(InvalidInputError, match="did you mean REELGROVE_RAY_CPUS"):
        load_settings()


def test_values_that_cannot_be_are_named_together(monkeypatch: pytest.MonkeyPatch):
    told = refusal(monkeypatch, {"REELGROVE_RAY_CPUS": "many", "REELGROVE_PORT": "x", "REELGROVE_LEASE_S": "0"})
    assert all(f"REELGROVE_{name}: " in told for name in ("RAY_CPUS", "PORT", "LEASE_S"))


def test_the_default_database_is_sqlite_in_the_data_directory(tmp_path: Path):
    assert DatabaseSettings().url(tmp_path) == f"sqlite:///{tmp_path}/reelgrove.db"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_is_spoken_through_psycopg(tmp_path: Path, scheme: str):
    assert DatabaseSettings(database_url=f"{scheme}://a@b/c").url(tmp_path) == "postgresql+psycopg://a@b/c"


def test_variables_win_over_the_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text("REELGROVE_RAY_CPUS=4\nREELGROVE_REDIS_URL=redis://there/1\n")
    settings = load(monkeypatch, {"REELGROVE_RAY_CPUS": "5"})
    assert settings.cluster.ray_cpus == 5
    assert settings.redis.redis_url == "redis://there/1"


def test_production_reads_no_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / ".env").write_text("REELGROVE_RAY_CPUS=4\nREELGROVE_NONSENSE=1\n")
    assert load(monkeypatch, SAFE).cluster.ray_cpus == 0


def test_each_variable_belongs_to_one_concern():
    names = list(known_variables())
    assert len(names) == len(set(names))
    assert variable_of("redis_url") in names


def test_production_alone_demands_landlock_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch):
    assert not load_settings().needs_wall
    assert load(monkeypatch, {"REELGROVE_REQUIRE_LANDLOCK": "true"}).needs_wall
    assert not load(monkeypatch, SAFE | {"REELGROVE_REQUIRE_LANDLOCK": "false"}).needs_wall
    monkeypatch.delenv("REELGROVE_REQUIRE_LANDLOCK")
    assert load(monkeypatch, SAFE).needs_wall
