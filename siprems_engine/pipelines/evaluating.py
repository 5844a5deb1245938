"""Nodes that look at a model and hand its table on as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class EvaluationNode(Node):
    """A node that tells something of a model on the test part."""

    category = "evaluate"
    inputs = ("model",)
    outputs = ("model",)
    needs_split = True
    needs_model = True

    def evaluate(self, table: Table, parameters: Parameters, seed: int) -> dict[str, Any]:
        """Return what there is to tell, as plain data."""
        raise NotImplementedError

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Evaluate."""
        return Outcome(tables[0], self.evaluate(tables[0], parameters, context.seed))
