"""Pipelines of analysts: nodes from a catalogue, wired to a list or graph, checked and run.

Importing this package loads neither pandas nor scikit-learn; `runner`, `artifact` and `cache` do.
"""

from siprems_engine.pipelines.column_flow import columns_before
from siprems_engine.pipelines.errors import (
    CorruptArtifact,
    InvalidPipeline,
    NodeError,
    PipelineError,
    Problem,
    SourceError,
)
from siprems_engine.pipelines.graph import Plan, check
from siprems_engine.pipelines.node import Sources
from siprems_engine.pipelines.registry import catalogue

__all__ = [
    "CorruptArtifact",
    "InvalidPipeline",
    "NodeError",
    "PipelineError",
    "Plan",
    "Problem",
    "SourceError",
    "Sources",
    "catalogue",
    "check",
    "columns_before",
]
