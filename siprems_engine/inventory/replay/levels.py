"""What the plan aims at in a replay."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags
from siprems_engine.inventory.classification import value_classes
from siprems_engine.inventory.replay.course import Course
from siprems_engine.inventory.replay.forecasts import averages
from siprems_engine.inventory.shared_levels import FEWEST_PRODUCTS, shared_out


def levels_of_plan(course: Course, own: Flags | None = None) -> Floats:
    """Return service levels (n,): the shop's, shared out by what was known before the first review.

    Of products flagged in `own` (n,) the level is said itself, and stays. Value is money where all prices are
    known, units elsewhere.
    """
    level, price = course.terms.service_level, course.terms.price
    if len(level) < FEWEST_PRODUCTS:
        return level
    sold, _ = averages(course.grid, course.products, course.first)
    shared = shared_out(level, value_classes(sold * price if np.isfinite(price).all() else sold))
    return shared if own is None else np.where(own, level, shared)
