"""Classes by a linear model."""

from __future__ import annotations

from typing import Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.modelling import ModelNode
from siprems_engine.pipelines.node import Parameters


class LogisticRegression(ModelNode):
    """Logistic regression with a ridge penalty."""

    node_type = "logistic_regression"
    title = "Logistic regression"
    task = "classification"
    properties = {
        "C": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 1.0,
            "description": "Inverse of the penalty.",
        },
        "max_iter": p.whole("Most iterations.", 1, 100_000, 1000),
    }

    def estimator(self, task: str, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's model."""
        from sklearn.linear_model import LogisticRegression as Model

        return Model(C=parameters["C"], max_iter=parameters["max_iter"], random_state=seed)


NODE = LogisticRegression()
