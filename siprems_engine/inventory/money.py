"""What orders cost and earn until the delivery after them."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.terms import Terms


def cost_of_left(terms: Terms) -> Floats:
    """Return what a unit left at the next delivery cost (N,): its time in stock, or what expired is worth."""
    spoiled = terms.shelf_life <= terms.review
    lost = np.where(spoiled, np.maximum(terms.unit_cost - np.nan_to_num(terms.salvage), 0.0), 0.0)
    return terms.holding * terms.window + lost


def expected_cost(terms: Terms, order: Floats, short: Floats, left: Floats) -> Floats:
    """Return what an order (N,) costs until the delivery after it, without its price; NaN without prices.

    The order itself, what is left on average, and the margin of what could not be sold.
    """
    ordering = np.where(order > 0, terms.ordering, 0.0)
    return ordering + cost_of_left(terms) * left + np.maximum(terms.margin(), 0.0) * short


def expected_gain(terms: Terms, more_sold: Floats, units: Floats) -> Floats:
    """Return what buying `units` (N,) more earns on average, of which `more_sold` (N,) are sold in time.

    The margin of those, minus what else is left; the order line itself is not counted. NaN without prices.
    """
    return terms.margin() * more_sold - cost_of_left(terms) * (units - more_sold)
