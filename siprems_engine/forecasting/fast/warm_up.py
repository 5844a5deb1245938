"""Compile the kernels, or load them from the disk, before the first product waits for them."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.fast.engine import fit
from siprems_engine.forecasting.series import DailyHistory, Event


def warm_up() -> None:
    """Fit a small product that goes through every kernel: 20 to 40 seconds once, half a second later."""
    days = np.arange(np.datetime64("2024-01-01"), np.datetime64("2025-03-01"))
    place = np.arange(len(days))
    sold = np.round(20 + 5 * np.sin(place / 9.0) + 3 * (place % 7 == 5) + place % 5)
    history = DailyHistory.from_rows(days, sold, place % 11 == 0)
    fit(history, [Event("Festival", days[100].item()), Event("Festival", days[465 - 60].item())])
