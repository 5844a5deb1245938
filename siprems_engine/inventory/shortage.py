"""How likely stock does not last until a day, and what is then missing."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.demand import from_quantiles
from siprems_engine.inventory.incoming import Incoming


def shortage(ahead: DemandAhead, on_hand: Floats, incoming: Incoming, until: Floats) -> tuple[Floats, Floats]:
    """Return the probability that stock `on_hand` does not last `until` days ahead, and the units missing.

    All are (N,); units are those that are wanted and not there on average. Demand is held against what is
    there just before each delivery and at the end, where it is largest, and the worst of these moments
    counts. That any of them is short is likelier where several are close: with one delivery, as most have, by
    some points.
    """
    days, units = incoming.by_product(len(on_hand))
    now, there = np.zeros(len(on_hand)), on_hand.copy()
    probability, missing = now.copy(), now.copy()
    for number in range(days.shape[1] + 1):
        last = number == days.shape[1]
        end = until if last else np.minimum(days[:, number], until)
        demand = from_quantiles(*ahead.total(now, end))
        # Nothing is wanted before a moment that is now.
        probability = np.where(end > 0, np.maximum(probability, 1.0 - demand.probability(there)), probability)
        missing = np.maximum(missing, demand.missing(there))
        if not last:
            there = there + np.where(days[:, number] < until, units[:, number], 0.0)
    return np.clip(probability, 0.0, 1.0), missing
