"""Hearing a run to its end: progress is passed on, lines are logged, and the end is judged."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import structlog

from siprems_backend.services.progress import OnProgress
from siprems_backend.services.tool_runner import messages
from siprems_backend.services.tool_runner.child import Child
from siprems_backend.services.tool_runner.failures import TOOL, ToolFailed
from siprems_backend.utils.run_limits import RunLimits

log = structlog.get_logger(__name__)

LISTEN_SECONDS = 0.25
# Between two reports even when nothing is new: each one asks whether the task is still wanted.
REPORT_EVERY_SECONDS = 0.5
MOST_LOG_LINES = 300
# Of these a crash is explained.
LAST_LINES = 50


class Listener:
    """Hears a tool to its end."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._progress: tuple[int, int, str] = (0, 0, "Running")
        self._reported = time.monotonic()
        self._logged = 0
        self._tail: deque[str] = deque(maxlen=LAST_LINES)
        self._said: dict[str, Any] = {}

    @property
    def who(self) -> str:
        """What a limit or a crash is said of."""
        return TOOL

    def hear_out(self, child: Child) -> None:
        """Listen until the run has ended; raises whatever the reports of progress raise."""
        while "ended" not in self._said and self._hear(child, LISTEN_SECONDS) is not None:
            if time.monotonic() - self._reported >= REPORT_EVERY_SECONDS:
                self.report()
        # What it has written before its end may still be in the pipe.
        while self._hear(child, 0.0):
            pass

    def _hear(self, child: Child, seconds: float) -> bool | None:
        """Whether anything came within this time; None when nothing can come any more."""
        heard = child.listen(seconds)
        if heard is None:
            return None
        for message in heard.messages:
            self.take(message)
        for line in heard.log:
            self._log(line)
        return bool(heard.messages or heard.log)

    def take(self, message: dict[str, Any]) -> None:
        """Take note of what the run says."""
        if "progress" in message:
            current, total, text = message["progress"]
            self._progress = (int(current), int(total), str(text))
        else:
            self._said |= message

    def report(self) -> None:
        """Pass the progress on; raises if the run is not wanted any more."""
        self._reported = time.monotonic()
        self._on_progress(*self._progress)

    def _log(self, line: str) -> None:
        """Into the task's log, up to a bound: a chatty tool must not fill the worker's either."""
        self._tail.append(line)
        self._logged += 1
        if self._logged <= MOST_LOG_LINES:
            log.info(line)
        elif self._logged == MOST_LOG_LINES + 1:
            log.info("The tool says more; the rest is left out.")

    def verdict(self, allowed: RunLimits) -> dict[str, Any]:
        """What the run made; raises what went wrong.

        A limit explains everything else; then the run's own words count, then how it ended.
        """
        ended = self._said.get("ended") or {"status": -9, "exceeded": None}
        if ended["exceeded"]:
            raise ToolFailed.exceeding(ended["exceeded"], allowed, self.who)
        if "error" in self._said:
            raise messages.rebuild(self._said["error"], allowed, self.who)
        if "result" in self._said and ended["status"] == 0:
            made: dict[str, Any] = self._said["result"]
            return made
        raise ToolFailed.crashing(ended["status"], list(self._tail), self.who)
