"""The reference recipe: the constants and the preparation every stored Prophet model was trained with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from siprems_engine.forecasting.errors import NotEnoughData
from siprems_engine.forecasting.series import DailyHistory, Days, Floats
from siprems_engine.forecasting.step import Step


@dataclass(frozen=True)
class Recipe:
    """Everything that shapes a fit; a change of any value changes the data hash and so causes retraining."""

    version: str = "reference-1"
    seasonality_mode: str = "multiplicative"
    changepoint_prior_scale: float = 0.05
    holidays_prior_scale: float = 10.0
    interval_width: float = 0.95
    monthly_period: float = 30.5
    monthly_order: int = 15
    event_lower_window: int = -2
    event_upper_window: int = 1
    outlier_deviations: float = 3.5
    min_rows: int = 5
    correction_range: tuple[float, float] = (0.85, 1.15)
    # Not part of the text the data hash is made from, as the version tells it: models trained before weekly
    # data was known keep their hashes.
    step: Step = field(default=Step.DAY, repr=False)


REFERENCE = Recipe()
# What of the reference recipe one value a week can show: no pattern within the week; of the monthly one the
# waves of more than two weeks, as shorter ones look like longer ones (Nyquist); an event has its own week.
REFERENCE_WEEKLY = replace(
    REFERENCE,
    version="reference-week-1",
    monthly_order=int(REFERENCE.monthly_period // (2 * Step.WEEK.days)),
    event_lower_window=0,
    event_upper_window=0,
    step=Step.WEEK,
)


def recipe_for(step: Step) -> Recipe:
    """Return the recipe for histories of a step."""
    return REFERENCE_WEEKLY if step is Step.WEEK else REFERENCE


@dataclass(frozen=True, eq=False)
class Prepared:
    """Training rows after cleaning: `ds` (n,) days, `y_log` (n,) log1p of the units, `promo` (n,) 0 or 1."""

    ds: Days
    y_log: Floats
    promo: Floats

    @property
    def units(self) -> Floats:
        """The kept rows on the original scale, (n,) units."""
        return np.expm1(self.y_log)


def prepare(history: DailyHistory, recipe: Recipe = REFERENCE) -> Prepared:
    """Take log1p and drop rows further than 3.5 sample standard deviations from the mean.

    Raises `NotEnoughData` when fewer than five rows are left.
    """
    y_log = np.log1p(history.y)
    keep = np.ones(len(y_log), dtype=bool)
    if len(y_log) > 1:
        # The sample deviation (ddof=1) is the one pandas gives and the stored models were cleaned with.
        distance = y_log - y_log.mean()
        deviation = float(np.sqrt(np.square(distance).sum() / (len(y_log) - 1)))
        if deviation > 0:
            keep = np.abs(distance) <= recipe.outlier_deviations * deviation
    if int(keep.sum()) < recipe.min_rows:
        raise NotEnoughData("Not enough data")
    return Prepared(history.ds[keep], y_log[keep], history.promo[keep])
