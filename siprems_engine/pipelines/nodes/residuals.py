"""What was less what was predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines.evaluating import EvaluationNode
from siprems_engine.pipelines.node import Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class Residuals(EvaluationNode):
    """What was less what was predicted."""

    node_type = "residuals"
    title = "Residuals"

    def evaluate(self, table: Table, parameters: Parameters, seed: int) -> dict[str, Any]:
        """Evaluate on the test part."""
        from siprems_engine.pipelines.judging import residuals

        return residuals(table, seed)


NODE = Residuals()
