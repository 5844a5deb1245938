"""Taking a request from standard input and having a forked process do it, with this one as its guard."""

from __future__ import annotations

import json
import os
import select
import sys
from collections.abc import Callable
from typing import Any

from siprems_backend.tool_process import guard
from siprems_backend.utils.parentage import adopt_orphans, die_with
from siprems_backend.utils.run_limits import RunLimits

STDIN, STDOUT, STDERR = 0, 1, 2
PIECE = 65_536

Request = dict[str, Any]
# Does what is requested, answers on a descriptor and returns the exit status.
Do = Callable[[Request, int], int]


def open_answers() -> int:
    """A descriptor for answers; whatever is printed belongs to the log, not among them."""
    answers = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)
    return answers


def next_request(patience_s: float | None = None) -> bytes:
    """The next line of standard input, unbuffered, for the rest is the guard's; empty at its end.

    Empty as well if none has begun within `patience_s` seconds.
    """
    poll = select.poll()
    poll.register(STDIN, select.POLLIN)
    if patience_s is not None and not poll.poll(1000 * patience_s):
        return b""
    pieces = []
    while (piece := os.read(STDIN, PIECE)) and not piece.endswith(b"\n"):
        pieces.append(piece)
    return b"".join([*pieces, piece]) if piece else b""


def serve(line: bytes, answers: int, do: Do) -> bool:
    """Do what one line asks for; False when nobody wants it any more."""
    request = json.loads(line)
    adopt_orphans()
    guarded_by = os.getpid()
    child = os.fork()
    if child == 0:
        _become_worker(guarded_by)
        status = do(request, answers)
        sys.stderr.flush()
        os._exit(status)
    ended = guard.watch(child, STDIN, RunLimits(**request["limits"]), request["folder"])
    if ended is None:
        return False
    # What the child was about to write may lack its end.
    os.write(answers, f"\n{json.dumps({'ended': ended})}\n".encode())
    return True


def _become_worker(guarded_by: int) -> None:
    """Leave the guard's group, so that it can be killed alone."""
    os.setpgid(0, 0)
    die_with(guarded_by)
    os.dup2(os.open(os.devnull, os.O_RDONLY), STDIN)
