"""Hearing a pipeline to its end: which node it is at."""

from __future__ import annotations

from typing import Any, Protocol

import structlog

from siprems_backend.services.progress import unreported
from siprems_backend.services.tool_runner.listening import Listener

log = structlog.get_logger(__name__)


class OnNode(Protocol):
    """Called as each node begins and again while it works; may raise `TaskCancelled` to end the run."""

    def __call__(self, current_node: int, total_nodes: int, node_type: str, message: str) -> None:
        """Node `current_node` of `total_nodes`, counted from 1, is at work."""


def untold(current_node: int, total_nodes: int, node_type: str, message: str) -> None:
    """Progress that nobody waits for."""


class NodeListener(Listener):
    """Hears a pipeline to its end; `node` is (number, total, node_type, message) of the one at work."""

    def __init__(self, on_node: OnNode, total: int) -> None:
        super().__init__(unreported)
        self._on_node = on_node
        self.node: tuple[int, int, str, str] = (0, total, "", "Starting")

    @property
    def who(self) -> str:
        """What a limit or a crash is said of."""
        return "It"

    def take(self, message: dict[str, Any]) -> None:
        """Take note of what the run says; each node is reported and leaves a line in the task's log."""
        if "node" not in message:
            super().take(message)
            return
        number, total, node_type, text = message["node"]
        self.node = (int(number), int(total), str(node_type), str(text))
        log.info(text)
        self.report()

    def report(self) -> None:
        """Pass on which node is at work."""
        super().report()
        self._on_node(*self.node)
