"""What a run of a pipeline answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from siprems_engine.pipelines.fitted import FittedPipeline


@dataclass(frozen=True)
class NodeResult:
    """What came of one node: `status` is success, failed or skipped (a node before it failed)."""

    id: str
    node_type: str
    status: str
    seconds: float = 0.0
    rows: int | None = None
    columns: list[str] | None = None
    output: dict[str, Any] = field(default_factory=dict)
    cached: bool = False
    # Of a failed node: index, field, parameters and message.
    error: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the result as plain data, with `error` only where there is one."""
        told = dict(vars(self))
        return told if self.error is not None else {k: v for k, v in told.items() if k != "error"}


@dataclass(frozen=True, eq=False)
class Export:
    """A table to be written to a file of a format: csv, parquet or xlsx."""

    name: str
    format: str
    frame: pd.DataFrame


@dataclass(frozen=True, eq=False)
class RunResult:
    """Results in the order of the list, fitted pipelines by `model_id`, and tables to write by node id."""

    pipeline_name: str
    results: list[NodeResult]
    models: dict[str, FittedPipeline]
    exports: dict[str, Export]

    @property
    def success(self) -> bool:
        """Whether every node has done its work."""
        return all(result.status == "success" for result in self.results)

    def as_json(self) -> dict[str, Any]:
        """Return the answer of a run as plain data; models and tables are kept apart."""
        results = [result.as_json() for result in self.results]
        return {"success": self.success, "pipeline_name": self.pipeline_name, "results": results}
