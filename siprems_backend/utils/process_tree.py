"""The processes below a process, as Linux shows them; on other systems there are none to see."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")
# Processes that do not die of SIGKILL wait for a device; nobody can end them sooner.
PATIENCE_SECONDS = 5.0
ZOMBIE = "Z"


@dataclass(frozen=True)
class Process:
    """One process: its seconds of processor time include those of children it has waited for."""

    pid: int
    parent: int
    state: str
    cpu_seconds: float
    threads: int
    resident_bytes: int


def below(root: int) -> list[Process]:
    """All processes below `root`, parents before their children, the dead that nobody has buried included."""
    children: dict[int, list[Process]] = {}
    for process in _all():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [root]
    while waiting:
        for process in children.get(waiting.pop(), ()):
            waiting.append(process.pid)
            found.append(process)
    return found


def memory_bytes(processes: Sequence[Process]) -> int:
    """Memory of processes together: what several of them share counts once.

    Asking the system for that takes a millisecond a process.
    """
    return sum(_own_and_shared(process) for process in processes)


def _own_and_shared(process: Process) -> int:
    """The proportional set size (see proc(5)); all that is resident where the system tells no more."""
    try:
        lines = (PROCESSES / str(process.pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return process.resident_bytes
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
    return 1024 * kilobytes[0] if kilobytes else process.resident_bytes


def kill_below(root: int) -> None:
    """End everything below `root` at once; what escapes by forking meanwhile is found in the next round.

    Orphans are found as well where `root` adopts them (see `parentage.adopt_orphans`).
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (living := _living_below(root)) and time.monotonic() < deadline:
        for sign in (signal.SIGSTOP, signal.SIGKILL):
            _send(living, sign)
        _bury()


def _living_below(root: int) -> list[Process]:
    return [process for process in below(root) if process.state != ZOMBIE]


def _send(processes: Sequence[Process], sign: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, sign)


def _bury() -> None:
    """Take note of dead children, our own and adopted ones."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _all() -> list[Process]:
    try:
        folders = [folder for folder in PROCESSES.iterdir() if folder.name.isdigit()]
    except FileNotFoundError:
        return []
    return [process for folder in folders if (process := _read(folder)) is not None]


def _read(folder: Path) -> Process | None:
    """One line of /proc (see proc(5)); None for a process that has ended meanwhile."""
    try:
        line = (folder / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The program's name stands in parentheses and may itself contain some.
    fields = line.rpartition(")")[2].split()
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    used = sum(int(value) for value in fields[11:15])
    return Process(
        int(folder.name), int(fields[1]), fields[0], used / ticks, int(fields[17]), int(fields[21]) * page
    )
