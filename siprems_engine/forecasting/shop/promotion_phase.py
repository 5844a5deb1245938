"""Where in a promotion, or between two, each period lies: its first days sell differently from its last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.shop.panel import Flags, Indices
from siprems_engine.forecasting.step import Step

# First period of each class of the run of promotion periods, and of the gap between two, but for the first.
RUN = {Step.DAY: (2, 3, 4, 6, 8, 11, 15), Step.WEEK: (2, 3, 4, 6)}
GAP = {Step.DAY: (2, 3, 5, 8, 15), Step.WEEK: (2, 3, 5)}
FAR = 999


@dataclass(frozen=True, eq=False)
class Phase:
    """A class for every period, (N, T+H), out of `classes`."""

    table: Indices
    classes: int


def since(promo: Flags, step: Step) -> Phase:
    """Return the phases counted from behind: how long a promotion is on, or over."""
    return _classes(promo, step)


def until(promo: Flags, step: Step) -> Phase:
    """Return the phases counted from ahead: how long a promotion lasts, or until the next one begins.

    Nothing is known beyond the last period.
    """
    ahead = _classes(promo[:, ::-1], step)
    return Phase(ahead.table[:, ::-1], ahead.classes)


def _classes(promo: Flags, step: Step) -> Phase:
    run, gap = _lengths(promo)
    inside = np.searchsorted(RUN[step], run, side="right")
    between = np.searchsorted(GAP[step], gap, side="right") + len(RUN[step]) + 1
    return Phase(np.where(promo, inside, between), len(RUN[step]) + len(GAP[step]) + 2)


def _lengths(promo: Flags) -> tuple[Indices, Indices]:
    """Return how many periods a promotion has been on, and off, at each period; `FAR` before the first."""
    run, gap = np.zeros(promo.shape, dtype=np.int64), np.zeros(promo.shape, dtype=np.int64)
    on, off = np.zeros(len(promo), dtype=np.int64), np.full(len(promo), FAR)
    for t in range(promo.shape[1]):
        on = np.where(promo[:, t], on + 1, 0)
        off = np.where(promo[:, t], 0, np.minimum(off + 1, FAR))
        run[:, t], gap[:, t] = on, off
    return run, gap
