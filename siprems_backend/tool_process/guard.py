"""Watching a tool: limits of all its processes together, and its end when nobody wants it any more."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from siprems_backend.utils import process_tree
from siprems_backend.utils.run_limits import RunLimits

LOOK_EVERY_SECONDS = 0.5


class Ended(TypedDict):
    """How a tool ended: as `os.waitstatus_to_exitcode` has it, and the limit it was killed for."""

    status: int
    exceeded: str | None


def watch(tool: int, lifeline: int, limits: RunLimits, folder: str) -> Ended | None:
    """Wait for the tool and kill it where it uses too much; None when the lifeline ended first.

    Nothing that the tool started lives on, and without the lifeline neither do its files.
    """
    with contextlib.suppress(PermissionError, ProcessLookupError):
        # As the tool itself does: whoever comes first.
        os.setpgid(tool, tool)
    exceeded, wanted = _wait(tool, lifeline, limits, Path(folder))
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(tool, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(tool, 0)[1])
    process_tree.kill_below(os.getpid())
    if not wanted:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    if status == -signal.SIGXCPU:
        exceeded = "cpu_seconds"
    return {"status": status, "exceeded": exceeded}


def _wait(tool: int, lifeline: int, limits: RunLimits, folder: Path) -> tuple[str | None, bool]:
    """The limit that was exceeded, if any, and whether the run is still wanted."""
    deadline, spent = time.monotonic() + limits.wall_seconds, _buried_seconds()
    poll = select.poll()
    poll.register(lifeline, select.POLLIN)
    with _woken_by_the_end_of(tool, poll):
        while True:
            left = deadline - time.monotonic()
            ready = dict(poll.poll(1000 * max(0.0, min(left, LOOK_EVERY_SECONDS))))
            if lifeline in ready and not os.read(lifeline, 1):
                return None, False
            if os.waitid(os.P_PID, tool, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return None, True
            exceeded = "wall_seconds" if left <= 0 else _exceeded(limits, folder, spent)
            if exceeded is not None:
                return exceeded, True


@contextlib.contextmanager
def _woken_by_the_end_of(tool: int, poll: select.poll) -> Iterator[None]:
    """Stop polling when the tool ends; where the system cannot tell, it is noticed at the next look."""
    if not hasattr(os, "pidfd_open"):
        yield
        return
    ending = os.pidfd_open(tool)
    poll.register(ending, select.POLLIN)
    try:
        yield
    finally:
        os.close(ending)


def _exceeded(limits: RunLimits, folder: Path, spent: float) -> str | None:
    """The limit that is exceeded; `spent` seconds of the buried are those of runs before this one."""
    processes = process_tree.below(os.getpid())
    if sum(process.threads for process in processes) > limits.processes:
        return "processes"
    living = sum(process.cpu_seconds for process in processes)
    if living + _buried_seconds() - spent > limits.cpu_seconds:
        return "cpu_seconds"
    if _too_large(processes, limits.memory_bytes):
        return "memory_bytes"
    return "output_bytes" if folder_bytes(folder) > limits.output_bytes else None


def _too_large(processes: list[process_tree.Process], most: int) -> bool:
    """Whether processes hold too much; forks of a large process share nearly all of what is resident."""
    resident = sum(process.resident_bytes for process in processes)
    return resident > most and process_tree.memory_bytes(processes) > most


def _buried_seconds() -> float:
    """Processor time of those that the guard has buried."""
    buried = resource.getrusage(resource.RUSAGE_CHILDREN)
    return buried.ru_utime + buried.ru_stime


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in a folder and below; files that go meanwhile do not count."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118  Every half second.
    return total
