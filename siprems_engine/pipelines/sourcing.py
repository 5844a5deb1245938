"""Nodes that rows come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class SourceNode(Node):
    """A node without inputs, whose rows are handed in by whoever runs the pipeline."""

    category = "source"
    inputs = ()

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:  # noqa: ARG002
        """Ask for the rows."""
        from siprems_engine.pipelines.table import Table
        from siprems_engine.pipelines.tidy import tidy

        return Outcome(Table(tidy(context.sources.frame(self.node_type, parameters))))
