"""Fits of one recipe to a shop: which rows are learned from, which are held back, and up to which date."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siprems_engine.forecasting.learned.engine import DatedFit
from siprems_engine.forecasting.learned.features import LearnedFeatures
from siprems_engine.forecasting.learned.learners import LEARNERS
from siprems_engine.forecasting.learned.recipe import Recipe, Sample, Watch
from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines.origin_fits import Rows, calibration
from siprems_engine.forecasting.shop.panel import Panel
from siprems_engine.forecasting.shop.schedule import Schedule
from siprems_engine.forecasting.step import Step

ROWS = 60_000
HALF_LIFE = {Step.DAY: 200.0, Step.WEEK: 60.0}
# The part of the origins, the latest, that is held back to see when learning more no longer helps, and the
# fewest origins and rows that tell it.
HELD_BACK = 0.2
FEWEST_HELD_BACK = (1, 50)


@dataclass(frozen=True, eq=False)
class Searched:
    """How long learning pays: the best round, and the losses (rounds,) of every round that was tried."""

    rounds: int
    losses: Floats
    validation_losses: Floats


class Fitting:
    """Learns from what was known of a panel."""

    def __init__(self, panel: Panel, recipe: Recipe) -> None:
        self._recipe = recipe
        self._basis = Basis(panel.recent(), Schedule(panel.recent()))
        self._features = LearnedFeatures(self._basis)

    @property
    def columns(self) -> tuple[str, ...]:
        """The kinds of the columns (p,)."""
        return self._features.groups

    def search(self, watch: Watch) -> Searched | None:
        """Learn with the latest origins held back; None where too little was known to hold any back.

        No period that is learned from lies in the horizon of one that is held back.
        """
        origins = self._basis.schedule.learned(self._basis.panel.last)
        held = origins[: max(FEWEST_HELD_BACK[0], round(HELD_BACK * len(origins)))]
        if not held:
            return None
        earlier = [origin for origin in origins if origin + self._basis.panel.horizon <= min(held)]
        sample, check = self._sample(min(held), earlier), self._check(held)
        if sample is None or check is None:
            return None
        kept = _Losses(watch)
        rounds = LEARNERS[self._recipe.model_type].fit(sample, check, self._recipe, kept)[1]
        return Searched(rounds, np.array(kept.losses), np.array(kept.validation_losses))

    def fits(self, watch: Watch) -> list[DatedFit]:
        """Learn for just the recipe's epochs, up to now and up to the dates that past forecasts need.

        Empty if too little was known.
        """
        schedule, panel = self._basis.schedule, self._basis.panel
        made = [self.fit(until, watch) for until in (panel.last, *map(min, schedule.blocks))]
        return [] if made[0] is None else [fit for fit in made if fit is not None]

    def fit(self, until: int, watch: Watch) -> DatedFit | None:
        """Learn from origins whose horizon had passed at a period; None if they are too few."""
        sample = self._sample(until)
        if sample is None:
            return None
        fitted, _ = LEARNERS[self._recipe.model_type].fit(sample, None, self._recipe, watch)
        made = sample.base * np.exp(fitted.exponent(sample.columns))
        shift = calibration(sample.units, made, sample.importance)
        return DatedFit(self._basis.panel.days[until], fitted, shift)

    def known(self) -> Sample | None:
        """Return the rows that the newest fit learned from."""
        return self._sample(self._basis.panel.last)

    def _sample(self, until: int, origins: list[int] | None = None) -> Sample | None:
        half_life = HALF_LIFE[self._basis.panel.step]
        return _as_sample(Rows(self._basis, self._features, until, ROWS, half_life, origins=origins))

    def _check(self, held: list[int]) -> Sample | None:
        rows = Rows(
            self._basis,
            self._features,
            max(held),
            ROWS,
            HALF_LIFE[self._basis.panel.step],
            origins=held,
            fewest=FEWEST_HELD_BACK,
        )
        return _as_sample(rows)


def _as_sample(rows: Rows) -> Sample | None:
    return Sample(rows.columns, rows.units, rows.base, rows.weight, rows.importance) if rows.enough else None


class _Losses:
    """Keeps the losses of every round."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.losses: list[float] = []
        self.validation_losses: list[float] = []

    def begin(self, title: str, start: float, end: float, rounds: int) -> None:
        """A stage begins."""
        self._watch.begin(title, start, end, rounds)

    def tick(self) -> None:
        """Work goes on."""
        self._watch.tick()

    def round(self, number: int, loss: float, validation_loss: float | None) -> None:
        """Keep what this round came to."""
        self.losses.append(loss)
        self.validation_losses.append(float("nan") if validation_loss is None else validation_loss)
        self._watch.round(number, loss, validation_loss)
