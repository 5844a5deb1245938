"""One look at one thing the service needs, and how it went."""

from __future__ import annotations

import enum
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


class State(enum.StrEnum):
    """How a thing is: `warning` works now and will not for ever, `unknown` could not be looked at."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """What a look found, in one sentence, and what to do about it."""

    state: State
    message: str
    advice: str = ""


def fine(message: str) -> Finding:
    """Nothing to do."""
    return Finding(State.OK, message)


def all_within(seconds: float, looks: Mapping[str, Callable[[], Finding]]) -> dict[str, Finding]:
    """Take all looks at once, and give up on those that have not ended after so many seconds.

    A look that is given up on ends in its thread, which never keeps the process from ending.
    """
    deadline = time.monotonic() + seconds
    answers = {name: _begin(look) for name, look in looks.items()}
    return {name: _end(answer, deadline, seconds) for name, answer in answers.items()}


def _begin(look: Callable[[], Finding]) -> queue.SimpleQueue[Finding]:
    answer: queue.SimpleQueue[Finding] = queue.SimpleQueue()

    def take() -> None:
        try:
            answer.put(look())
        except Exception as error:
            answer.put(Finding(State.FAILED, f"could not be checked ({type(error).__name__})"))

    threading.Thread(target=take, name="check", daemon=True).start()
    return answer


def _end(answer: queue.SimpleQueue[Finding], deadline: float, seconds: float) -> Finding:
    try:
        return answer.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        return Finding(State.FAILED, f"no answer within {seconds:g} s")
