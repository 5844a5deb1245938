"""From where in the past forecasts are made, to learn from what then sold."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.shop.last_year import YEAR
from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.step import Step

STRIDE = {Step.DAY: 7, Step.WEEK: 2}
# The engines are compared on this many of the latest origins; where few products sell, older ones add errors
# to learn from.
COMPARED = 8
MOST_JUDGED = 30
ERRORS_WANTED = 5000
EARLIEST = {Step.DAY: 21, Step.WEEK: 11}
# They are also compared on origins around today's date a year ago, which tell what the season does to them.
SEASON = (2, 1, 0, -1, -2, -3)
SEASON_WEIGHT = 0.35
# Origins after which an older one counts half.
HALF_LIFE = 8.0
# Fits to origins learn from so many: a little over a year of days, so that they have seen all seasons.
LEARNED = 56
EARLIEST_LEARNED = {Step.DAY: 42, Step.WEEK: 16}
# A product is judged from this many known periods on.
ENOUGH = 8.0


class Schedule:
    """Origins, each with a horizon behind it that has passed, so that they hold nothing of the future.

    `compared` are those on which engines are compared, with their `weights`; `judged` are these and older
    ones; `blocks` are parts of `judged` for which one fit each is made, that knows none of the block.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        wanted = int(np.ceil(ERRORS_WANTED / (max(panel.products, 1) * panel.horizon)))
        recent = self._before(panel.last, int(np.clip(wanted, COMPARED, MOST_JUDGED)), EARLIEST)
        latest, older = recent[:COMPARED], recent[COMPARED:]
        season = [origin for origin in self._season() if origin not in latest]
        older = [origin for origin in older if origin not in season]
        self.compared = [*latest, *season]
        self.weights = [0.5 ** (age / HALF_LIFE) for age in range(len(latest))]
        self.weights += [SEASON_WEIGHT] * len(season)
        self.judged = [*self.compared, *older]
        self.blocks = [block for block in (latest, season, older) if block]
        learned = {origin for until in self._fitted() for origin in self.learned(until)}
        self.all = sorted({*self.judged, *learned, panel.last}) if panel.past else []

    def learned(self, until: int) -> list[int]:
        """Return the origins to learn from where nothing after the period `until` may be known."""
        return self._before(until, LEARNED, EARLIEST_LEARNED)

    def _fitted(self) -> list[int]:
        return [self._panel.last, *(min(block) for block in self.blocks)]

    def _season(self) -> list[int]:
        step = self._panel.step
        same = self._panel.last - YEAR[step]
        origins = [same + k * STRIDE[step] for k in SEASON]
        latest = self._panel.last - self._panel.horizon
        return [origin for origin in origins if EARLIEST[step] <= origin <= latest]

    def _before(self, until: int, count: int, earliest: dict[Step, int]) -> list[int]:
        """Return up to `count` origins, latest first, whose horizon had passed at `until`."""
        step = self._panel.step
        origins = [until - self._panel.horizon - k * STRIDE[step] for k in range(count)]
        return [origin for origin in origins if origin >= earliest[step]]
