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
    """The folder for the servers' data: inside ``home`` where their account can reach it.

    Rights of folders above ``home`` are never changed. Where one of them shuts the account out, the
    data moves to a folder under ``elsewhere`` whose name is derived from ``home``.
    """
    if account is None or account.can_traverse(home):
        folder = home / "servers"
    else:
        folder = elsewhere / f"siprems-{hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError(f"Cannot make the servers' folder {folder}: {error.strerror}.") from error
    if account is not None:
        if folder.stat().st_uid != os.geteuid():
            raise LocalError(f"{folder} belongs to somebody else: remove it or choose another SIPREMS_HOME.")
        folder.chmod(0o711)
        if not account.can_traverse(folder):
            raise LocalError(
                f"The account 'nobody', which runs PostgreSQL for root, cannot enter {folder}: "
                "set SIPREMS_HOME to a folder that everybody may enter."
            )
    return folder
