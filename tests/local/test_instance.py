"""Secrets and ports that are made once."""

from pathlib import Path

import pytest

from siprems_local.errors import LocalError
from siprems_local.instance import Instance, load_instance


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "instance.json"
    first = load_instance(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_instance(path) == first
    assert load_instance(tmp_path / "other.json").jwt_secret_key != first.jwt_secret_key
    assert len(first.jwt_secret_key) >= 32


def test_changes_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "instance.json"
    instance = load_instance(path)
    instance.database_port = 20_001
    instance.save(path)
    assert load_instance(path).database_port == 20_001


def test_fields_of_another_version_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "instance.json"
    path.write_text('{"id": "a", "database_password": "b", "of the future": 1}')
    assert load_instance(path).id == "a"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"id": 1}', "\x00"])
def test_a_damaged_file_is_explained_and_kept(tmp_path: Path, content: str) -> None:
    path = tmp_path / "instance.json"
    path.write_text(content)
    with pytest.raises(LocalError, match="restore it"):
        load_instance(path)
    assert path.read_text() == content


def test_secrets_differ_between_instances() -> None:
    assert Instance().database_password != Instance().database_password
