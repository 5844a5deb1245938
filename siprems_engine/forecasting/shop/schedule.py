"""From where in the past forecasts are made, to learn from what then sold."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.step import Step

STRIDE = {Step.DAY: 7, Step.WEEK: 2}
# The engines are compared on this many origins; where few products sell, older ones add errors to learn from.
COMPARED = 8
MOST_JUDGED = 30
ERRORS_WANTED = 5000
EARLIEST = {Step.DAY: 21, Step.WEEK: 11}
# The regression learns from older origins as well, but from none with less than this behind it.
LEARNED = 40
EARLIEST_LEARNED = {Step.DAY: 42, Step.WEEK: 16}
# A product is judged from this many known periods on.
ENOUGH = 8.0


class Schedule:
    """Origins, latest first; a horizon after each has passed, so that they hold nothing of the future."""

    def __init__(self, panel: Panel) -> None:
        count = int(np.ceil(ERRORS_WANTED / (max(panel.products, 1) * panel.horizon)))
        judged = int(np.clip(count, COMPARED, MOST_JUDGED))
        self.judged = _origins(panel, judged, EARLIEST[panel.step])
        self.compared = self.judged[:COMPARED]
        self.learned = _origins(panel, LEARNED, EARLIEST_LEARNED[panel.step])
        self.all = sorted({*self.judged, *self.learned, panel.last}) if panel.past else []


def _origins(panel: Panel, count: int, earliest: int) -> list[int]:
    latest = panel.last - panel.horizon
    origins = [latest - k * STRIDE[panel.step] for k in range(count)]
    return [origin for origin in origins if origin >= earliest]
