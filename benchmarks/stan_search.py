"""What Stan finds for a series: as stock Prophet asks it, and when it is made to go on.

Stan's optimiser is made for smooth functions. At a kink of the prior on slope changes its line search finds
nothing better and it stops, whatever its tolerances say. It is made to go on from there by moving the slope
changes a little, at random; the best point of all such runs is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, prepare, prophet_stan
from siprems_engine.forecasting.fast.posterior import Parameters

# Tolerances that never end a run, and the better of Stan's two methods.
_TIRELESS = dict.fromkeys(("tol_obj", "tol_rel_obj", "tol_grad", "tol_rel_grad", "tol_param"), 1e-300) | {
    "algorithm": "BFGS",
    "iter": 20_000,
    "require_converged": False,
}
# A slope change moves by this at most, and by a thousandth of it at least.
LARGEST_MOVE = 0.1

Point = tuple[Parameters, float]
Objective = Callable[[Parameters, float], float]


def as_prophet_asks(history: DailyHistory, events: list[Event]) -> Point:
    """Return the parameters and the noise stock Prophet's fit ends with."""
    return _fit(history, events, None)


def made_to_go_on(
    history: DailyHistory, events: list[Event], start: Point, objective: Objective, runs: int
) -> Point:
    """Return the best point of many runs, each from near the best one so far, to be minimised `objective`."""
    random, best = np.random.default_rng(7), _fit(history, events, start, **_TIRELESS)
    for _ in range(runs):
        at, sigma = best
        move = LARGEST_MOVE * 10.0 ** -random.uniform(0.0, 3.0)
        moved = at._replace(delta=at.delta + random.normal(0.0, move, len(at.delta)))
        best = min(
            best, _fit(history, events, (moved, sigma), **_TIRELESS), key=lambda point: objective(*point)
        )
    return best


def _fit(history: DailyHistory, events: list[Event], start: Point | None, **options: Any) -> Point:
    stock = prophet_stan._model(events, REFERENCE)
    if start is not None:
        at, sigma = start
        options["init"] = at._asdict() | {"sigma_obs": sigma}
    stock.fit(frame(history), **options)
    found = {name: np.asarray(value).reshape(-1) for name, value in stock.params.items()}
    at = Parameters(float(found["k"][0]), float(found["m"][0]), found["delta"], found["beta"])
    return at, float(found["sigma_obs"][0])


def frame(history: DailyHistory) -> Any:
    """Return the data frame the reference recipe gives to Prophet."""
    import pandas as pd

    prepared = prepare(history)
    ds = prepared.ds.astype("datetime64[ns]")
    return pd.DataFrame({"ds": ds, "y": prepared.y_log, "promo": prepared.promo})
