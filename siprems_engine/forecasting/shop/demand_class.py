"""How often a product sells: figures of accuracy mean different things for milk and for spare parts."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Indices
from siprems_engine.forecasting.step import Step

# Half a year: what a product was before says little about what it is.
RECENT = {Step.DAY: 182, Step.WEEK: 26}
# A mean of 1.32 periods from sale to sale parts smooth from intermittent demand (Syntetos, Boylan and
# Croston, "On the categorization of demand patterns", 2005); beyond four, three quarters of them are empty.
SHORT_INTERVAL, LONG_INTERVAL = 1.32, 4.0


class DemandClass(StrEnum):
    """Classes by the mean number of open periods from one sale to the next."""

    FAST = "fast"
    SLOW = "slow"
    INTERMITTENT = "intermittent"


def shares_with_sale(units: Floats) -> Floats:
    """Return the share of the known ones of periods (N, T; NaN: not known) with a sale, (N,), or NaN."""
    known = (~np.isnan(units)).sum(axis=1)
    return np.where(known > 0, (units > 0).sum(axis=1) / np.maximum(known, 1), np.nan)


def classify(units: Floats, step: Step) -> list[DemandClass | None]:
    """Name each product's class by its latest units (N, T; NaN: not known); None where nothing is known."""
    share = shares_with_sale(units[:, -RECENT[step] :])
    return [None if np.isnan(each) else _class_of(each) for each in share.tolist()]


def _class_of(share: float) -> DemandClass:
    if share > 1.0 / SHORT_INTERVAL:
        return DemandClass.FAST
    return DemandClass.SLOW if share > 1.0 / LONG_INTERVAL else DemandClass.INTERMITTENT


def members(grid: Grid, last: int, products: Indices) -> dict[DemandClass, Indices]:
    """Part products (n,) into classes by what was known at the period `last`; every class is there.

    Nothing known is seldom sold.
    """
    found = classify(grid.known_units(last, products), grid.step)
    classes = np.array([each or DemandClass.INTERMITTENT for each in found], dtype=object)
    return {each: products[classes == each] for each in DemandClass}
