"""What was found: figures of each product, sums of all, and the series that are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from siprems_backend.models.seller_queries import Seller
from siprems_backend.services.tool_runner.tool import Parameters
from siprems_engine.forecasting import metrics
from siprems_engine.forecasting.rolling import LOWER, UPPER, Figures, Origin
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.step import Step


@dataclass(frozen=True, eq=False)
class Period:
    """The days looked at: `origins` forecasts of `horizon` periods each, up to the day `last`."""

    last: np.datetime64
    step: Step
    horizon: int
    origins: int

    @property
    def periods(self) -> int:
        """Periods that were forecast."""
        return self.horizon * self.origins

    @property
    def first(self) -> np.datetime64:
        """The first day that was forecast."""
        return self.last - (self.periods - 1) * self.step.days

    @property
    def days(self) -> Days:
        """All periods, (periods,), also those on which the shop was shut."""
        return self.first + self.step.days * np.arange(self.periods)

    @property
    def cutoffs(self) -> Days:
        """The last day known to each forecast, (origins,)."""
        return self.first - self.step.days + self.step.days * self.horizon * np.arange(self.origins)

    def place(self, ds: Days) -> NDArray[np.int64]:
        """Where in `days` these are, (n,)."""
        return (ds - self.first).astype(np.int64) // self.step.days


@dataclass(frozen=True, eq=False)
class Series:
    """One product's forecasts one after the other, (n,) each, in units."""

    seller: Seller
    ds: Days
    actual: Floats
    yhat: Floats
    lower: Floats
    upper: Floats
    naive: Floats
    naive_lower: Floats
    naive_upper: Floats

    @classmethod
    def of(cls, seller: Seller, origins: Sequence[Origin]) -> Self:
        """Join the forecasts of all origins."""

        def joined(parts: list[Any]) -> Any:
            return np.concatenate(parts)

        return cls(
            seller,
            joined([each.ds for each in origins]),
            joined([each.actual for each in origins]),
            joined([each.served.yhat for each in origins]),
            joined([each.served.lower for each in origins]),
            joined([each.served.upper for each in origins]),
            joined([each.naive.yhat for each in origins]),
            joined([each.naive.lower for each in origins]),
            joined([each.naive.upper for each in origins]),
        )


@dataclass(frozen=True)
class Review:
    """One product: its figures beside those of the naive forecast; units sold, and units missed."""

    seller: Seller
    served: Figures
    naive: Figures
    units: float
    missed: float
    naive_missed: float
    forecasts: int
    engine: str

    @property
    def better(self) -> bool:
        """Whether the forecasts missed less than the naive ones."""
        return self.missed < self.naive_missed


@dataclass(eq=False)
class Totals:
    """Sums over all products: by day (periods, 3) of actual, forecast and naive, and by periods ahead.

    `seen` (periods,) are the days that count for any of them. `ahead` (horizon, 3) are units sold, units
    missed, and missed by the naive forecast. `held` and `naive_held` count the days within the interval,
    `loss` and `naive_loss` add up the pinball losses.
    """

    period: Period
    by_day: Floats
    seen: NDArray[np.bool_]
    ahead: Floats
    days: int = 0
    held: float = 0.0
    naive_held: float = 0.0
    loss: float = 0.0
    naive_loss: float = 0.0

    @classmethod
    def empty(cls, period: Period) -> Self:
        """Nothing yet."""
        days = period.periods
        return cls(period, np.zeros((days, 3)), np.zeros(days, bool), np.zeros((period.horizon, 3)))

    def add(self, series: Series) -> None:
        """Add a product."""
        place, actual = self.period.place(series.ds), series.actual
        self.seen[place] = True
        for column, values in enumerate((actual, series.yhat, series.naive)):
            self.by_day[place, column] += values
        missed = np.abs(actual - series.yhat), np.abs(actual - series.naive)
        for column, values in enumerate((actual, *missed)):
            np.add.at(self.ahead[:, column], place % self.period.horizon, values)
        n = len(actual)
        self.days += n
        self.held += n * metrics.coverage(actual, series.lower, series.upper)
        self.naive_held += n * metrics.coverage(actual, series.naive_lower, series.naive_upper)
        self.loss += n * _loss(actual, series.lower, series.upper)
        self.naive_loss += n * _loss(actual, series.naive_lower, series.naive_upper)


def _loss(actual: Floats, lower: Floats, upper: Floats) -> float:
    return (metrics.pinball(actual, lower, LOWER) + metrics.pinball(actual, upper, UPPER)) / 2.0


@dataclass(frozen=True, eq=False)
class Findings:
    """All that the report tells; `worst` are the products whose forecasts missed the most units."""

    period: Period
    parameters: Parameters
    reviews: list[Review]
    totals: Totals
    worst: list[Series]
    left_out: list[str]

    @cached_property
    def overall(self) -> Figures:
        """Figures of all products: errors pooled, scaled errors as the mean over products."""
        return self._pooled("served", self.totals.held, self.totals.loss)

    @cached_property
    def overall_naive(self) -> Figures:
        """The same of the naive forecast."""
        return self._pooled("naive", self.totals.naive_held, self.totals.naive_loss)

    @property
    def better(self) -> float:
        """Share of products whose forecasts missed less than the naive ones."""
        return sum(review.better for review in self.reviews) / len(self.reviews)

    def summary(self) -> dict[str, Any]:
        """The figures as JSON values, for the task's result."""
        naive = self.overall_naive
        return {
            "products": len(self.reviews),
            "left_out": len(self.left_out),
            "first_day": str(self.period.first),
            "last_day": str(self.period.last),
            "forecasts_per_product": self.period.origins,
            **{name: defined(value) for name, value in vars(self.overall).items()},
            "naive": {name: defined(value) for name, value in vars(naive).items()},
            "better_than_naive": round(self.better, 4),
        }

    def _pooled(self, which: str, held: float, loss: float) -> Figures:
        column = 1 if which == "served" else 2
        sold, missed = self.totals.ahead[:, 0].sum(), self.totals.ahead[:, column].sum()
        surplus = self.totals.by_day[:, column].sum() - self.totals.by_day[:, 0].sum()
        each: list[Figures] = [getattr(review, which) for review in self.reviews]
        return Figures(
            wape=ratio(missed, sold),
            bias=ratio(surplus, sold),
            mase=_mean([figures.mase for figures in each]),
            rmsse=_mean([figures.rmsse for figures in each]),
            pinball=ratio(loss, self.totals.days),
            coverage=ratio(held, self.totals.days),
        )


def ratio(part: float, whole: float) -> float:
    """A share, NaN of nothing."""
    return float(part) / float(whole) if whole > 0 else math.nan


def defined(value: float) -> float | None:
    """A figure as JSON has it."""
    return round(value, 4) if math.isfinite(value) else None


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
