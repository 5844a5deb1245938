"""One tree."""

from __future__ import annotations

from typing import Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.modelling import TASK, ModelNode, depth
from siprems_engine.pipelines.node import Parameters


class DecisionTree(ModelNode):
    """A decision tree, for numbers or classes."""

    node_type = "decision_tree"
    title = "Decision tree"
    takes_missing = True
    properties = {
        "task": TASK,
        "max_depth": depth(),
        "min_samples_leaf": p.whole("Fewest rows of a leaf.", 1, 100_000, 1),
        "random_state": p.SEED,
    }

    def estimator(self, task: str, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's model."""
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        model = DecisionTreeClassifier if task == "classification" else DecisionTreeRegressor
        return model(
            max_depth=parameters.get("max_depth"),
            min_samples_leaf=parameters["min_samples_leaf"],
            random_state=seed,
        )


NODE = DecisionTree()
