"""What clients are told of the accuracy of forecasts that were really made."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from siprems_backend.extensions.database import database
from siprems_backend.models import accuracy_queries, history_queries
from siprems_backend.models.accuracy import ProductAccuracy
from siprems_backend.models.accuracy_queries import Listed
from siprems_backend.models.products import CLASSES
from siprems_backend.services.accuracy.scoring import Watched
from siprems_backend.services.histories import require_product
from siprems_engine.forecasting.step import Step
from siprems_engine.forecasting.watch import tracking

GROUPS = tuple(accuracy_queries.GROUPS)
LISTS = tuple(accuracy_queries.ORDERS)
NOTHING_YET = (
    "No forecast of this product was made before a day that is over by now and on which the shop was open. "
    "Figures come with the watch of the night after such a day."
)
NOT_WATCHED_YET = "The nightly watch has not looked at this product yet; the time line shows what it will."

SHOP_NOT_WATCHED_YET = (
    "No forecast could be held against sales yet. Figures come with the watch of the night after the first "
    "day that was forecast before it began."
)
NOBODY_THERE = "No product with figures is of this category and these classes."


def product(sku: str, days: int) -> dict[str, Any]:
    """A product's figures of the last watch, and its forecasts of the last days beside what sold.

    Raises:
        NotFound: no such product.
    """
    with database.reading() as session:
        found = require_product(session, sku)
        figures = accuracy_queries.of_product(session, found.id)
        sells = history_queries.open_days(session) is not None
        watched = Watched.load(session, [found.id], days) if sells else None
    timeline = [] if watched is None else _timeline(watched)
    return {
        "product_sku": sku,
        "step": (Step.DAY if watched is None else watched.sold.grid.step).value,
        "engine": None if figures is None else figures.engine,
        **{name: getattr(found, name) for name in CLASSES},
        "figures": figures,
        "drift": None if figures is None else drift_of(figures),
        "note": _note(figures, timeline),
        "timeline": timeline,
    }


def _note(figures: ProductAccuracy | None, timeline: list[dict[str, Any]]) -> str | None:
    if figures is not None:
        return figures.note
    counted = any(point["counts"] for point in timeline)
    return NOT_WATCHED_YET if counted else NOTHING_YET


def drift_of(figures: ProductAccuracy) -> dict[str, Any]:
    """Whether the product left its forecast, where to and since when."""
    direction = None
    if figures.drifted and figures.drift is not None:
        direction = "above" if figures.drift > 0 else "below"
    return {
        "drifted": figures.drifted,
        "since": figures.drift_since,
        "statistic": figures.drift,
        "sales_are": direction,
    }


def _timeline(watched: Watched) -> list[dict[str, Any]]:
    """The periods of one product that were forecast, by date."""
    found, actual = watched.newest, watched.actual[0]
    signal = tracking.smoothed_signal(watched.errors)[0]
    forecast = np.flatnonzero(~np.isnan(found.mean[0]))
    return [
        {
            "date": watched.days[place].astype(object),
            "actual": _number(actual[place]),
            "counts": bool(~np.isnan(actual[place])),
            "forecast": _number(found.mean[0, place]),
            "ahead": int(found.ahead[0, place]),
            **_bounds(found.quantiles[0, place]),
            "tracking_signal": _number(signal[place]),
            "engine": watched.past.engines[found.row[0, place]],
        }
        for place in forecast
    ]


def _bounds(quantiles: np.ndarray) -> dict[str, float | None]:
    names = ("lower_95", "lower_80", "median", "upper_80", "upper_95")
    return {name: _number(value) for name, value in zip(names, quantiles, strict=True)}


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def overview(days: int, limit: int, **filters: str) -> dict[str, Any]:
    """The shop's figures, its time line, its groups of products, and those to look at.

    Filters (`category`, `demand_class`, `abc`, `xyz`) hold for everything but the time line, which is the
    whole shop's.
    """
    with database.reading() as session:
        newest = accuracy_queries.newest_day(session)
        [total] = accuracy_queries.totals(session, filters)
        since = dt.date.min if newest is None else newest - dt.timedelta(days=days - 1)
        timeline = accuracy_queries.shop_days(session, since)
        groups = {f"by_{name}": accuracy_queries.totals(session, filters, name) for name in GROUPS}
        found = {name: accuracy_queries.listed(session, name, filters, limit) for name in LISTS}
    lists = {name: [_listed(each) for each in some] for name, some in found.items()}
    step = Step.of_days(timeline[-1].step_days) if timeline else Step.DAY
    return {
        "as_of": newest,
        "step": step.value,
        "note": _note_of_group(newest, total.products),
        "shop": total,
        "timeline": timeline,
        **groups,
        **lists,
    }


def _note_of_group(newest: dt.date | None, products: int) -> str | None:
    if newest is None:
        return SHOP_NOT_WATCHED_YET
    return None if products else NOBODY_THERE


def _listed(listed: Listed) -> dict[str, Any]:
    return {**listed._asdict(), "drift": drift_of(listed.figures)}
