"""A task as it was just read, in the words for those who follow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from siprems_backend.models.live_queries import Family, Line, Seen
from siprems_backend.services.live_updates import events
from siprems_backend.services.task_registry import announcements, states, views

LINES_AT_ONCE = 200


class News:
    """What may be told; each event is put into words once, for all followers."""

    def __init__(self, row: Seen, family: Family | None, lines: Sequence[Line]) -> None:
        self.row = row if family is None else row._replace(progress=views.shared_progress(row, family))
        self.lines = lines
        # A client is told again when one of these differs from what it was told.
        self.state = (row.status, row.attempts, row.eta)
        self.progress = self.row.progress
        self._worded: dict[object, bytes] = {}

    @property
    def has_ended(self) -> bool:
        """Whether the task has."""
        return self.row.status in states.TERMINAL

    @property
    def is_complete(self) -> bool:
        """Whether these are all lines there were."""
        return len(self.lines) < LINES_AT_ONCE

    def state_event(self, last_line: int) -> bytes:
        """The event of its state, for a client that has the lines up to this one."""
        return self._once(("state", last_line), lambda: events.state(self.row, self._output_files, last_line))

    def progress_event(self, last_line: int) -> bytes:
        """The event of its progress."""
        return self._once(("progress", last_line), lambda: events.progress(self.row, last_line))

    def line_event(self, line: Line) -> bytes:
        """The event of one of its lines."""
        return self._once(line.id, lambda: events.log_line(line))

    @cached_property
    def _output_files(self) -> list[str]:
        return announcements.output_files([self.row]).get(self.row.id, [])

    def _once(self, key: Any, word: Callable[[], bytes]) -> bytes:
        if key not in self._worded:
            self._worded[key] = word()
        return self._worded[key]
