"""The types of models that can be trained, and what each needs."""

from __future__ import annotations

from dataclasses import dataclass

from siprems_backend.errors import NotFound
from siprems_backend.services.prediction_engines import LEARNED
from siprems_engine.forecasting.forecast import PROPHET

__all__ = ["ALL", "EXTRAS", "LEARNED", "PROPHET", "TITLES", "Extra", "require_known"]

ALL = "all"
TITLES = {
    PROPHET: "Prophet, a model of each product",
    "xgboost": "Boosted trees by XGBoost, one model of all products",
    "lightgbm": "Boosted trees by LightGBM, one model of all products",
    "pytorch": "A small network by PyTorch, one model of all products",
    "tensorflow": "A small network by TensorFlow (Keras), one model of all products",
    ALL: "All of these, each in a task of its own",
}


@dataclass(frozen=True)
class Extra:
    """A framework that is installed only where somebody wants it."""

    title: str
    requirements: str

    @property
    def advice(self) -> str:
        """What to do where it is missing."""
        return (
            f"{self.title} is not installed where tasks are run. Install it there with "
            f"`pip install --no-deps -r {self.requirements}` and start the worker again "
            f'(docs/operations.md, "Learned models").'
        )


EXTRAS = {
    "pytorch": Extra("PyTorch", "requirements-torch.txt"),
    "tensorflow": Extra("TensorFlow", "requirements-tensorflow.txt"),
}


def require_known(model_type: str) -> str:
    """The type, if there is one of that name.

    Raises:
        NotFound: there is not.
    """
    if model_type not in TITLES:
        raise NotFound(
            f"There is no model type '{model_type}'; choose one of {', '.join(TITLES)}.",
            code="model_type_not_found",
        )
    return model_type
