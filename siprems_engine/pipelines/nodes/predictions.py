"""What the model predicts for the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from siprems_engine.pipelines.columns import Columns
from siprems_engine.pipelines.node import Context, Node, Outcome, Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class Predictions(Node):
    """Adds the columns `prediction`, in the units of the source, and `part` (train or test)."""

    node_type = "predictions"
    title = "Predictions"
    category = "output"
    inputs = ("model",)
    needs_model = True

    def columns_after(self, before: Sequence[Columns], parameters: Parameters) -> Columns:
        """Two columns come in."""
        return before[0].add(["prediction", "part"])

    def run(self, tables: Sequence[Table], parameters: Parameters, context: Context) -> Outcome:
        """Predict."""
        from siprems_engine.pipelines.predicting import with_predictions

        return Outcome(with_predictions(tables[0]))


NODE = Predictions()
