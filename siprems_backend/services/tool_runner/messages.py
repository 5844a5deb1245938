"""What a tool's process and its worker say to each other: lines of JSON.

`{"progress": [current, total, message]}` or, of a pipeline, `{"node": [...]}`, then `{"result": {...}}` or
`{"error": {...}}` from the tool, then `{"ended": {"status", "exceeded"}}` from its guard.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping
from typing import Any

import orjson

from siprems_backend import errors
from siprems_backend.errors import ServiceError, Unavailable
from siprems_backend.services.availability import DATABASE_AWAY, in_words
from siprems_backend.services.tool_runner.failures import ToolFailed
from siprems_backend.utils.run_limits import RunLimits
from siprems_engine.forecasting.errors import EngineError

REPORT_EVERY_SECONDS = 0.1
LONGEST_MESSAGE = 500
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
Error = dict[str, Any]


class Writer:
    """The tool's end of the pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._last_report = -REPORT_EVERY_SECONDS

    def progress(self, current: int, total: int, message: str = "") -> None:
        """Say how far the tool is, ten times a second at most."""
        now = time.monotonic()
        if now - self._last_report >= REPORT_EVERY_SECONDS:
            self._last_report = now
            self.say({"progress": [current, total, message[:LONGEST_MESSAGE]]})

    def result(self, made: Mapping[str, Any]) -> None:
        """Say what the tool gave."""
        self.say({"result": made})

    def error(self, error: Error) -> None:
        """Say why it gave nothing; see `describe`."""
        self.say({"error": error})

    def say(self, message: Mapping[str, Any]) -> None:
        """Write a message as it is."""
        # On a line of its own: another process of the tool may have written half a one.
        line = b"\n" + orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]


def describe(error: BaseException) -> Error | None:
    """An error that somebody can do something about; None for a mistake in the tool."""
    if isinstance(error, MemoryError):
        return {"exceeded": "memory_bytes"}
    if isinstance(error, OSError):
        return _of_the_disk(error)
    if isinstance(error, DATABASE_AWAY):
        return {"name": Unavailable.__name__, "code": Unavailable.code, "message": in_words(error)}
    if isinstance(error, ServiceError):
        told = {"name": type(error).__name__, "code": error.code, "message": error.message}
        return {**told, "fields": error.fields}
    if isinstance(error, EngineError):
        return {"name": ToolFailed.__name__, "code": ToolFailed.code, "message": str(error)}
    return None


def _of_the_disk(error: OSError) -> Error | None:
    """A file that grew too large, or a full disk, which may pass; anything else is the tool's mistake."""
    if error.errno == errno.EFBIG:
        return {"exceeded": "output_bytes"}
    return {"errno": error.errno} if error.errno in NO_ROOM else None


def rebuild(error: Error, limits: RunLimits, who: str) -> Exception:
    """The error that `describe` was given, as far as it matters; `who` used too much, if it is that."""
    if "exceeded" in error:
        return ToolFailed.exceeding(error["exceeded"], limits, who)
    if "errno" in error:
        return OSError(error["errno"], os.strerror(error["errno"]))
    known = getattr(errors, error["name"], None)
    kind = known if isinstance(known, type) and issubclass(known, ServiceError) else ToolFailed
    return kind(error["message"], code=error["code"], fields=error.get("fields"))
