"""Least squares."""

from __future__ import annotations

from typing import Any

from siprems_engine.pipelines import parameters as p
from siprems_engine.pipelines.modelling import ModelNode
from siprems_engine.pipelines.node import Parameters


class LinearRegression(ModelNode):
    """Ordinary least squares."""

    node_type = "linear_regression"
    title = "Linear regression"
    task = "regression"
    properties = {"fit_intercept": p.flag("Fit a constant as well.", default=True)}

    def estimator(self, task: str, parameters: Parameters, seed: int) -> Any:
        """Return scikit-learn's model."""
        from sklearn.linear_model import LinearRegression as Model

        return Model(fit_intercept=parameters["fit_intercept"])


NODE = LinearRegression()
