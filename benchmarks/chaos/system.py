"""What the driver needs of a system that runs tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.chaos.cluster import Cluster


@dataclass(frozen=True)
class Outcome:
    """The account at the end: tasks by what became of them."""

    finished: int
    failed: int
    lost: int
    twice: int
    reruns: int


class System(Protocol):
    """SIPREMS or plain Celery."""

    name: str

    def start(self, cluster: Cluster) -> None:
        """Start the programs and prepare the data."""

    def submit(self, number: int, /) -> str | None:
        """Submit the task with this number; its id, or None where nobody acknowledged it."""

    def running(self) -> set[str]:
        """Tasks that are being worked on."""

    def mark(self) -> Any:
        """A moment, for `recovered`."""

    def recovered(self, touched: set[str], marker: Any, /) -> bool:
        """Whether these tasks ended or were taken up again, and something newer than the mark is done."""

    def unfinished(self, submitted: set[str]) -> int:
        """How many of these tasks have not ended."""

    def outcome(self, submitted: set[str]) -> Outcome:
        """The account of all tasks."""
