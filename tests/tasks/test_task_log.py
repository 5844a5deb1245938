"""Lines of a task's log: whose they are, how many, and what is said of the rest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from siprems_backend.tasks import task_log
from siprems_backend.tasks.task_log import LONGEST_LINE, MOST_LINES, TaskLogHandler

OURS = logging.getLogger("siprems_backend.services.anything")


@pytest.fixture
def handler() -> Iterator[TaskLogHandler]:
    handler = TaskLogHandler()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def texts(lines: list[tuple[object, str, str]]) -> list[str]:
    return [text for _, _, text in lines]


def test_what_does_not_fit_is_counted_and_said(handler: TaskLogHandler) -> None:
    for number in range(MOST_LINES + 37):
        OURS.warning("line %d", number)
    lines = texts(handler.rest())
    assert lines[:-1] == [f"line {number}" for number in range(MOST_LINES)]
    assert lines[-1] == "... 37 more lines were left out"
    assert handler.rest() == []


def test_the_bound_is_for_the_whole_run(handler: TaskLogHandler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_log, "MOST_LINES", 3)
    OURS.warning("one")
    OURS.warning("two")
    assert texts(handler.drain()) == ["one", "two"]
    OURS.warning("three")
    OURS.warning("four")
    assert texts(handler.drain()) == ["three"]
    assert texts(handler.rest()) == ["... 1 more line was left out"]


def test_others_lines_are_not_ours(handler: TaskLogHandler) -> None:
    logging.getLogger("celery.worker").warning("not ours")
    thread = threading.Thread(target=lambda: OURS.warning("another task's"))
    thread.start()
    thread.join()
    OURS.warning("x" * (LONGEST_LINE + 1))
    assert [len(text) for text in texts(handler.rest())] == [LONGEST_LINE]
