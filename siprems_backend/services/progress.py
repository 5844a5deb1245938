"""How a long use case tells whoever waits how far it is, without knowing who that is."""

from __future__ import annotations

from typing import Any, Protocol


class OnProgress(Protocol):
    """Called as often as convenient; may raise `TaskCancelled` to end the work."""

    def __call__(self, current: int, total: int, message: str = "") -> None:
        """`current` of `total` units are done."""


class OnDetailedProgress(Protocol):
    """The same of work that has more to tell: `details` by their names in the progress of a task."""

    def __call__(self, current: int, total: int, message: str = "", **details: Any) -> None:
        """`current` of `total` units are done."""


def unreported(current: int, total: int, message: str = "") -> None:
    """Progress that nobody waits for."""


def untold(current: int, total: int, message: str = "", **details: Any) -> None:
    """Progress with details that nobody waits for."""


def part_of(on_progress: OnProgress, done: int, whole: int) -> OnProgress:
    """Progress of one part as progress of the whole: `done` of its units came before."""

    def report(current: int, total: int, message: str = "") -> None:  # noqa: ARG001
        on_progress(done + current, whole, message)

    return report
