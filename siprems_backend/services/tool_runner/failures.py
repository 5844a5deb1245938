"""How a run of a tool can end badly, in words for whoever asked for it."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from typing import Self

from siprems_backend.errors import ServiceError
from siprems_backend.utils import disk
from siprems_backend.utils.run_limits import RunLimits

TOOL = "The tool"
LINES_SHOWN = 5
# What Python writes when compiled code crashes, before it lists the stack and all modules.
FATAL = "Fatal Python error"
LONGEST_LINE = 300
# Folders of the server are nobody's business; the name of the file is enough.
FOLDER = re.compile(r"(?<![\w/])/(?:[^/\s\"']+/)+")


class ToolFailed(ServiceError):
    """The tool could not do what it was asked to, and running it again would not help."""

    status = 422
    code = "tool_failed"

    @classmethod
    def exceeding(cls, limit: str, limits: RunLimits, who: str = TOOL) -> Self:
        """It was stopped at one of the limits."""
        said = {
            "cpu_seconds": f"used more than {limits.cpu_seconds} s of CPU",
            "wall_seconds": f"took longer than {limits.wall_seconds} s",
            "memory_bytes": f"used more than {disk.as_text(limits.memory_bytes)} of memory",
            "output_bytes": f"wrote more than {disk.as_text(limits.output_bytes)}",
            "processes": f"started more than {limits.processes} processes or threads",
        }
        problem = f"{who} {said[limit]} and was stopped; ask for less, or ask an operator for more."
        return cls(problem, code="tool_limit")

    @classmethod
    def crashing(cls, status: int, lines: Sequence[str], who: str = TOOL) -> Self:
        """It ended by itself without an answer, after writing these lines last."""
        how = f"was killed by {_signal_name(-status)}" if status < 0 else "crashed"
        if -status == signal.SIGKILL:
            how += ", most likely because the machine ran out of memory"
        fatal = [place for place, line in enumerate(lines) if line.startswith(FATAL)]
        shown = lines[fatal[0] :][:LINES_SHOWN] if fatal else lines[-LINES_SHOWN:]
        last = [FOLDER.sub("", line)[:LONGEST_LINE] for line in shown]
        words = f" Its last lines: {' | '.join(last)}" if last else ""
        return cls(f"{who} {how}.{words}", code="tool_crashed")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
