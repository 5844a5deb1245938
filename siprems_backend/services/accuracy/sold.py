"""What many products sold, period by period, as far as it tells of their demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from siprems_backend.services.demand import load_demand
from siprems_backend.utils import clock
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.grid import Grid


@dataclass(frozen=True, eq=False)
class Sold:
    """Products in the order of the grid's rows; `last` is the place of the last period that is over."""

    product_ids: Sequence[int]
    grid: Grid
    last: int

    @property
    def known(self) -> Floats:
        """Units up to `last`, (N, T); NaN before a product's first row, on closed days, out of stock."""
        return self.grid.known_units(self.last)


def load_sold(session: Session, product_ids: Sequence[int]) -> Sold:
    """Load what these products sold; raises `Invalid` if the shop has not sold anything.

    The present day is not over: what it has sold so far is no demand of a day.
    """
    demand = load_demand(session, product_ids, 0)
    over = int(np.searchsorted(demand.grid.days, np.datetime64(clock.today(), "D"))) - 1
    return Sold(demand.product_ids, demand.grid, over)
