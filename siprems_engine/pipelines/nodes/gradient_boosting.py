"""Trees that correct each other."""

from __future__ import annotations

from typing import Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.modelling import TASK, TREES, ModelNode, depth
from siprems_engine.pipelines.node import Parameters


class GradientBoosting(ModelNode):
    """Gradient boosting, for numbers or classes."""

    node_type = "gradient_boosting"
    title = "Gradient boosting"
    properties = {
        "task": TASK,
        "n_estimators": TREES,
        "learning_rate": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 10,
            "default": 0.1,
            "description": "Weight of each tree.",
        },
        "max_depth": depth(3),
        "random_state": p.SEED,
    }

    def estimator(self, task: str, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's model."""
        from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

        model = GradientBoostingClassifier if task == "classification" else GradientBoostingRegressor
        return model(
            n_estimators=parameters["n_estimators"],
            learning_rate=parameters["learning_rate"],
            max_depth=parameters["max_depth"],
            random_state=seed,
        )


NODE = GradientBoosting()
