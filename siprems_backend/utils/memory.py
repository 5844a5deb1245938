"""Memory of processes, without a library: workers ask every two seconds."""

from __future__ import annotations

import os
import resource
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_mb(pid: int) -> float | None:
    """Resident memory of a process in MiB; None if it is gone or the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return _own_peak_mb() if pid == os.getpid() else None
    return round(pages * PAGE_BYTES / 2**20, 1)


def _own_peak_mb() -> float:
    """Where there is no /proc: the most this process ever used."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
