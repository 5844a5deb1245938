"""Forecasts of many products for the same days in one go: what `forecast` gives for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.average_group import predict_averages
from siprems_engine.forecasting.bounds import clip_forecast
from siprems_engine.forecasting.errors import InvalidRequest
from siprems_engine.forecasting.evaluator import LinearGrowthModel
from siprems_engine.forecasting.forecast import (
    NOTHING_TO_SERVE,
    PROMO,
    PROPHET,
    WINDOW_AVERAGE,
    ServingMeta,
    ceiling_of,
    may_be_promoted,
    model_serves,
    to_units,
    usual_width,
)
from siprems_engine.forecasting.model_group import Horizon, Moments, evaluate, structure
from siprems_engine.forecasting.series import Days, Floats

# Numbers of one table of a block, which bounds the memory: 256 products over four weeks.
BLOCK = 256 * 28


@dataclass(frozen=True, eq=False)
class BulkForecast:
    """Units per period of N products, (N, h) each, with 0 <= lower <= yhat <= upper.

    `engines` (N,) names what answered for each product and `bounded` (N,) whether its ceiling cut the point
    forecast. A product in `problems`, by its place, has no forecast: the reason is there, NaN in its rows.
    """

    ds: Days
    yhat: Floats
    lower: Floats
    upper: Floats
    engines: list[str]
    bounded: NDArray[np.bool_]
    problems: dict[int, str]


def forecast_many(
    models: Sequence[LinearGrowthModel | None],
    metas: Sequence[ServingMeta],
    ds: Days,
    promo: Floats | None = None,
    interval: float | None = None,
) -> BulkForecast:
    """Forecast N products on the days `ds` (h,) with promotion flags `promo` (N, h; None: no plan is known).

    Model, fallback, correction, bounds and promotions are those of `forecast`. One bad product never fails
    the others: see `BulkForecast.problems`. Raises `InvalidRequest` when the request as a whole makes no
    sense.
    """
    days = np.asarray(ds, dtype="datetime64[D]")
    _check(models, metas, days, promo, interval)
    order = np.argsort(days, kind="stable")
    planned = None if promo is None else np.asarray(promo, dtype=np.float64)[:, order]
    run = _Run(models, metas, days[order], planned, interval)
    with np.errstate(over="ignore", invalid="ignore"):
        run.forecast()
    back = np.argsort(order)
    yhat, lower, upper = (table[:, back] for table in (run.yhat, run.lower, run.upper))
    return BulkForecast(days, yhat, lower, upper, run.engines, run.bounded, run.problems)


def _check(
    models: Sequence[LinearGrowthModel | None],
    metas: Sequence[ServingMeta],
    days: Days,
    promo: Floats | None,
    interval: float | None,
) -> None:
    if len(models) != len(metas):
        raise InvalidRequest(f"There are {len(models)} models for {len(metas)} products.")
    if days.ndim != 1 or not len(days) or np.isnat(days).any():
        raise InvalidRequest("The days to forecast must be a list of valid dates.")
    if promo is not None and np.shape(promo) != (len(models), len(days)):
        raise InvalidRequest("Promotion flags must be one for each product and day.")
    if interval is not None and not 0.0 < interval < 1.0:
        raise InvalidRequest(f"An interval width must lie between 0 and 1, not {interval}.")


@dataclass(eq=False)
class _Run:
    """One call: the request, days ascending, and the tables its groups of products fill."""

    models: Sequence[LinearGrowthModel | None]
    metas: Sequence[ServingMeta]
    days: Days
    promo: Floats | None
    interval: float | None
    problems: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shape = len(self.models), len(self.days)
        self.yhat, self.lower, self.upper = (np.full(shape, np.nan) for _ in range(3))
        self.bounded = np.zeros(shape[0], dtype=bool)
        self.engines = [""] * shape[0]

    def forecast(self) -> None:
        """Let the models answer first, then the averages for all that are left."""
        groups: dict[tuple[object, ...], list[int]] = {}
        averages = []
        for place, (model, meta) in enumerate(zip(self.models, self.metas, strict=True)):
            if model is None or not model_serves(meta):
                averages.append(place)
            elif self._may_answer(place, model):
                groups.setdefault(structure(model), []).append(place)
        horizon = Horizon(self.days.astype(np.int64))
        for block in self._blocks(*groups.values()):
            averages += self._by_model(block, horizon)
        for block in self._blocks(averages):
            self._by_average(block)

    def _may_answer(self, place: int, model: LinearGrowthModel) -> bool:
        """Check the regressors of one model; a problem is noted."""
        for name in model.regressor_names:
            if name != PROMO:
                self.problems[place] = f"The model needs values of {name!r} for the days to forecast."
                return False
            if self.promo is not None and not np.isfinite(self.promo[place]).all():
                self.problems[place] = (
                    f"The values of {name!r} must be {len(self.days)} finite numbers, one for each day."
                )
                return False
        return True

    def _blocks(self, *groups: list[int]) -> Iterator[list[int]]:
        size = max(1, BLOCK // len(self.days))
        for group in groups:
            for start in range(0, len(group), size):
                yield group[start : start + size]

    def _by_model(self, block: list[int], horizon: Horizon) -> list[int]:
        """Fill the rows of models of one structure; the places of those that have to give way."""
        models = [model for model in (self.models[place] for place in block) if model is not None]
        metas = [self.metas[place] for place in block]
        cases, both = self._cases(block, models, metas, horizon)
        finite = cases[0].finite & np.logical_and.reduce([~both | case.finite for case in cases])
        factor, width = (
            np.array(values)[:, None]
            for values in (
                [meta.correction_factor for meta in metas],
                [self.interval or usual_width(model) for model in models],
            )
        )
        ceiling = np.array([ceiling_of(m, meta) for m, meta in zip(models, metas, strict=True)])[:, None]
        raw = to_units(cases[0].yhat, factor)
        lower, upper = (
            clip_forecast(to_units(_outermost(cases, both, p), factor), ceiling)
            for p in (0.5 - width / 2.0, 0.5 + width / 2.0)
        )
        keep = finite | np.array([meta.fallback is None for meta in metas])
        cut = np.any(~np.isfinite(raw) | (raw > ceiling), axis=1)
        self._fill(block, keep, (clip_forecast(raw, ceiling), lower, upper), cut, PROPHET)
        return [place for place, kept in zip(block, keep, strict=True) if not kept]

    def _cases(
        self,
        block: list[int],
        models: Sequence[LinearGrowthModel],
        metas: Sequence[ServingMeta],
        horizon: Horizon,
    ) -> tuple[list[Moments], NDArray[np.bool_]]:
        """Evaluate the promotions to expect, then none and all for the models (n,) they bound."""
        moments = evaluate(models, horizon)
        if self.promo is not None:
            return [moments(self.promo[block])], np.zeros(len(block), dtype=bool)
        both = np.array([may_be_promoted(m, meta) for m, meta in zip(models, metas, strict=True)])
        share = np.array([[meta.promo_share] for meta in metas])
        extremes = [moments(np.full_like(share, flag)) for flag in (0.0, 1.0)] if both.any() else []
        return [moments(share), *extremes], both

    def _by_average(self, block: list[int]) -> None:
        """Fill the rows of products served by their average; one without any is noted."""
        places, averages = [], []
        for place in block:
            average = self.metas[place].fallback
            if average is None:
                self.problems[place] = NOTHING_TO_SERVE
            else:
                places.append(place)
                averages.append(average)
        if not places:
            return
        width = np.array([self.interval or usual_width(self.models[place]) for place in places])
        known = [self.metas[place].ceiling for place in places]
        ceiling = np.array([np.inf if each is None else each for each in known])[:, None]
        tables = predict_averages(averages, self.days, width)
        cut = np.any(tables[0] > ceiling, axis=1)
        clipped = tuple(clip_forecast(table, ceiling) for table in tables)
        self._fill(places, np.ones(len(places), dtype=bool), clipped, cut, WINDOW_AVERAGE)

    def _fill(
        self,
        block: list[int],
        keep: NDArray[np.bool_],
        tables: Sequence[Floats],
        cut: NDArray[np.bool_],
        engine: str,
    ) -> None:
        yhat, lower, upper = (table[keep] for table in tables)
        rows = np.array(block)[keep]
        self.yhat[rows] = yhat
        self.lower[rows] = np.minimum(lower, yhat)
        self.upper[rows] = np.maximum(upper, yhat)
        self.bounded[rows] = cut[keep]
        for row in rows.tolist():
            self.engines[row] = engine


def _outermost(cases: Sequence[Moments], both: NDArray[np.bool_], p: Floats) -> Floats:
    """Return the quantiles (n, h) at levels p (n, 1): of the first case, or the outermost of all."""
    normal = NormalDist()
    z = np.vectorize(normal.inv_cdf, otypes=[float])(p)
    first, *extremes = (case.yhat + z * case.sigma for case in cases)
    outermost = first
    for quantile in extremes:
        wider = np.where(p < 0.5, np.minimum(outermost, quantile), np.maximum(outermost, quantile))
        outermost = np.where(both[:, None], wider, outermost)
    return outermost
