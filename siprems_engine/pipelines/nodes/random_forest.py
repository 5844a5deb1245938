"""The mean of many trees."""

from __future__ import annotations

from typing import Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.modelling import TASK, TREES, ModelNode, depth
from siprems_engine.pipelines.node import Parameters


class RandomForest(ModelNode):
    """A random forest, for numbers or classes."""

    node_type = "random_forest"
    title = "Random forest"
    takes_missing = True
    properties = {
        "task": TASK,
        "n_estimators": TREES,
        "max_depth": depth(),
        "min_samples_leaf": p.whole("Fewest rows of a leaf.", 1, 100_000, 1),
        "random_state": p.SEED,
    }

    def estimator(self, task: str, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's model."""
        from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

        model = RandomForestClassifier if task == "classification" else RandomForestRegressor
        return model(
            n_estimators=parameters["n_estimators"],
            max_depth=parameters.get("max_depth"),
            min_samples_leaf=parameters["min_samples_leaf"],
            random_state=seed,
        )


NODE = RandomForest()
