"""What can go wrong in a pipeline; every message can be shown to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


class PipelineError(ValueError):
    """Base of everything pipelines raise on purpose."""


class NodeError(PipelineError):
    """A node cannot work on the rows it was given; the message says what to do.

    `field` names the parameter at fault where the message alone does not tell.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        """Say what is wrong, and with which parameter if that is known."""
        super().__init__(message)
        self.field = field


class SourceError(NodeError):
    """There are no rows by the parameters of a source; `field` names the parameter at fault."""

    def __init__(self, message: str, field: str) -> None:
        """Say what is wrong with which parameter."""
        super().__init__(message, field)


class CorruptArtifact(PipelineError):
    """The bytes are not a fitted pipeline, or hold types that are not trusted."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a pipeline: `index` counts nodes from 0, `field` names the key of the node."""

    index: int
    id: str
    node_type: str
    field: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """Return the problem as plain data."""
        return asdict(self)


class InvalidPipeline(PipelineError):
    """The pipeline cannot run; `problems` names every node at fault."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Join the messages of the problems to one."""
        self.problems = tuple(problems)
        super().__init__(" ".join(f"Node {p.id!r} ({p.node_type}): {p.message}" for p in problems))
