"""Prophet models of many products, fitted to the square roots of their sales up to one origin.

A root makes the noise of counts about the same at all levels, and takes zeros; of the roots' mean and noise
follows the mean of the units without further assumption: E[y] = E[root]^2 + var[root].
"""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.bounds import CEILING_DAYS, CEILING_FACTOR
from siprems_engine.forecasting.fast.posterior import Problem
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags, Indices, Panel
from siprems_engine.forecasting.shop.prophet_form import (
    CHANGEPOINT_RANGE,
    EFFECT_SCALE,
    MOST_CHANGEPOINTS,
    Calendar,
    Form,
)
from siprems_engine.forecasting.step import Step

# One over the scale of the Laplace prior of slope changes: Prophet's default.
PENALTY = 20.0
FEWEST_ROWS = {Step.DAY: 90, Step.WEEK: 52}
# Beyond this share of zeros, or after such a silence in periods, averages serve better.
MOST_ZEROS = 0.6
LONGEST_SILENCE = {Step.DAY: 28, Step.WEEK: 8}


class ProphetFits:
    """The parameters of N products, by row; 0 for those that are not `served` (N,)."""

    def __init__(self, panel: Panel, calendar: Calendar, origin: int) -> None:
        self._panel, self._calendar = panel, calendar
        n, past = panel.products, slice(0, origin + 1)
        self.served: Flags = worth_fitting(panel, origin)
        self._first, self._span, self._growth = np.zeros(n), np.ones(n), np.zeros(n)
        self._line, self._noise, self._scale = np.zeros((n, 2)), np.zeros(n), np.zeros(n)
        self._changes, self._changepoints = (np.zeros((n, MOST_CHANGEPOINTS)) for _ in range(2))
        self._beta, self._promotion = np.zeros((n, len(calendar.table))), np.zeros(n)
        lately = panel.sold[:, past][:, -max(1, CEILING_DAYS // panel.step.days) :]
        self.ceiling: Floats = CEILING_FACTOR * lately.max(axis=1)
        for product in np.flatnonzero(self.served).tolist():
            self._fit(product, np.flatnonzero(panel.known[product, past]))

    def units(self, periods: Indices) -> Floats:
        """Return the mean of the periods (p,), (N, p) units between 0 and the ceiling."""
        t = (periods[None, :] - self._first[:, None]) * (self._growth / self._span)[:, None]
        root = self._line[:, :1] * t + self._line[:, 1:]
        for place in range(MOST_CHANGEPOINTS):
            passed = np.maximum(t - self._changepoints[:, place, None], 0.0)
            root += self._changes[:, place, None] * passed
        root += self._beta @ self._calendar.table[:, periods]
        root += self._promotion[:, None] * self._panel.promo[:, periods]
        mean = (np.maximum(root, 0.0) ** 2 + self._noise[:, None] ** 2) * (self._scale**2)[:, None]
        return np.minimum(mean, self.ceiling[:, None])

    def _fit(self, product: int, rows: Indices) -> None:
        # Loading the compiled kernels takes half a second and 60 MB; only a process that fits does it.
        from siprems_engine.forecasting.fast.map_solver import maximise

        root = np.sqrt(self._panel.sold[product, rows])
        span = int(rows[-1] - rows[0])
        form = self._calendar.form(len(rows), span)
        scale = float(root.max())
        problem = self._problem(product, rows, root / scale, form)
        found = maximise(problem)
        if not np.isfinite((found.k, found.m, found.sigma, *found.delta, *found.beta)).all():
            self.served[product] = False
            return
        self._first[product], self._span[product], self._growth[product] = rows[0], span, form.growth
        self._scale[product], self._noise[product] = scale, found.sigma
        self._line[product] = found.k, found.m
        self._changes[product, : form.changepoints] = found.delta
        self._changepoints[product, : form.changepoints] = problem.changepoints
        self._beta[product, : form.columns] = found.beta[:-1]
        self._promotion[product] = found.beta[-1]

    def _problem(self, product: int, rows: Indices, root: Floats, form: Form) -> Problem:
        t = (rows - rows[0]) * (form.growth / (rows[-1] - rows[0]))
        last = int(len(rows) * CHANGEPOINT_RANGE) - 1
        places = np.linspace(0, last, form.changepoints + 1).round().astype(np.int64)[1:]
        features = np.empty((form.columns + 1, len(rows)))
        np.take(self._calendar.table[: form.columns], rows, axis=1, out=features[:-1], mode="clip")
        features[-1] = self._panel.promo[product, rows]
        precision = np.append(self._calendar.scale[: form.columns], EFFECT_SCALE) ** -2.0
        additive = np.ones(len(precision))
        return Problem(root, t, t[places], places, features, additive, 1.0 - additive, precision, PENALTY)


def worth_fitting(panel: Panel, origin: int) -> Flags:
    """Tell which products (N,) sold long, often and lately enough by the origin to be fitted."""
    known, sold = panel.known[:, : origin + 1], panel.sold[:, : origin + 1] > 0
    rows, sales = known.sum(axis=1), sold.sum(axis=1)
    enough = (rows >= FEWEST_ROWS[panel.step]) & (sales >= (1.0 - MOST_ZEROS) * rows)
    lately = sold[:, -LONGEST_SILENCE[panel.step] :].any(axis=1)
    units = np.where(known, panel.sold[:, : origin + 1], np.nan)
    with np.errstate(invalid="ignore"):
        varies = np.nanmax(units, axis=1, initial=-1.0) > np.nanmin(units, axis=1, initial=np.inf)
    return enough & lately & varies
