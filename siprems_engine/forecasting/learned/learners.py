"""The types of learned models by name."""

from __future__ import annotations

from importlib.util import find_spec

from siprems_engine.forecasting.learned.keras_model import Keras
from siprems_engine.forecasting.learned.lightgbm_model import Lightgbm
from siprems_engine.forecasting.learned.recipe import Learner
from siprems_engine.forecasting.learned.torch_model import Torch
from siprems_engine.forecasting.learned.xgboost_model import Xgboost

LEARNERS: dict[str, Learner] = {
    "xgboost": Xgboost(),
    "lightgbm": Lightgbm(),
    "pytorch": Torch(),
    "tensorflow": Keras(),
}


def can_train(model_type: str) -> bool:
    """Whether this process could load what trains a type; nothing is loaded to find out."""
    return find_spec(LEARNERS[model_type].package) is not None
