"""Server-sent events: what clients are told, as bytes (WHATWG HTML, section 9.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from siprems_backend.models.live_queries import Line, Seen
from siprems_backend.services.task_registry import announcements

HEARTBEAT = b": still here\n\n"
# How long browsers wait before they connect again.
OPENING = b"retry: 2000\n\n"
UTC_Z = orjson.OPT_UTC_Z


def encoded(name: str, data: dict[str, Any], last_line: int) -> bytes:
    """One event. Its id is the last log line that the client has: whoever comes back with it misses none."""
    # JSON escapes line ends, so the data is always one line.
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (last_line, name.encode(), orjson.dumps(data, option=UTC_Z))


def state(row: Seen, output_files: Sequence[str], last_line: int) -> bytes:
    """A task has got into another state."""
    more = {"attempts": row.attempts, "eta": row.eta, "error": row.error}
    return encoded("state", {**announcements.update_of(row, output_files), **more}, last_line)


def progress(row: Seen, last_line: int) -> bytes:
    """A task has got on."""
    return encoded("progress", announcements.update_of(row, ()), last_line)


def log_line(line: Line) -> bytes:
    """A task has written a line."""
    data = {"id": line.id, "time": line.time, "level": line.level, "message": line.message}
    return encoded("log", data, line.id)


def end(reason: str, message: str, last_line: int) -> bytes:
    """The stream ends before the task does."""
    return encoded("end", {"reason": reason, "message": message}, last_line)
