"""Forecasting of daily and weekly demand: training, model files, closed-form forecasts and fallbacks.

Importing this package loads neither pandas nor Prophet; they are imported when a model is trained.
"""

from siprems_engine.forecasting.backtest import BacktestFigures, holdout
from siprems_engine.forecasting.bounds import clip_forecast, plausible_ceiling
from siprems_engine.forecasting.bulk import BulkForecast, forecast_many
from siprems_engine.forecasting.engines import Engine, get_engine
from siprems_engine.forecasting.errors import (
    CorruptModel,
    EngineError,
    FitFailed,
    InvalidHistory,
    InvalidRequest,
    NotEnoughData,
    UnknownEngine,
    UnsupportedModel,
)
from siprems_engine.forecasting.evaluator import LinearGrowthModel, Prediction
from siprems_engine.forecasting.fit import Fit
from siprems_engine.forecasting.forecast import Forecast, ServingMeta, forecast
from siprems_engine.forecasting.prophet_json import parse
from siprems_engine.forecasting.recipe import (
    REFERENCE,
    REFERENCE_WEEKLY,
    Prepared,
    Recipe,
    prepare,
    recipe_for,
)
from siprems_engine.forecasting.sanity import Verdict, assess
from siprems_engine.forecasting.series import DailyHistory, Event
from siprems_engine.forecasting.step import Step, infer_step
from siprems_engine.forecasting.train import Trained, train
from siprems_engine.forecasting.window_average import WindowAverage

__all__ = [
    "REFERENCE",
    "REFERENCE_WEEKLY",
    "BacktestFigures",
    "BulkForecast",
    "CorruptModel",
    "DailyHistory",
    "Engine",
    "EngineError",
    "Event",
    "Fit",
    "FitFailed",
    "Forecast",
    "InvalidHistory",
    "InvalidRequest",
    "LinearGrowthModel",
    "NotEnoughData",
    "Prediction",
    "Prepared",
    "Recipe",
    "ServingMeta",
    "Step",
    "Trained",
    "UnknownEngine",
    "UnsupportedModel",
    "Verdict",
    "WindowAverage",
    "assess",
    "clip_forecast",
    "forecast",
    "forecast_many",
    "get_engine",
    "holdout",
    "infer_step",
    "parse",
    "plausible_ceiling",
    "prepare",
    "recipe_for",
    "train",
]
