"""Log lines of a running task, kept for whoever asks how it went."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime

from siprems_backend.utils import clock

MOST_LINES = 1000
LONGEST_LINE = 2000


class TaskLogHandler(logging.Handler):
    """Collects the backend's records of one thread; bounded, so that a chatty task cannot fill the ledger.

    What is beyond the bound is counted, so that nobody takes a part for the whole.
    """

    def __init__(self) -> None:
        super().__init__(level=logging.INFO)
        self._thread = threading.get_ident()
        self._lines: list[tuple[datetime, str, str]] = []
        self._written = 0
        self._left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record of our own packages, made by the task's thread."""
        ours = record.name.startswith(("siprems_backend", "siprems_engine"))
        if not ours or record.thread != self._thread:
            return
        if self._written >= MOST_LINES:
            self._left_out += 1
            return
        self._written += 1
        moment = datetime.fromtimestamp(record.created, UTC)
        self._lines.append((moment, record.levelname, _text(record)[:LONGEST_LINE]))

    def drain(self) -> list[tuple[datetime, str, str]]:
        """The lines since the last call."""
        lines, self._lines = self._lines, []
        return lines

    def rest(self) -> list[tuple[datetime, str, str]]:
        """The last lines, and how many there were that are not kept."""
        lines = self.drain()
        if self._left_out:
            plural = "line was" if self._left_out == 1 else "lines were"
            lines.append((clock.now(), "WARNING", f"... {self._left_out:,} more {plural} left out"))
            self._left_out = 0
        return lines


def _text(record: logging.LogRecord) -> str:
    if not isinstance(record.msg, dict):
        return record.getMessage()
    # structlog hands its event over as a dictionary.
    hidden = {"event", "level", "logger", "timestamp", "task_id", "request_id", "user_id", "exc_info"}
    details = " ".join(f"{key}={value}" for key, value in record.msg.items() if key not in hidden)
    return f"{record.msg.get('event', '')} {details}".strip()
