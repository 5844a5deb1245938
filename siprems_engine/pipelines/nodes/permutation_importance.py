"""What each feature is worth to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.evaluating import EvaluationNode
from siprems_engine.pipelines.node import Parameters

if TYPE_CHECKING:
    from siprems_engine.pipelines.table import Table


class PermutationImportance(EvaluationNode):
    """What each feature is worth to the model."""

    node_type = "permutation_importance"
    title = "Permutation importance"
    properties = {"n_repeats": p.whole("How often each feature is shuffled.", 1, 100, 5)}

    def evaluate(self, table: Table, parameters: Parameters, seed: int) -> dict[str, Any]:
        """Evaluate on the test part."""
        from siprems_engine.pipelines.judging import importance

        return {"importances": importance(table, parameters["n_repeats"], seed)}


NODE = PermutationImportance()
