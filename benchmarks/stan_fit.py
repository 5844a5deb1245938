"""What stock Prophet finds for a series, by each of the two methods it has.

Prophet asks Stan for L-BFGS, and for Newton's method where there are few rows or the first one fails. L-BFGS
is made for smooth functions: at a kink of the prior on slope changes, where one of them is 0, its line search
finds nothing better and it stops, whatever its tolerances say. Newton's method comes through, at a hundred
times the cost. Neither knows anything of ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from siprems_engine.forecasting import REFERENCE, DailyHistory, Event, prepare, prophet_stan
from siprems_engine.forecasting.fast.posterior import Parameters

Point = tuple[Parameters, float]


def by_default(history: DailyHistory, events: list[Event]) -> Point:
    """Return the parameters and the noise stock Prophet's fit ends with."""
    return _fit(history, events)


def by_newton(history: DailyHistory, events: list[Event]) -> Point:
    """Return the same of `Prophet.fit(..., algorithm="Newton")`."""
    return _fit(history, events, algorithm="Newton")


def _fit(history: DailyHistory, events: list[Event], **options: Any) -> Point:
    stock = prophet_stan._model(events, REFERENCE)
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
