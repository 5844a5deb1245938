"""What ``up`` was asked for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from siprems_local import ports
from siprems_local.errors import LocalError
from siprems_local.output import say

DEFAULT_PORT = 8000
MOST_WORKERS = 4


@dataclass(frozen=True)
class UpOptions:
    """The options of one start, complete."""

    port: int
    workers: int
    demo: bool
    detached: bool

    @property
    def address(self) -> str:
        """Where the web process answers."""
        return f"http://{ports.LOOPBACK}:{self.port}"


def default_workers() -> int:
    """One worker process per core, few enough for a laptop."""
    return min(len(os.sched_getaffinity(0)), MOST_WORKERS)


def web_port(asked: int | None, environ: Mapping[str, str]) -> int:
    """The port for the web process: the one asked for, or the first free one from the default on."""
    if asked is None and environ.get("PORT"):
        asked = _number(environ["PORT"])
    if asked is not None:
        if not ports.is_free(asked):
            raise LocalError(f"Port {asked} is in use: choose another with --port.")
        return asked
    if ports.is_free(DEFAULT_PORT):
        return DEFAULT_PORT
    port = ports.next_free(DEFAULT_PORT)
    say(f"Port {DEFAULT_PORT} is in use; taking {port}. Choose one with --port.")
    return port


def _number(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not 1 <= port <= 65535:
        raise LocalError(f"PORT is {text!r}: it has to be a number from 1 to 65535.")
    return port
