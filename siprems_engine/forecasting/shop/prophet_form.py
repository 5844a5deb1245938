"""What a product's past can bear of Prophet: the terms of a fit, and the calendar they are taken from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.panel import Flags, Panel
from siprems_engine.forecasting.step import Step

DAYS_A_YEAR = 365.25
WEEKLY_ORDER = 3
# A yearly pattern seen once is indistinguishable from the trend; one seen nearly twice can be told from it.
LONGEST_YEARLY_ORDER = 6
YEARLY_ORDERS = ((1.8, LONGEST_YEARLY_ORDER), (1.2, 3))
ROWS_PER_CHANGEPOINT, MOST_CHANGEPOINTS, CHANGEPOINT_RANGE = 20, 10, 0.8
# A slope from less than half a year would mostly continue what noise or a season did.
YEARS_OF_GROWTH, FLAT = 0.5, 0.1
# Periods before and after an event that have an effect of their own.
EVENT_SHIFTS = {Step.DAY: (-1, 0, 1), Step.WEEK: (0,)}
# Deviations of the priors on the scale of the largest root; small, as one product's waves are mostly noise.
WAVE_SCALE, EFFECT_SCALE = 0.02, 0.2


@dataclass(frozen=True)
class Form:
    """Which of the calendar's columns a fit has, its changepoints, and how free its slope is."""

    columns: int
    changepoints: int
    growth: float


class Calendar:
    """Waves and events on all periods of a panel: `table` (K, T+H), the yearly waves last."""

    def __init__(self, panel: Panel) -> None:
        day = panel.days.astype(np.int64).astype(np.float64)
        week = _waves(day, 7.0, WEEKLY_ORDER) if panel.step is Step.DAY else []
        events = [_shifted(panel.events, shift) for shift in EVENT_SHIFTS[panel.step]]
        year = _waves(day, DAYS_A_YEAR, LONGEST_YEARLY_ORDER)
        self.table: Floats = np.array([*week, *events, *year])
        self.scale: Floats = np.repeat(
            [WAVE_SCALE, EFFECT_SCALE, WAVE_SCALE], [len(week), len(events), len(year)]
        )
        self._always = len(week) + len(events)
        self._years = panel.step.days / DAYS_A_YEAR

    def form(self, rows: int, span: int) -> Form:
        """Choose the form for so many known periods over a span of periods."""
        years = span * self._years
        order = next((order for least, order in YEARLY_ORDERS if years >= least), 0)
        return Form(
            columns=self._always + 2 * order,
            changepoints=int(np.clip(rows // ROWS_PER_CHANGEPOINT, 1, MOST_CHANGEPOINTS)),
            growth=1.0 if years >= YEARS_OF_GROWTH else FLAT,
        )


def _waves(day: Floats, period: float, order: int) -> list[Floats]:
    angles = [2.0 * np.pi * day * (i + 1) / period for i in range(order)]
    return [wave(angle) for angle in angles for wave in (np.sin, np.cos)]


def _shifted(flags: Flags, shift: int) -> Floats:
    """Return 1 where there is an event so many periods before, 0 elsewhere."""
    moved = np.zeros(len(flags))
    if shift > 0:
        moved[shift:] = flags[:-shift]
    elif shift < 0:
        moved[:shift] = flags[-shift:]
    else:
        moved[:] = flags
    return moved
