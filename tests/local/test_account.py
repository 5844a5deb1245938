"""Where the servers' data goes when another account runs them."""

import os
from pathlib import Path

import pytest

from siprems_local.account import Account, server_folder
from siprems_local.errors import LocalError
from siprems_local.home import Home

STRANGER = Account(uid=64_123, gid=64_123)


def test_the_own_account_stays_inside(tmp_path: Path) -> None:
    assert server_folder(tmp_path, None, elsewhere=Path("/nowhere")) == tmp_path / "servers"


def test_a_stranger_stays_inside_an_open_home(home: Home) -> None:
    folder = server_folder(home.path, STRANGER, elsewhere=Path("/nowhere"))
    if home.path.stat().st_mode & 0o001:
        assert folder == home.path / "servers"
        assert folder.stat().st_mode & 0o777 == 0o711


def test_a_closed_home_moves_the_data_for_good(home: Home, tmp_path: Path) -> None:
    home.path.chmod(0o700)
    elsewhere = home.path.parent
    folder = server_folder(home.path, STRANGER, elsewhere)
    assert folder.parent == elsewhere
    assert home.path.stat().st_mode & 0o777 == 0o700, "rights above are never changed"
    home.path.chmod(0o711)
    assert server_folder(home.path, STRANGER, elsewhere) == folder


def test_data_that_became_closed_is_an_error_not_an_empty_database(home: Home) -> None:
    home.path.chmod(0o711)
    server_folder(home.path, STRANGER, elsewhere=Path("/nowhere"))
    home.path.chmod(0o700)
    with pytest.raises(LocalError, match="cannot enter"):
        server_folder(home.path, STRANGER, elsewhere=Path("/nowhere"))


def test_rights_are_those_of_owner_group_and_others(tmp_path: Path) -> None:
    open_to_owner = Account(uid=os.getuid(), gid=64_123)
    assert open_to_owner.can_traverse(Path("/"))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not STRANGER.can_traverse(closed)
