"""One series fitted by the fast engine and by stock Prophet: how the two results compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.stan_fit import Point, by_default, by_newton, frame
from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, parse, prepare
from siprems_engine.forecasting.fast import engine
from siprems_engine.forecasting.fast.calendar import calendar_for
from siprems_engine.forecasting.fast.inputs import inputs
from siprems_engine.forecasting.fast.map_solver import MapEstimate, maximise
from siprems_engine.forecasting.fast.posterior import (
    Parameters,
    Problem,
    kkt_residual,
    objective,
    residual,
)

HORIZON = 28
# Bars of every series, and of the distances of all series together.
LEAST_GAIN, MOST_KKT, MOST_READ_BACK, MOST_INTERVAL = -1e-6, 1e-5, 1e-9, 0.01
MEDIAN_DISTANCE, P99_DISTANCE = 0.01, 0.05
# The simulated futures, in parts that fit into little memory.
PARTS, PART = 8, 50_000


@dataclass(frozen=True)
class Case:
    """One series with or without events; with `simulate` its interval is compared, too."""

    group: str
    name: str
    history: DailyHistory
    events: list[Event]
    simulate: bool


@dataclass(frozen=True)
class Comparison:
    """How the two results of a case compare; `interval` is NaN where it was not asked for.

    `best_gain` and `best_distance` are those of the better of Stan's two methods; Newton's, at a hundred
    times the cost, is asked only where the default one ends far from ours.
    """

    group: str
    name: str
    rows: int
    gain: float
    kkt: float
    stan_kkt: float
    distance: float
    best_gain: float
    best_distance: float
    read_back: float
    interval: float

    @property
    def missed(self) -> list[str]:
        """The bars of a single series that this one misses."""
        bars = (
            ("gain", self.gain, self.gain >= LEAST_GAIN),
            ("best gain", self.best_gain, self.best_gain >= LEAST_GAIN),
            ("KKT", self.kkt, self.kkt <= MOST_KKT),
            ("read back", self.read_back, self.read_back <= MOST_READ_BACK),
            ("interval", self.interval, np.isnan(self.interval) or self.interval <= MOST_INTERVAL),
        )
        return [f"{name} {value:.2g}" for name, value, kept in bars if not kept]


def compare(case: Case) -> Comparison:
    """Fit a series with both engines."""
    problem = inputs(prepare(case.history), calendar_for(case.events, REFERENCE)).problem
    estimate = maximise(problem)
    ours = Parameters(estimate.k, estimate.m, estimate.delta, estimate.beta)
    stan = best = by_default(case.history, case.events)
    apart = distance(problem, estimate, stan)
    if apart > P99_DISTANCE:
        best = min(stan, by_newton(case.history, case.events), key=lambda point: objective(problem, *point))
    artifact = engine.fit(case.history, case.events).artifact
    return Comparison(
        case.group,
        case.name,
        len(problem.y),
        gain(problem, estimate, stan),
        kkt_residual(problem, ours, estimate.sigma),
        kkt_residual(problem, *stan),
        apart,
        gain(problem, estimate, best),
        distance(problem, estimate, best),
        read_back(case, artifact),
        interval(case, artifact) if case.simulate else float("nan"),
    )


def distance(problem: Problem, estimate: MapEstimate, stan: Point) -> float:
    """Return the median over the rows of how far the fitted values are apart, in units of the noise."""
    ours = Parameters(estimate.k, estimate.m, estimate.delta, estimate.beta)
    apart = np.abs(residual(problem, ours) - residual(problem, stan[0]))
    return float(np.median(apart) / estimate.sigma)


def gain(problem: Problem, estimate: MapEstimate, stan: Point) -> float:
    """Return our log posterior less Stan's, by one and the same function."""
    ours = Parameters(estimate.k, estimate.m, estimate.delta, estimate.beta)
    return objective(problem, *stan) - objective(problem, ours, estimate.sigma)


def future(history: DailyHistory) -> Any:
    """Return the next four weeks, every other day on promotion."""
    import pandas as pd

    ds = history.ds[-1] + np.arange(1, HORIZON + 1)
    return pd.DataFrame({"ds": ds.astype("datetime64[ns]"), "promo": np.arange(HORIZON) % 2.0})


def read_back(case: Case, artifact: bytes) -> float:
    """Return how far stock Prophet's forecast from our file is from ours, in sample and ahead."""
    import pandas as pd
    from prophet.serialize import model_from_json

    stock, ours = model_from_json(artifact.decode()), parse(artifact)
    stock.uncertainty_samples = 0
    rows = pd.concat([frame(case.history)[["ds", "promo"]], future(case.history)], ignore_index=True)
    ds = rows.ds.to_numpy().astype("datetime64[D]")
    yhat = ours.predict(ds, {"promo": rows.promo.to_numpy()}).yhat
    return float(np.abs(stock.predict(rows).yhat.to_numpy() - yhat).max())


def interval(case: Case, artifact: bytes) -> float:
    """Return the largest relative difference of our half width from that of Prophet's simulated futures."""
    from prophet.serialize import model_from_json

    stock, ours, ahead = model_from_json(artifact.decode()), parse(artifact), future(case.history)
    stock.uncertainty_samples = PART
    np.random.seed(7)  # Prophet draws from the global generator.
    drawn = np.concatenate([stock.predictive_samples(ahead)["yhat"] for _ in range(PARTS)], axis=1)
    tail = (1.0 - REFERENCE.interval_width) / 2.0
    low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=1)
    ds = ahead.ds.to_numpy().astype("datetime64[D]")
    predicted = ours.predict(ds, {"promo": ahead.promo.to_numpy()})
    return float(np.abs((predicted.upper - predicted.lower) / (high - low) - 1.0).max())
