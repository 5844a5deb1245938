"""`.env.example` names every setting, nothing else, and tells the truth about defaults."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

import pytest

from siprems_backend.config import READ_BY_OTHERS, Settings, SettingsError, load_settings

PROJECT = Path(__file__).resolve().parents[2]
LINES = (PROJECT / ".env.example").read_text().splitlines()
NAMED = {match[1]: match[2] for line in LINES if (match := re.fullmatch(r"#?([A-Z_]+)=(.*)", line))}
SETTINGS = {name.upper(): field for name, field in Settings.model_fields.items()}


@pytest.fixture
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder without `.env`, and no setting in the environment."""
    for name in [*SETTINGS, *(other.upper() for other in READ_BY_OTHERS)]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_setting_and_nothing_else() -> None:
    assert set(NAMED) == set(SETTINGS) | {name.upper() for name in READ_BY_OTHERS}
    assert not {name.lower() for name in SETTINGS} & READ_BY_OTHERS


def test_every_line_has_a_meaning() -> None:
    for previous, line in itertools.pairwise(LINES):
        if re.match(r"#?[A-Z_]+=", line):
            assert re.match(r"# .+", previous), f"no meaning above {line}"


def test_secrets_have_no_default() -> None:
    for name in ("JWT_SECRET_KEY", "DB_PASSWORD", "REDIS_PASSWORD", "FLOWER_BASIC_AUTH"):
        assert f"{name}=" in LINES


def test_filled_in_it_can_be_used_and_shows_the_defaults(empty_environment: Path) -> None:
    secrets = {"JWT_SECRET_KEY": "0123456789abcdef" * 4, "DB_PASSWORD": "p", "DB_HOST": "db", "DB_USER": "u"}
    values = NAMED | secrets | {"DB_NAME": "n", "REDIS_PASSWORD": "r", "FLOWER_BASIC_AUTH": "a:b"}
    (empty_environment / ".env").write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    loaded = load_settings()
    assert loaded.database_url == "postgresql+psycopg2://u:p@db:5432/n"
    assert loaded.meta_dir == Path("models/meta")
    for name, field in Settings.model_fields.items():
        if NAMED[name.upper()]:
            assert getattr(loaded, name) == field.get_default(), name


def test_an_unknown_name_stops_the_start(empty_environment: Path) -> None:
    (empty_environment / ".env").write_text("DATABASE_URL=postgresql://a:b@c/d\nJWT_SECRET=x\n")
    with pytest.raises(SettingsError, match="JWT_SECRET: is not a setting of SIPREMS"):
        load_settings()


@pytest.mark.parametrize("port", ["None", "99999", "-1", "5432x"])
def test_an_address_with_a_port_that_is_none(
    empty_environment: Path, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://a:secret@host:{port}/d")
    monkeypatch.setenv("JWT_SECRET_KEY", "0123456789abcdef" * 4)
    with pytest.raises(SettingsError, match="DATABASE_URL has a host or a port") as caught:
        load_settings()
    assert "secret" not in str(caught.value)


def test_empty_is_not_set(empty_environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:b@c/d")
    monkeypatch.setenv("JWT_SECRET_KEY", "0123456789abcdef" * 4)
    assert load_settings().port == 8000
    assert os.environ["PORT"] == ""
