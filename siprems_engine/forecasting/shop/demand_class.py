"""How often a product sells: figures of accuracy mean different things for milk and for spare parts."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.panel import Flags, Indices
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


def shares_with_sale(grid: Grid, last: int, products: Indices) -> Floats:
    """Return the share of the open periods of the half year up to `last` in which each product sold, (n,)."""
    recent = slice(max(0, last + 1 - RECENT[grid.step]), last + 1)
    units = grid.units[products, recent]
    known = grid.open[recent] & ~np.isnan(units)
    sold = (known & (np.nan_to_num(units) > 0)).sum(axis=1)
    return sold / np.maximum(known.sum(axis=1), 1)


def members(grid: Grid, last: int, products: Indices) -> dict[DemandClass, Indices]:
    """Part products (n,) into classes by what was known at the period `last`; every class is there."""
    share = shares_with_sale(grid, last, products)
    fast: Flags = share > 1.0 / SHORT_INTERVAL
    intermittent: Flags = share <= 1.0 / LONG_INTERVAL
    return {
        DemandClass.FAST: products[fast],
        DemandClass.SLOW: products[~fast & ~intermittent],
        DemandClass.INTERMITTENT: products[intermittent],
    }
