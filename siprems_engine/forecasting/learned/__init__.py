"""Learned demand models: one model of all products of a shop, by boosted trees or a small network.

A model corrects a base forecast, the middle level of the pooled smoother times its effects, by a factor that
it learns from many dates of the past. Nothing heavy is loaded before something is trained or forecast.
"""

from siprems_engine.forecasting.learned.artifact import LearnedModel, load_model
from siprems_engine.forecasting.learned.engine import engine_of
from siprems_engine.forecasting.learned.judging import BESIDE, Shop, joined
from siprems_engine.forecasting.learned.learners import LEARNERS, can_train
from siprems_engine.forecasting.learned.recipe import Recipe
from siprems_engine.forecasting.learned.training import Judged, Training, compare, curve, train

__all__ = [
    "BESIDE",
    "LEARNERS",
    "Judged",
    "LearnedModel",
    "Recipe",
    "Shop",
    "Training",
    "can_train",
    "compare",
    "curve",
    "engine_of",
    "joined",
    "load_model",
    "train",
]
