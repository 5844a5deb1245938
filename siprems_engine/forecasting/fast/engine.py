"""The fast engine's `fit`, with the signature and the result of the stock one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siprems_engine.forecasting.errors import FitFailed
from siprems_engine.forecasting.fast.artifact import write_artifact
from siprems_engine.forecasting.fast.calendar import calendar_for
from siprems_engine.forecasting.fast.inputs import Inputs, inputs
from siprems_engine.forecasting.fast.map_solver import MapEstimate, fitted, maximise
from siprems_engine.forecasting.fit import Fit, measured
from siprems_engine.forecasting.recipe import REFERENCE, Recipe, prepare
from siprems_engine.forecasting.series import DailyHistory, Event

# Goes up with every change of the solver that changes what it finds.
SOLVER_VERSION = 1
# What Prophet says of the noise of a constant history, which it does not fit.
CONSTANT_SIGMA = 1e-9


def engine_version() -> str:
    """Name and version of the optimiser, as it goes into the metadata."""
    return f"prophet-map {SOLVER_VERSION}"


def fit(history: DailyHistory, events: Sequence[Event], recipe: Recipe = REFERENCE) -> Fit:
    """Fit one SKU and return a file in the format of `prophet.serialize.model_to_json`.

    Raises `NotEnoughData` for fewer than five clean rows and `FitFailed` when the parameters are not finite
    or the recipe is one that Prophet would refuse. The same input gives the same bytes.
    """
    prepared = prepare(history, recipe)
    calendar = calendar_for(events, recipe)
    ready = inputs(prepared, calendar)
    estimate = _estimate(ready)
    with np.errstate(over="ignore"):
        y_log = fitted(ready.problem, estimate) * ready.y_scale
    artifact = write_artifact(calendar, prepared, ready, estimate)
    return measured(artifact, "prophet", prepared, y_log, recipe)


def _estimate(ready: Inputs) -> MapEstimate:
    """Return the optimum or, for a constant history, the line through it, as Prophet does."""
    if ready.constant:
        k, m = ready.start
        none, zero = np.zeros(len(ready.problem.changepoints)), np.zeros(len(ready.problem.precision))
        return MapEstimate(k, m, none, zero, CONSTANT_SIGMA, 0.0, 0)
    estimate = maximise(ready.problem)
    numbers = (estimate.k, estimate.m, estimate.sigma, *estimate.delta, *estimate.beta)
    if not np.isfinite(numbers).all():
        raise FitFailed("The optimiser did not find finite parameters for this history.")
    return estimate
