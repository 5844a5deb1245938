"""How good the model is on both parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines.evaluating import EvaluationNode
from siprems_engine.pipelines.node import Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class Metrics(EvaluationNode):
    """How good the model is on both parts."""

    node_type = "metrics"
    title = "Metrics"

    def evaluate(self, table: Table, parameters: Parameters, seed: int) -> dict[str, Any]:
        """Evaluate on the test part."""
        from siprems_engine.pipelines.supervised import judge

        return {"task": table.fitted.task, "metrics": judge(table)}


NODE = Metrics()
