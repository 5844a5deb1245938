"""Prophet, product by product, in the place of an engine of this package."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from siprems_engine.forecasting import window_average
from siprems_engine.forecasting.bounds import plausible_ceiling
from siprems_engine.forecasting.errors import NotEnoughData
from siprems_engine.forecasting.forecast import WINDOW_AVERAGE, ServingMeta, forecast
from siprems_engine.forecasting.series import DailyHistory, Days, Event, Floats
from siprems_engine.forecasting.shop.folds import Forecaster, Made
from siprems_engine.forecasting.shop.forecast import unheard
from siprems_engine.forecasting.shop.panel import Flags, Panel
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.forecasting.train import train

NAMES = ("prophet", "prophet-stan")


def by_prophet(engine: str, events: Sequence[Event], on_step: Callable[[], None] = unheard) -> Forecaster:
    """Return what trains and serves each product as the reference recipe does, always bounded.

    It learns from days with a sale alone. Totals are taken from the bounds of the single days as if these
    were independent, which the recipe's own intervals assume of their noise.
    """

    def forecaster(panel: Panel, open_ahead: Flags) -> Made:
        known = np.flatnonzero(panel.known.any(axis=0))
        open_days = panel.days[known]
        rows = []
        for k in range(panel.products):
            on_step()
            rows.append(_one(panel, k, engine, events, open_days))
        shape = panel.products, panel.horizon
        mean = np.array([row[0] for row in rows]).reshape(shape)
        spread = np.array([row[1] for row in rows]).reshape(*shape, len(LEVELS))
        return Made(mean, spread, _totals(mean, spread, open_ahead))

    return forecaster


def _one(
    panel: Panel, product: int, engine: str, events: Sequence[Event], open_days: Days
) -> tuple[Floats, Floats]:
    """Return mean (H,) and quantiles (H, 7) of one product."""
    sold = np.flatnonzero(panel.sold[product] > 0)
    if not len(sold):
        return np.zeros(panel.horizon), np.zeros((panel.horizon, len(LEVELS)))
    flags = panel.promo[product].astype(np.float64)
    history = DailyHistory(panel.days[sold], panel.sold[product, sold], flags[sold], panel.step)
    ahead = panel.days[panel.past :]
    try:
        trained = train(history, events, open_days, engine)
    except NotEnoughData:
        until = open_days[-1] if len(open_days) else None
        average = window_average.fit(history, open_days, until)
        ceiling = plausible_ceiling(history)
        meta = ServingMeta(ceiling=ceiling, engine=WINDOW_AVERAGE, fallback=average, step=panel.step)
        made = forecast(None, meta, ahead)
    else:
        made = forecast(trained.model, ServingMeta.from_dict(trained.meta), ahead, flags[panel.past :])
    return made.yhat, made.quantiles(LEVELS).T


def _totals(mean: Floats, spread: Floats, open_ahead: Flags) -> Floats:
    """Add up means and the squares of what each quantile lies off them."""
    total = mean[:, open_ahead].sum(axis=1)[:, None]
    off = spread[:, open_ahead] - mean[:, open_ahead, None]
    apart = np.sign(off.sum(axis=1)) * np.sqrt((off * off).sum(axis=1))
    return np.maximum.accumulate(np.maximum(total + apart, 0.0), axis=1)
