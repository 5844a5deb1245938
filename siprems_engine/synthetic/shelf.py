"""What is on the shelf: deliveries, sales, and the customers who find it empty."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siprems_engine.synthetic.product import ProductTruth

Floats = NDArray[np.float64]

LEAD_TIME_DAYS = 2
# Ordered up to this many days of demand: enough that only a missed delivery empties the shelf for long.
COVER_DAYS = 9
MEMORY_DAYS = 14


@dataclass(frozen=True)
class ShelfHistory:
    """Per day (n,): units sold, and units left at the end of the day."""

    sold: Floats
    left: Floats


def run_shelf(product: ProductTruth, demand: Floats, expected: Floats) -> ShelfHistory:
    """Replay a shop that orders every day up to nine days of what it expects to sell.

    While a delivery fails (`supply_gap`), nothing arrives; what is asked for beyond the stock is lost.
    """
    count = len(demand)
    wanted = _order_up_to(expected)
    sold, left = np.zeros(count), np.zeros(count)
    arriving = deque([0.0] * LEAD_TIME_DAYS)
    stock = float(wanted[0])
    failing = _failing_days(product, count)
    for day in range(count):
        delivery = arriving.popleft()
        stock += 0.0 if failing[day] else delivery
        sold[day] = min(demand[day], stock)
        stock -= sold[day]
        left[day] = stock
        arriving.append(max(0.0, wanted[day] - stock - sum(arriving)))
    return ShelfHistory(np.round(sold, 3), np.round(left, 3))


def _order_up_to(expected: Floats) -> Floats:
    """Stock wanted on each day (n,): the cover times the mean expected demand ahead, in whole units."""
    ahead = np.concatenate([expected, np.repeat(expected[-1:], MEMORY_DAYS)])
    sums = np.concatenate([[0.0], np.cumsum(ahead)])
    mean = (sums[MEMORY_DAYS:-1] - sums[: -MEMORY_DAYS - 1]) / MEMORY_DAYS
    return np.ceil(COVER_DAYS * mean[: len(expected)])


def _failing_days(product: ProductTruth, count: int) -> NDArray[np.bool_]:
    failing = np.zeros(count, dtype=np.bool_)
    if product.supply_gap is not None:
        days_ago, length = product.supply_gap
        # The stock lasts a while before the missing delivery shows.
        first = max(0, count - days_ago - COVER_DAYS)
        failing[first : max(0, count - days_ago + length)] = True
    return failing
