"""A stored forecast seen from a later day, and beyond its end.

Beyond the last stored period the product's own seasonal model goes on, on the level at which the stored
forecast ends. Without such a model, or where the two do not agree at all, the mean week of the last four is
repeated. The bounds keep their distance in parts of the mean and widen with the root of time, as those of a
level that wanders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.step import Step

# Periods of the end from which it goes on: four whole weeks.
END = {Step.DAY: 28, Step.WEEK: 4}
WEEK = {Step.DAY: 7, Step.WEEK: 1}
# The stored forecast in multiples of the model's: beyond these one of the two is mistaken.
SANE = (1 / 3, 3.0)


@dataclass(frozen=True, eq=False)
class Stored:
    """A forecast of H periods: `mean` (H,), `quantiles` (H, 7), `totals` (H, 7) of the first 1..H periods.

    Nothing beyond its end exceeds the `ceiling` in units per period.
    """

    mean: Floats
    quantiles: Floats
    totals: Floats
    step: Step
    ceiling: float

    def continued(self, periods: int, path: Floats | None = None) -> tuple[Stored, bool]:
        """Go on for so many periods, and tell whether by the `path`.

        That is a model's forecast (H + periods,) of the stored periods and of those that follow.
        """
        length = min(END[self.step], len(self.mean))
        pattern = self._of_path(periods, path)
        by_path = pattern is not None
        mean = np.minimum(self._of_weeks(periods, length) if pattern is None else pattern, self.ceiling)
        end = self.mean[-length:].mean()
        apart = (self.quantiles[-length:] - self.mean[-length:, None]).mean(axis=0)
        size = mean / end if end > 0 else np.zeros(periods)
        width = np.sqrt(1.0 + np.arange(1, periods + 1) / len(self.mean))
        quantiles = np.clip(mean[:, None] + apart * (size * width)[:, None], 0.0, self.ceiling)
        longer = Stored(
            np.concatenate([self.mean, mean]),
            np.concatenate([self.quantiles, quantiles]),
            self.totals,
            self.step,
            self.ceiling,
        )
        return longer, by_path

    def _of_path(self, periods: int, path: Floats | None) -> Floats | None:
        """Return the end of a path on the level of this forecast; None if they do not agree at all."""
        if path is None:
            return None
        stored = len(self.mean)
        # On days off nothing is sold, and the path need not know of these.
        is_open = np.resize(self._open_weekdays(), stored + periods)
        path = np.where(is_open, path, 0.0)
        whole = float(path[:stored].sum())
        ratio = float(self.mean.sum()) / whole if whole > 0 else 0.0
        return path[stored:] * ratio if SANE[0] <= ratio <= SANE[1] else None

    def _open_weekdays(self) -> Floats:
        """Tell from the first week, (7,) or (1,), which of its places are no day off."""
        week = WEEK[self.step]
        if len(self.mean) < week:
            return np.ones(week, dtype=bool)
        places = np.arange(len(self.mean)) % week
        sold = np.bincount(places, self.quantiles[:, -1] + self.mean, week)
        return np.asarray(sold > 0)

    def _of_weeks(self, periods: int, length: int) -> Floats:
        """Return the mean week of the last ones, again and again."""
        week = WEEK[self.step]
        whole = length // week * week
        if not whole:
            return np.full(periods, self.mean.mean())
        return np.resize(self.mean[-whole:].reshape(-1, week).mean(axis=0), periods)

    def total(self, start: int, stop: int) -> Floats:
        """Return the quantiles (7,) of the sum from period `start` to before `stop`, which may lie beyond H.

        They are stored for sums from the first period on; others take the distance to the mean from as many
        periods there, in parts of it, and widen beyond the end as the bounds do.
        """
        stored = len(self.totals)
        expected = float(self.mean[start:stop].sum())
        periods = min(stop - start, stored)
        same = float(self.mean[:periods].sum())
        apart = self.totals[periods - 1] - same
        size = expected / same if same > 0 else 1.0
        width = np.sqrt(max(1.0, (stop - start) / stored))
        most = self.ceiling * (stop - start)
        return np.asarray(np.clip(expected + apart * size * width, 0.0, most))
