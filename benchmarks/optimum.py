"""Whether the fast engine finds what stock Prophet looks for: the same optimum, file, forecast and interval.

    .venv/bin/python -m benchmarks.optimum [--data FOLDER ...] [--synthetic 300] [--intervals 6]

Every series is fitted with and without events by both engines, and both results are judged by the same log
posterior. "gain" is ours less Stan's; "KKT" is how far our point is from the conditions of an optimum;
"distance" is, per series, the median over its rows of how far the two fitted values are apart, in units of
the noise; "read back" is the largest difference, in sample and four weeks ahead, between our closed form and
stock Prophet reading our file; "interval" is the largest relative difference of the half width, four weeks
ahead, from that of 400,000 futures simulated by Prophet. Ends with 1 if a bar is missed, and says by what.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import series
from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, parse, prepare, prophet_stan
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
COLUMNS = ("series", "gain min", "KKT max", "distance", "p99", "read back", "interval")


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
    """How the two results of a case compare; `interval` is NaN where it was not asked for."""

    name: str
    rows: int
    gain: float
    kkt: float
    stan_kkt: float
    distance: float
    read_back: float
    interval: float

    @property
    def missed(self) -> list[str]:
        """The bars of a single series that this one misses."""
        bars = (
            ("gain", self.gain, self.gain >= LEAST_GAIN),
            ("KKT", self.kkt, self.kkt <= MOST_KKT),
            ("read back", self.read_back, self.read_back <= MOST_READ_BACK),
            ("interval", self.interval, np.isnan(self.interval) or self.interval <= MOST_INTERVAL),
        )
        return [f"{name} {value:.2g}" for name, value, kept in bars if not kept]


def main() -> int:
    """Compare all series, print a line per group, and name the series that miss a bar."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="*", default=[], metavar="FOLDER")
    parser.add_argument("--synthetic", type=int, default=300)
    parser.add_argument("--intervals", type=int, default=6, help="series of a group with simulated futures")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    print(f"{'group':>36}" + "".join(f"{name:>11}" for name in COLUMNS))
    every: list[Comparison] = []
    for group, cases in groups(given.data, given.synthetic, given.intervals):
        found = [compare(case) for case in cases]
        print(line(group, found), flush=True)
        every += found
    print(line("all", every))
    return conclusion(every)


def groups(folders: list[Path], synthetic: int, simulated: int) -> Iterator[tuple[str, list[Case]]]:
    """Yield the cases of every source, each once with and once without events."""
    for folder in folders:
        histories, events = series.from_folder(folder)
        yield from both(folder.name, histories, events or series.market_days(), simulated)
    invented = {f"invented {seed}": series.varied(seed) for seed in range(synthetic)}
    if invented:
        yield from both("invented", invented, series.market_days(), simulated)


def both(
    source: str, histories: dict[str, DailyHistory], events: list[Event], simulated: int
) -> Iterator[tuple[str, list[Case]]]:
    """Yield a group with events and one without; series evenly apart are simulated."""
    chosen = set(np.linspace(0, len(histories) - 1, min(simulated, len(histories))).astype(int).tolist())
    for words, given in (("with events", events), ("without", [])):
        group = f"{source}, {words}"
        yield (
            group,
            [
                Case(group, name, history, given, place in chosen)
                for place, (name, history) in enumerate(histories.items())
            ],
        )


def compare(case: Case) -> Comparison:
    """Fit a series with both engines."""
    prepared = prepare(case.history)
    problem = inputs(prepared, calendar_for(case.events, REFERENCE)).problem
    estimate = maximise(problem)
    ours = Parameters(estimate.k, estimate.m, estimate.delta, estimate.beta)
    stan, sigma = stan_optimum(case)
    apart = np.abs(residual(problem, ours) - residual(problem, stan)) / estimate.sigma
    artifact = engine.fit(case.history, case.events).artifact
    return Comparison(
        f"{case.name} ({case.group})",
        len(problem.y),
        gain(problem, estimate, stan, sigma),
        kkt_residual(problem, ours, estimate.sigma),
        kkt_residual(problem, stan, sigma),
        float(np.median(apart)),
        read_back(case, artifact),
        interval(case, artifact) if case.simulate else float("nan"),
    )


def gain(problem: Problem, estimate: MapEstimate, stan: Parameters, sigma: float) -> float:
    """Return our log posterior less Stan's, by one and the same function."""
    ours = Parameters(estimate.k, estimate.m, estimate.delta, estimate.beta)
    return objective(problem, stan, sigma) - objective(problem, ours, estimate.sigma)


def stan_optimum(case: Case) -> tuple[Parameters, float]:
    """Return the parameters and the noise Stan finds for a case."""
    stock = prophet_stan._model(case.events, REFERENCE)
    stock.fit(frame(case.history))
    found = {name: np.asarray(value).reshape(-1) for name, value in stock.params.items()}
    at = Parameters(float(found["k"][0]), float(found["m"][0]), found["delta"], found["beta"])
    return at, float(found["sigma_obs"][0])


def frame(history: DailyHistory) -> Any:
    """Return the data frame the reference recipe gives to Prophet."""
    import pandas as pd

    prepared = prepare(history)
    ds = prepared.ds.astype("datetime64[ns]")
    return pd.DataFrame({"ds": ds, "y": prepared.y_log, "promo": prepared.promo})


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


def line(group: str, found: list[Comparison]) -> str:
    """Return the table's line of a group: the worst of every figure, and two quantiles of the distances."""
    distances = [each.distance for each in found]
    widths = [each.interval for each in found if not np.isnan(each.interval)]
    figures = (
        min(each.gain for each in found),
        max(each.kkt for each in found),
        float(np.median(distances)),
        float(np.quantile(distances, 0.99)),
        max(each.read_back for each in found),
        max(widths, default=float("nan")),
    )
    return f"{group:>36}{len(found):>11}" + "".join(f"{figure:>11.2g}" for figure in figures)


def conclusion(found: list[Comparison]) -> int:
    """Print what misses a bar, and where Stan's fitted values are far from ours; 1 if anything was missed."""
    failed = [each for each in found if each.missed]
    for each in failed:
        print(f"missed: {each.name}, {each.rows} rows: {', '.join(each.missed)}")
    for each in sorted(found, key=lambda each: -each.distance):
        if each.distance > P99_DISTANCE:
            print(
                f"apart: {each.name}, {each.rows} rows: {each.distance:.2g} sigma; "
                f"gain {each.gain:.2g}, KKT {each.kkt:.1g}, that of Stan's point {each.stan_kkt:.2g}"
            )
    distances = [each.distance for each in found]
    far = np.median(distances) > MEDIAN_DISTANCE or np.quantile(distances, 0.99) > P99_DISTANCE
    print("missed: the distances" if far else "The distances are within their bars.")
    return int(bool(failed or far))


if __name__ == "__main__":
    sys.exit(main())
