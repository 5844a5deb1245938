"""The guard, which is the process that was started, and the tool, which it forks.

Standard input brings the request as one line of JSON and then stays open for as long as the run is wanted:
its end, which the death of the worker brings about as well, ends the run and removes its folder. Standard
output takes lines of JSON, see `services.tool_runner.messages`; standard error is the tool's to write what
it likes.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from siprems_backend.tool_process import guard
from siprems_backend.utils.parentage import adopt_orphans, die_with
from siprems_backend.utils.run_limits import RunLimits

STDIN, STDOUT, STDERR = 0, 1, 2
PIECE = 65_536


def main() -> None:
    """Run what standard input asks for."""
    line = _request()
    if not line:
        return
    request = json.loads(line)
    adopt_orphans()
    answers = os.dup(STDOUT)
    # Whatever the tool prints belongs to its log, not among the answers.
    os.dup2(STDERR, STDOUT)
    guarded_by = os.getpid()
    tool = os.fork()
    if tool == 0:
        _become_tool(guarded_by, request, answers)
    limits = RunLimits(**request["limits"])
    ended = guard.watch(tool, STDIN, limits, request["folder"])
    if ended is not None:
        # What the tool was about to write may lack its end.
        os.write(answers, f"\n{json.dumps({'ended': ended})}\n".encode())


def _request() -> bytes:
    """The first line of standard input, unbuffered: the rest is the guard's."""
    pieces = []
    while (piece := os.read(STDIN, PIECE)) and not piece.endswith(b"\n"):
        pieces.append(piece)
    return b"".join([*pieces, piece]) if piece else b""


def _become_tool(guarded_by: int, request: dict[str, Any], answers: int) -> None:
    """Leave the guard's group, so that it can be killed alone, and never return."""
    os.setpgid(0, 0)
    die_with(guarded_by)
    os.dup2(os.open(os.devnull, os.O_RDONLY), STDIN)
    # Only now: the guard has to stay small, as every running tool has one.
    from siprems_backend.tool_process import inside

    status = inside.run(request, answers)
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
