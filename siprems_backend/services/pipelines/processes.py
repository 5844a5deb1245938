"""Processes that wait, with all libraries loaded, for the next run; see `tool_process.warm`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from siprems_backend.config import get_settings
from siprems_backend.services.pipelines import jobs
from siprems_backend.services.pipelines.limits import limits
from siprems_backend.services.pipelines.listening import NodeListener
from siprems_backend.services.tool_runner.child import Child, environment

PROGRAM = "siprems_backend.tool_process.warm"
# It ends by itself after ten minutes; nobody should ask it for something at that very moment.
USED_WITHIN_SECONDS = 540.0
# One that still loads its libraries does not hear that nobody needs it any more.
ENDS_WITHIN_SECONDS = 0.75


@dataclass(frozen=True)
class _Held:
    """A process that waits, since when, and the environment that it was started in."""

    child: Child
    since: float
    surroundings: Mapping[str, str]

    def is_usable(self, surroundings: Mapping[str, str]) -> bool:
        young = time.monotonic() - self.since < USED_WITHIN_SECONDS
        return young and self.child.is_alive and self.surroundings == surroundings


class _Waiting:
    """One process that waits, at most: whoever needs a second one starts and ends it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: _Held | None = None

    def take(self) -> Child:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            if held.is_usable(environment(folder)):
                return held.child
            held.child.stop()
        return Child.open(PROGRAM, folder)

    def put_back(self, child: Child) -> None:
        with self._lock:
            if self._held is None and child.is_alive:
                self._held = _Held(child, time.monotonic(), environment(_folder()))
                return
        child.stop()


def _folder() -> Path:
    """Where the processes are at home; runs have folders of their own."""
    return get_settings().data_dir.absolute()


_waiting = _Waiting()


@contextmanager
def process() -> Iterator[Child]:
    """A process for one run. If the block raises it ends at once, whatever it is at."""
    child = _waiting.take()
    try:
        yield child
    except BaseException:
        child.stop(ENDS_WITHIN_SECONDS)
        raise
    _waiting.put_back(child)


def do(job: str, arguments: Mapping[str, Any], folder: Path, listener: NodeListener) -> dict[str, Any]:
    """Have a job done with its files in a folder; what it answers, or what went wrong."""
    allowed = limits()
    # In a file, for a process that still loads its libraries reads no more than a pipe holds.
    (folder / jobs.ARGUMENTS).write_bytes(orjson.dumps(arguments))
    request = {
        "job": job,
        "folder": str(folder),
        "database_url": get_settings().database_url,
        "limits": vars(allowed),
    }
    with process() as child:
        child.send(request)
        listener.hear_out(child)
    return listener.verdict(allowed)
