"""Processes that wait, with all libraries loaded, for the next run; see `tool_process.warm`."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from siprems_backend.config import get_settings
from siprems_backend.services.pipelines.limits import limits
from siprems_backend.services.pipelines.listening import NodeListener
from siprems_backend.services.tool_runner.child import Child, environment

PROGRAM = "siprems_backend.tool_process.warm"


class _Waiting:
    """One process that waits, at most: whoever needs a second one starts and ends it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[Child, dict[str, str]] | None = None

    def take(self) -> Child:
        folder = get_settings().data_dir.absolute()
        folder.mkdir(parents=True, exist_ok=True)
        surroundings = environment(folder)
        with self._lock:
            held, self._held = self._held, None
        if held is not None:
            child, started_in = held
            if child.is_alive and started_in == surroundings:
                return child
            child.stop()
        return Child.open(PROGRAM, folder)

    def put_back(self, child: Child) -> None:
        folder = get_settings().data_dir.absolute()
        with self._lock:
            if self._held is None and child.is_alive:
                self._held = (child, environment(folder))
                return
        child.stop()


_waiting = _Waiting()


@contextmanager
def process() -> Iterator[Child]:
    """A process for one run. If the block raises it ends at once, whatever it is at."""
    child = _waiting.take()
    try:
        yield child
    except BaseException:
        child.stop()
        raise
    _waiting.put_back(child)


def do(job: str, arguments: Mapping[str, Any], folder: Path, listener: NodeListener) -> dict[str, Any]:
    """Have a job done with its files in a folder; what it answers, or what went wrong."""
    allowed = limits()
    request = {
        "job": job,
        "arguments": arguments,
        "folder": str(folder),
        "database_url": get_settings().database_url,
        "limits": vars(allowed),
    }
    with process() as child:
        child.send(request)
        listener.hear_out(child)
    return listener.verdict(allowed)
