"""Read the parameters out of a file written by `prophet.serialize.model_to_json`, without pandas.

The format (prophet/serialize.py) is one JSON object; data frames and series inside it are JSON texts once
more. The history, by far the largest part, is never decoded: only its rows are counted.
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.errors import CorruptModel, EngineError, UnsupportedModel
from siprems_engine.forecasting.evaluator import SECONDS_PER_DAY, LinearGrowthModel, Trend
from siprems_engine.forecasting.json_values import JsonObject, load, number, require
from siprems_engine.forecasting.prophet_features import terms
from siprems_engine.forecasting.series import FIRST_DAY, LAST_DAY, Floats

_FIRST_DAY, _LAST_DAY = (int(day.astype(np.int64)) for day in (FIRST_DAY, LAST_DAY))


def parse(data: bytes) -> LinearGrowthModel:
    """Parse a model file into its parameters.

    Raises `CorruptModel` when the bytes are not a complete model and `UnsupportedModel` for a kind of model
    whose forecast has no closed form here (logistic or flat growth, MCMC, conditions, country holidays,
    hours).
    """
    document = load(data, "the file")
    if not isinstance(document, dict):
        raise CorruptModel("The model file does not hold a JSON object.")
    try:
        _refuse_unsupported(document)
        return _model(document)
    except EngineError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise CorruptModel(f"The model file is damaged: {type(error).__name__}: {error}.") from error


def _refuse_unsupported(document: JsonObject) -> None:
    growth = require(document, "growth")
    if growth != "linear":
        raise UnsupportedModel(f"Only linear growth is supported, not {str(growth)[:40]!r}.")
    if document.get("mcmc_samples"):
        raise UnsupportedModel("Models sampled with MCMC are not supported.")
    if document.get("country_holidays") is not None:
        raise UnsupportedModel("Models with built-in country holidays are not supported.")
    if document.get("logistic_floor"):
        raise UnsupportedModel("Models with a floor column are not supported.")


def _model(document: JsonObject) -> LinearGrowthModel:
    start, span, rows = _calendar(document)
    params = require(document, "params")
    beta = _draw(params, "beta")
    additive, multiplicative = terms(document, beta)
    interval_width = number(document.get("interval_width", 0.8), "interval_width")
    if not 0.0 < interval_width < 1.0:
        raise CorruptModel(f"interval_width must lie between 0 and 1, not {interval_width}.")
    # Prophet before 1.1.5 knew no other scaling than the one by the largest absolute value.
    minmax = document.get("scaling", "absmax") == "minmax"
    return LinearGrowthModel(
        start_day=start,
        span_days=span,
        history_rows=rows,
        y_scale=number(require(document, "y_scale"), "y_scale", positive=True),
        floor=number(require(document, "y_min"), "y_min") if minmax else 0.0,
        sigma_obs=number(_single(params, "sigma_obs"), "sigma_obs", positive=True),
        interval_width=interval_width,
        trend=_trend(document, params),
        additive=additive,
        multiplicative=multiplicative,
        prophet_version=str(document.get("__prophet_version", "unknown")),
    )


def _calendar(document: JsonObject) -> tuple[int, int, int]:
    """Give the first day, the days from first to last, and the number of rows; whole days only."""
    start = number(require(document, "start"), "start")
    span = number(require(document, "t_scale"), "t_scale", positive=True)
    history = require(document, "history")
    if not isinstance(history, str):
        raise CorruptModel("The history is not a text.")
    body = history[history.find('"data":') :]
    rows = body.count('"ds":')
    if rows < 2:
        raise CorruptModel("The history has fewer than two rows.")
    whole_days = body.count("T00:00:00") >= rows
    if start % SECONDS_PER_DAY or span % SECONDS_PER_DAY or not whole_days:
        raise UnsupportedModel("Models of data finer than a day are not supported.")
    first, days = start / SECONDS_PER_DAY, span / SECONDS_PER_DAY
    if first < _FIRST_DAY or first + days > _LAST_DAY:
        raise CorruptModel("The history of the model lies outside of any calendar.")
    return int(first), int(days), rows


def _draw(params: JsonObject, name: str) -> Floats:
    """Return the one set of parameters `name`, (n,), out of Prophet's (1, n) array."""
    values = np.array(require(params, name), dtype=np.float64)
    if (values.ndim == 2 and values.shape[0] > 1) or (values.ndim == 1 and len(values) > 1):
        raise UnsupportedModel(
            f"The model holds {len(values)} draws of {name!r}; only single fits are supported."
        )
    if values.size == 0 or values.ndim > 2 or not np.isfinite(values).all():
        raise CorruptModel(f"The parameter {name!r} is empty or not finite.")
    return values.reshape(-1)


def _single(params: JsonObject, name: str) -> float:
    values = _draw(params, name)
    if len(values) != 1:
        raise CorruptModel(f"The parameter {name!r} must be one number, not {len(values)}.")
    return float(values[0])


def _trend(document: JsonObject, params: JsonObject) -> Trend:
    changepoints = np.array(require(document, "changepoints_t"), dtype=np.float64)
    delta = _draw(params, "delta")
    if changepoints.shape != delta.shape or not np.isfinite(changepoints).all():
        raise CorruptModel(f"There are {len(delta)} trend changes for {changepoints.size} changepoints.")
    return Trend(_single(params, "k"), _single(params, "m"), delta, changepoints)
