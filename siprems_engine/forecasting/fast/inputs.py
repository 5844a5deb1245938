"""One product's rows as the arrays the solver takes, scaled as Prophet 1.5 scales them."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.errors import FitFailed
from siprems_engine.forecasting.fast.calendar import Calendar
from siprems_engine.forecasting.fast.posterior import Problem
from siprems_engine.forecasting.recipe import Prepared

# `Prophet.set_changepoints`: this many changepoints in this first part of the rows.
CHANGEPOINTS, CHANGEPOINT_RANGE = 25, 0.8


@dataclass(frozen=True, eq=False)
class Inputs:
    """A product ready to be fitted: `day` (T,) since 1970, the divisor of y, and the solver's problem."""

    day: NDArray[np.int64]
    y_scale: float
    problem: Problem

    @property
    def start(self) -> tuple[float, float]:
        """Slope and offset of the line through the first and the last row (`Prophet.linear_growth_init`)."""
        y = self.problem.y
        return float(y[-1] - y[0]), float(y[0])

    @property
    def constant(self) -> bool:
        """Whether all rows are alike; Prophet then skips its optimiser."""
        return bool(self.problem.y.min() == self.problem.y.max())


def inputs(prepared: Prepared, calendar: Calendar) -> Inputs:
    """Scale the cleaned rows; raises `FitFailed` where there are too few of them for a changepoint."""
    day = prepared.ds.astype(np.int64)
    # A history of zeros is divided by 1.
    y_scale = float(np.abs(prepared.y_log).max()) or 1.0
    # A copy, because the kernels are compiled for arrays that may be written to.
    rows = changepoint_rows(len(day)).copy()
    t = (day - day[0]) / (day[-1] - day[0])
    problem = Problem(
        y=prepared.y_log / y_scale,
        t=t,
        changepoints=t[rows],
        first_rows=rows,
        features=calendar.features(day, prepared.promo),
        additive=1.0 - calendar.multiplicative,
        multiplicative=calendar.multiplicative,
        precision=calendar.precision,
        penalty=1.0 / calendar.recipe.changepoint_prior_scale,
    )
    return Inputs(day, y_scale, problem)


@functools.lru_cache(maxsize=1024)
def changepoint_rows(rows: int) -> NDArray[np.int64]:
    """Return the rows Prophet puts changepoints on, (S,): even over the first 80 %, by row and not by day."""
    reach = int(np.floor(rows * CHANGEPOINT_RANGE))
    count = min(CHANGEPOINTS, reach - 1)
    if count < 1:
        raise FitFailed("A model needs at least three rows.")
    places = np.linspace(0, reach - 1, count + 1).round().astype(np.int64)[1:]
    places.setflags(write=False)
    return places
