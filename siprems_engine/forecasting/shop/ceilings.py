"""What each product could plausibly sell in a period: no forecast exceeds it."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.bounds import CEILING_FACTOR
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Panel

# Counting noise above the best period, in roots of it: half as much again is little where the best was 1.
NOISE = 3.0


def ceilings(panel: Panel) -> Floats:
    """Return units per period, (N,), from the best period that the panel knows; 0 where nothing sold."""
    best = panel.recent().sold.max(axis=1, initial=0.0)
    noisy = best + NOISE * np.sqrt(best) + 1.0
    return np.where(best > 0, np.maximum(CEILING_FACTOR * best, noisy), 0.0)
