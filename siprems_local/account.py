"""The account that embedded servers run as.

PostgreSQL refuses to run as root, so root hands both servers to ``nobody``; everybody else
runs them as themselves.
"""

import hashlib
import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from siprems_local.errors import LocalError


@dataclass(frozen=True)
class Account:
    """An unprivileged account: user and group number."""

    uid: int
    gid: int

    def can_traverse(self, path: Path) -> bool:
        """Whether this account may enter ``path``, which means every folder above it, too."""
        path = path.resolve()
        return all(self._may(folder, stat.S_IXOTH) for folder in (path, *path.parents) if folder.exists())

    def _may(self, path: Path, right: int) -> bool:
        found = path.stat()
        if found.st_uid == self.uid:
            right <<= 6
        elif found.st_gid == self.gid:
            right <<= 3
        return bool(found.st_mode & right)


def server_account() -> Account | None:
    """The account for embedded servers, or None where the present one will do."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise LocalError(
            "PostgreSQL does not run as root and there is no account 'nobody' to run it: "
            "start this as a normal user."
        ) from error
    return Account(nobody.pw_uid, nobody.pw_gid)


def server_folder(home: Path, account: Account | None, elsewhere: Path) -> Path:
    """The folder for the servers' data: ``home/servers``, where their account can reach it.

    Rights of folders above ``home`` are never changed. Where one of them shuts the account out, the
    data goes to a folder under ``elsewhere`` and ``home/servers`` becomes a link to it, so that the
    choice holds when rights change later.
    """
    place = home / "servers"
    try:
        if not place.is_symlink() and not place.exists() and account and not account.can_traverse(home):
            place.symlink_to(
                elsewhere / f"siprems-{hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]}"
            )
        folder = place.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError(f"Cannot make the servers' folder {place}: {error.strerror}.") from error
    if account is not None:
        _let_through(folder, account)
    return folder


def _let_through(folder: Path, account: Account) -> None:
    if folder.stat().st_uid != os.geteuid():
        raise LocalError(f"{folder} belongs to somebody else: remove it or choose another SIPREMS_HOME.")
    # The account passes through and cannot list.
    folder.chmod(0o711)
    if not account.can_traverse(folder):
        raise LocalError(
            f"The account 'nobody', which runs PostgreSQL for root, cannot enter {folder}: "
            "let everybody enter the folders above it, or set SIPREMS_HOME to another folder."
        )
