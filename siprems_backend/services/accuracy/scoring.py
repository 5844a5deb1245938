"""Figures of many products and of the shop's days, from what was forecast and what then sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.services.accuracy.past import PastForecasts, load_past
from siprems_backend.services.accuracy.sold import Sold, load_sold
from siprems_engine.forecasting.series import Days, Floats
from siprems_engine.forecasting.shop.scores import scales
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.watch import drift, scoring, tracking
from siprems_engine.forecasting.watch.drift import FEWEST
from siprems_engine.forecasting.watch.made import Newest, newest
from siprems_engine.forecasting.watch.scoring import WINDOW, Sums


@dataclass(frozen=True, eq=False)
class Watched:
    """N products over the T last periods that are over: what was forecast and what then sold."""

    sold: Sold
    days: Days
    actual: Floats
    past: PastForecasts
    newest: Newest

    @classmethod
    def load(cls, session: Session, product_ids: Sequence[int], days: int | None = None) -> Self | None:
        """Load the last days, or the usual ones, of products of a shop that has sold something.

        None while no period is over.
        """
        sold = load_sold(session, product_ids)
        known, step = sold.known, sold.grid.step
        if not known.shape[1]:
            return None
        window = slice(-(WINDOW[step] if days is None else step.periods(days)), None)
        dates, actual = sold.grid.days[: sold.last + 1][window], known[:, window]
        past = load_past(session, sold.product_ids, dates, step)
        return cls(sold, dates, actual, past, newest(past.made, len(actual), len(dates)))

    @property
    def errors(self) -> Floats:
        """What sold less what the newest forecast before said, (N, T), NaN where either is unknown."""
        return self.actual - self.newest.mean

    @property
    def standardised(self) -> Floats:
        """The same in multiples of the claimed spread."""
        low, high = self.newest.quantiles[:, :, 1], self.newest.quantiles[:, :, 3]
        return drift.standardised(self.actual, self.newest.mean, low, high)

    def engine(self, row: int) -> str:
        """Which engine made the newest forecast that counts of a product."""
        made = self.newest.row[row][~np.isnan(self.errors[row])]
        return self.past.engines[made[-1]]


def product_columns(watched: Watched) -> dict[str, list[Any]]:
    """Figures of the products of which anything counts, as columns of the table."""
    sums = scoring.of_products(watched.newest, watched.actual)
    rows = np.flatnonzero(sums.periods > 0).tolist()
    columns = _figures(watched, sums)
    return {
        "product_id": [watched.sold.product_ids[row] for row in rows],
        "since": [watched.days[0].astype(object)] * len(rows),
        "as_of": [watched.days[-1].astype(object)] * len(rows),
        "step_days": [watched.sold.grid.step.days] * len(rows),
        "engine": [watched.engine(row) for row in rows],
        "note": [note(int(sums.periods[row]), watched.sold.grid.step) for row in rows],
        **{name: [_value(values[row]) for row in rows] for name, values in columns.items()},
    }


def _figures(watched: Watched, sums: Sums) -> dict[str, Any]:
    grid, before = watched.sold.grid, watched.sold.last - len(watched.days)
    everything = np.arange(len(watched.actual))
    _, naive, seasonal = scales(grid, everything, max(before, 0))
    wape_ahead, bias_ahead = scoring.of_all_distances(watched.past.made, watched.actual)
    found = drift.detect(watched.standardised)
    since = [watched.days[place].astype(object) if place >= 0 else None for place in found.since]
    return {
        "periods": sums.periods.astype(np.int64),
        "units": sums.units,
        "error": sums.error,
        "absolute_error": sums.absolute,
        "wape": sums.wape,
        "bias": sums.bias,
        "mase": sums.scaled(seasonal),
        "pinball": sums.scaled_loss(naive),
        "coverage80": sums.coverage_80,
        "coverage95": sums.coverage_95,
        "wape_ahead": wape_ahead,
        "bias_ahead": bias_ahead,
        "tracking_signal": tracking.smoothed_signal(watched.errors)[:, -1],
        "cumulative_signal": tracking.cumulative_signal(watched.errors),
        "biased": found.biased,
        "drift": found.statistic,
        "drifted": found.drifted,
        "drift_since": since,
    }


def note(periods: int, step: Step) -> str | None:
    """What has to be said of figures of so few periods."""
    if periods >= FEWEST:
        return None
    return f"Only {step.counted(periods)} could be compared; bias and drift are judged from {FEWEST} on."


def _value(value: Any) -> Any:
    """A figure as the database takes it, None where it cannot be told."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and not np.isfinite(plain) else plain


def shop_rows(days: Days, step: Step, total: Sums) -> list[dict[str, Any]]:
    """Figures of the shop's days on which anything counts, as rows of the table."""
    return [
        {
            "date": days[place].astype(object),
            "step_days": step.days,
            "products": int(total.periods[place]),
            "units": float(total.units[place]),
            "wape": _value(total.wape[place]),
            "bias": _value(total.bias[place]),
            "coverage80": _value(total.coverage_80[place]),
            "coverage95": _value(total.coverage_95[place]),
        }
        for place in np.flatnonzero(total.periods > 0)
    ]
