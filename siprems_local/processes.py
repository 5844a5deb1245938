"""Recognising our processes: by number and start time, and by the mark they carry."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from siprems_local.environment import MARKER

_PROC = Path("/proc")


@dataclass(frozen=True)
class ProcessIdentity:
    """A process number together with its start: numbers are given out again, also after a reboot."""

    pid: int
    start: str

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return self == identify(self.pid)


def identify(pid: int) -> ProcessIdentity | None:
    """The identity of a running process, None where there is none (a zombie has ended)."""
    fields = _stat(pid)
    if fields is None or fields[0] in "ZX":
        return None
    # Field 22 of stat(5): clock ticks since boot, hence the boot's own name.
    return ProcessIdentity(pid, f"{_boot_id()}:{fields[19]}")


def children_of(pid: int) -> list[int]:
    """Direct children of a process, ended ones that nobody waited for included."""
    return [other for other in _pids() if (_stat(other) or ["", ""])[1] == str(pid)]


def instance_processes(instance_id: str, folders: tuple[Path, ...] = ()) -> list[int]:
    """Processes that carry the instance's mark, or work in one of the servers' folders; not this one.

    The servers write their title over their environment, but each of them works in its data folder.
    """
    mark = f"{MARKER}={instance_id}".encode()
    return [
        pid for pid in _pids() if pid != os.getpid() and (_is_marked(pid, mark) or _works_in(pid, folders))
    ]


def end_processes(pids: list[int], patience: float) -> None:
    """Ask processes to end, and kill those that have not after ``patience`` seconds."""
    for pid in pids:
        _signal(pid, signal.SIGINT if _is_postgres(pid) else signal.SIGTERM)
    if not _wait_for_end(pids, patience):
        kill_processes(pids)


def kill_processes(pids: list[int]) -> None:
    """Kill processes and wait until they are gone."""
    for pid in pids:
        _signal(pid, signal.SIGKILL)
    _wait_for_end(pids, 10.0)


def _wait_for_end(pids: list[int], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while any(identify(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _is_postgres(pid: int) -> bool:
    # SIGTERM makes it wait for its clients; SIGINT makes it end now, in order.
    try:
        return (_PROC / str(pid) / "exe").readlink().name == "postgres"
    except OSError:
        return False


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the state on: state, parent, ..."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (OSError, UnicodeDecodeError):
        return None
    # The name in brackets may hold spaces and brackets of its own.
    return text[text.rindex(")") + 2 :].split()


def _boot_id() -> str:
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def _is_marked(pid: int, mark: bytes) -> bool:
    try:
        return mark in (_PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _works_in(pid: int, folders: tuple[Path, ...]) -> bool:
    try:
        return (_PROC / str(pid) / "cwd").readlink() in folders
    except OSError:
        return False
