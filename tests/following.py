"""A client that follows a task by server-sent events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from siprems_backend.services.live_updates import service

PATIENCE_SECONDS = 30.0


def wait_until(condition: Callable[[], object], what: str, show: Callable[[], object] = str) -> None:
    """Look until the condition holds; `show` tells what there was instead."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}: {show()}"
        time.sleep(0.01)


@dataclass(frozen=True)
class Event:
    """One event as it arrived."""

    name: str
    id: int
    data: dict[str, Any]


def parsed(chunks: Iterable[bytes]) -> Iterator[Event | str]:
    """Events and comments in the order of their arrival."""
    rest = b""
    for chunk in chunks:
        *blocks, rest = (rest + chunk).split(b"\n\n")
        for block in blocks:
            fields = [line.partition(": ")[::2] for line in block.decode().split("\n")]
            found = dict(fields)
            if "event" in found:
                yield Event(found["event"], int(found["id"]), json.loads(found["data"]))
            elif not fields[0][0]:
                yield fields[0][1]
    assert not rest, f"the stream ended within an event: {rest!r}"


class Follower:
    """Reads a stream in a thread of its own and keeps what it hears."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.events: list[Event] = []
        self.comments: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(chunks,), daemon=True)
        self._thread.start()

    def _read(self, chunks: Iterable[bytes]) -> None:
        for heard in parsed(chunks):
            if isinstance(heard, Event):
                self.events.append(heard)
            else:
                self.comments.append(heard)

    @property
    def has_ended(self) -> bool:
        """Whether the stream is over."""
        return not self._thread.is_alive()

    @property
    def states(self) -> list[str]:
        """The states the task was in, as far as they were told."""
        return [event.data["status"] for event in self.events if event.name == "state"]

    @property
    def lines(self) -> list[str]:
        """The log lines."""
        return [event.data["message"] for event in self.events if event.name == "log"]

    def heard(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is true of what was heard."""
        wait_until(condition, what, lambda: self.events)

    def end(self) -> None:
        """Wait until the stream is over."""
        self.heard(lambda: self.has_ended, "the end")


def forget_streams() -> None:
    """Close what a test left open, and wait for the threads that served it."""
    for left in service.hub.streams():
        left.close()
    wait_until(lambda: not any(errand.is_running for errand in service.errands), "the end of the threads")
