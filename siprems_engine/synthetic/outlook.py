"""What is true of the weeks after the history, and the plan of promotions that a shop would know of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siprems_engine.synthetic.demand import Days, Flags, Floats
from siprems_engine.synthetic.product import ProductTruth

PLANNED_AHEAD_DAYS = 84
PROMOTION_NAME = "Weekly offer"


@dataclass(frozen=True, eq=False)
class Outlook:
    """The truth of the days after the history. Matrices are (products, days).

    Attributes:
        days: the days of the columns, from the day after the history on.
        promo: promotion days, which the shop has planned already.
        expected: mean demand if the shelf will always be full; 0 on days on which the shop will be shut.
    """

    days: Days
    promo: Flags
    expected: Floats


def promotion_columns(
    products: Sequence[ProductTruth], days: Days, promo: Flags
) -> Mapping[str, NDArray[Any]]:
    """A row for every promotion, from its first to its last day, of flags (products, days)."""
    edges = np.diff(promo.astype(np.int8), axis=1, prepend=0, append=0)
    # Both in the order of the products and then of the days, so that each start stands beside its end.
    row, first = np.nonzero(edges > 0)
    _, after = np.nonzero(edges < 0)
    return {
        "sku": np.array([product.sku for product in products])[row],
        "date_from": days[first],
        "date_to": days[after - 1],
        "name": np.full(len(row), PROMOTION_NAME),
    }
