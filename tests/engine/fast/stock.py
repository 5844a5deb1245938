"""Stock Prophet as the oracle of the fast engine: its own matrices, and what Stan makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from prophet import Prophet
from prophet.models import ModelInputData

from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, Recipe, prepare
from siprems_engine.forecasting.fast.posterior import Parameters, Problem
from siprems_engine.forecasting.prophet_stan import _model


def stock_input(history: DailyHistory, recipe: Recipe = REFERENCE) -> pd.DataFrame:
    """The data frame the reference recipe gives to Prophet."""
    prepared = prepare(history, recipe)
    return pd.DataFrame(
        {"ds": prepared.ds.astype("datetime64[ns]"), "y": prepared.y_log, "promo": prepared.promo}
    )


def stock_matrices(
    history: DailyHistory, events: Sequence[Event], recipe: Recipe = REFERENCE
) -> tuple[Prophet, ModelInputData]:
    """Prophet's own preparation of a series: the model before its fit, and the data it would give to Stan."""
    model = _model(events, recipe)
    return model, model.preprocess(stock_input(history, recipe))


def stock_problem(data: ModelInputData) -> Problem:
    """Translate Prophet's data for Stan into ours."""
    t = np.asarray(data.t, dtype=float)
    changepoints = np.asarray(data.t_change, dtype=float)
    return Problem(
        y=np.asarray(data.y, dtype=float),
        t=t,
        changepoints=changepoints,
        first_rows=np.searchsorted(t, changepoints),
        features=np.ascontiguousarray(data.X.to_numpy(dtype=float).T),
        additive=np.asarray(data.s_a, dtype=float),
        multiplicative=np.asarray(data.s_m, dtype=float),
        precision=1.0 / np.asarray(data.sigmas, dtype=float) ** 2,
        penalty=1.0 / data.tau,
    )


def stan_optimum(model: Prophet, history: DailyHistory) -> tuple[Prophet, Parameters, float]:
    """Fit a fresh model with Stan; returns it, its parameters, and sigma."""
    model.fit(stock_input(history))
    values: dict[str, Any] = {name: np.asarray(value).reshape(-1) for name, value in model.params.items()}
    at = Parameters(float(values["k"][0]), float(values["m"][0]), values["delta"], values["beta"])
    return model, at, float(values["sigma_obs"][0])
