"""What Stan finds for a series: as stock Prophet asks it, and when it is made to go on.

Stan's optimiser is made for smooth functions. At a kink of the prior on slope changes, where one of them is
0, its line search finds nothing better and it stops, whatever its tolerances say. Two things make it go on:
the slope changes that are 0 at an optimum are left out of the model, which takes their kinks away (that
nothing is lost by it is what the conditions of an optimum say of them); and where it stops all the same the
others are moved at random.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, prepare, prophet_stan
from siprems_engine.forecasting.fast.inputs import changepoint_rows
from siprems_engine.forecasting.fast.posterior import Parameters

# Tolerances that never end a run, and the better of Stan's two methods.
_TIRELESS = dict.fromkeys(("tol_obj", "tol_rel_obj", "tol_grad", "tol_rel_grad", "tol_param"), 1e-300) | {
    "algorithm": "BFGS",
    "iter": 20_000,
    "require_converged": False,
}
# A slope change moves by this at most, and by a thousandth of it at least.
LARGEST_MOVE = 0.1
NEAR_ENOUGH = 1e-3

Point = tuple[Parameters, float]
Places = NDArray[np.int64]
Objective = Callable[[Point], float]


def as_prophet_asks(history: DailyHistory, events: list[Event]) -> Point:
    """Return the parameters and the noise stock Prophet's fit ends with."""
    return _fit(history, events)


def made_to_go_on(
    history: DailyHistory, events: list[Event], start: Point, moving: Places, objective: Objective, runs: int
) -> Point:
    """Return the best point of up to `runs` runs, the next from near the best so far.

    The first run starts where Prophet does. `moving` are the slope changes that stay in the model, or none
    for all; `objective` is how far a point is from the least value, and a thousandth is near enough.
    """
    random = np.random.default_rng(7)
    moving = moving if len(moving) else np.arange(len(start[0].delta))
    best = min(start, _fit(history, events, None, moving, **_TIRELESS), key=objective)
    for _ in range(runs):
        if objective(best) < NEAR_ENOUGH:
            break
        at, sigma = best
        move = LARGEST_MOVE * 10.0 ** -random.uniform(0.0, 3.0)
        moved = at._replace(delta=at.delta + random.normal(0.0, move, len(at.delta)))
        best = min(best, _fit(history, events, (moved, sigma), moving, **_TIRELESS), key=objective)
    return best


def _fit(
    history: DailyHistory,
    events: list[Event],
    start: Point | None = None,
    moving: Places | None = None,
    **options: Any,
) -> Point:
    import pandas as pd

    stock = prophet_stan._model(events, REFERENCE)
    rows = changepoint_rows(len(prepare(history).ds))
    if moving is not None:
        stock.specified_changepoints, stock.n_changepoints = True, len(moving)
        stock.changepoints = pd.Series(prepare(history).ds[rows[moving]].astype("datetime64[ns]"), name="ds")
    if start is not None:
        at, sigma = start
        options["init"] = at._asdict() | {"delta": at.delta[moving], "sigma_obs": sigma}
    stock.fit(frame(history), **options)
    found = {name: np.asarray(value).reshape(-1) for name, value in stock.params.items()}
    delta = np.zeros(len(rows))
    delta[slice(None) if moving is None else moving] = found["delta"]
    at = Parameters(float(found["k"][0]), float(found["m"][0]), delta, found["beta"])
    return at, float(found["sigma_obs"][0])


def frame(history: DailyHistory) -> Any:
    """Return the data frame the reference recipe gives to Prophet."""
    import pandas as pd

    prepared = prepare(history)
    ds = prepared.ds.astype("datetime64[ns]")
    return pd.DataFrame({"ds": ds, "y": prepared.y_log, "promo": prepared.promo})
