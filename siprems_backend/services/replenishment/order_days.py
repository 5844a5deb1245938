"""The weekdays on which a supplier takes orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Chances(NamedTuple):
    """Days until the next chance to order, and from that one to the one after."""

    wait: int
    review: int


def chances(day: dt.date, order_days: Sequence[int] | None, review_days: int) -> Chances:
    """When something can be ordered on or after `day`: on the supplier's weekdays, or today and every review.

    A supplier that takes orders twice a week is reviewed twice a week, whatever else is said.
    """
    if not order_days:
        return Chances(0, review_days)
    ahead = sorted((weekday - day.weekday()) % 7 for weekday in set(order_days))
    following = ahead[1] if len(ahead) > 1 else ahead[0] + 7
    return Chances(ahead[0], following - ahead[0])
