"""Which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines.evaluating import EvaluationNode
from siprems_engine.pipelines.node import Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class ConfusionMatrix(EvaluationNode):
    """Which classes are taken for which."""

    node_type = "confusion_matrix"
    title = "Confusion matrix"

    def evaluate(self, table: Table, parameters: Parameters, seed: int) -> dict[str, Any]:
        """Evaluate on the test part."""
        from siprems_engine.pipelines.judging import confusion

        return confusion(table)


NODE = ConfusionMatrix()
