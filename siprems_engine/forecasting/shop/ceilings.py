"""What each product could plausibly sell in a period: no forecast exceeds it."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.bounds import CEILING_FACTOR
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.launches import pupils, teachers
from siprems_engine.forecasting.shop.panel import Flags, Indices, Panel

# Counting noise above the best period, in roots of it: half as much again is little where the best was 1.
NOISE = 3.0


def ceilings(panel: Panel) -> Floats:
    """Return units per period, (N,), from the best period that the panel knows; 0 where nothing sold.

    The few periods of a new product do not bound what it may become: it may sell as much as any established
    product of its category, or of the shop where its category has none.
    """
    panel = panel.recent()
    best = panel.sold.max(axis=1, initial=0.0)
    noisy = best + NOISE * np.sqrt(best) + 1.0
    own = np.where(best > 0, np.maximum(CEILING_FACTOR * best, noisy), 0.0)
    highest = _of_kin(own, teachers(panel), panel.categories)
    return np.where(pupils(panel), np.maximum(own, highest), own)


def _of_kin(own: Floats, established: Flags, category: Indices) -> Floats:
    """Return the highest ceiling (N,) of the established products of each one's category, or of all."""
    highest = np.full(len(own), own[established].max(initial=0.0))
    for code in np.unique(category[established & (category >= 0)]).tolist():
        same = category == code
        highest[same] = own[same & established].max()
    return highest
