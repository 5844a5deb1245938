"""What can go wrong in a pipeline; every message can be shown to a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


class PipelineError(ValueError):
    """Base of everything pipelines raise on purpose."""


class NodeError(PipelineError):
    """A node cannot work on the rows it was given; the message says what to do."""


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
