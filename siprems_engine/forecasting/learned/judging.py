"""Judging a model out of sample, beside the engines that a shop has anyway, on the same cut-offs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from siprems_engine.forecasting.learned.engine import DatedFit, engine_of
from siprems_engine.forecasting.learned.recipe import Watch
from siprems_engine.forecasting.series import Event, Floats
from siprems_engine.forecasting.shop.by_product import NAMES as BY_PRODUCT
from siprems_engine.forecasting.shop.by_product import by_prophet
from siprems_engine.forecasting.shop.engines import AUTO
from siprems_engine.forecasting.shop.folds import Fold, Forecaster, by_engines, fold
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.forecasting.shop.schedule import EARLIEST_LEARNED, STRIDE
from siprems_engine.forecasting.shop.scores import Measured, Scores, measure, summarise

# What any model has to stand beside: the engines by Prophet, the blend, and what nobody needs a model for.
BESIDE = ("prophet", "prophet-adaptive", AUTO, "seasonal-naive")
# Origins that must lie before a cut-off, so that there is something to learn from and to hold back.
FEWEST_ORIGINS = 6
JUDGED_BY = ("wape", "rmsse", "pinball")


@dataclass(frozen=True, eq=False)
class Shop:
    """What is known of a shop: a grid whose past ends with the period `last`, events, and how far to look."""

    grid: Grid
    last: int
    horizon: int
    events: Sequence[Event] = ()

    def cutoffs(self, wanted: int) -> list[int]:
        """Return the last known period of up to so many folds, the oldest first; none for a young shop."""
        step = self.grid.step
        earliest = EARLIEST_LEARNED[step] + self.horizon + STRIDE[step] * FEWEST_ORIGINS
        places = [self.last - number * self.horizon for number in range(wanted, 0, -1)]
        return [place for place in places if place >= earliest]


@dataclass(frozen=True)
class Quality:
    """How near forecasts of single periods came: 1 - squared error over variance, and root of the mean."""

    r2: float
    rmse: float

    @classmethod
    def of(cls, actual: Floats, made: Floats) -> Quality:
        """Compare what sold (n,) with what was forecast (n,); NaN where nothing varies."""
        squares, spread = float(((actual - made) ** 2).sum()), float(((actual - actual.mean()) ** 2).sum())
        r2 = 1.0 - squares / spread if spread > 0 else float("nan")
        return cls(r2, float(np.sqrt(squares / len(actual))))


class Trials:
    """Forecasts of several engines at the cut-offs of one shop."""

    def __init__(self, shop: Shop, watch: Watch) -> None:
        self._shop, self._watch = shop, watch
        self._measured: dict[str, list[Measured]] = {}
        self._seen: dict[str, list[tuple[Floats, Floats]]] = {}
        self.cutoffs: list[np.datetime64] = []

    def beside(self, place: int, names: Sequence[str]) -> None:
        """Have engines of the shop forecast a cut-off."""
        for name in names:
            self._add(name, place, self._forecaster(name))

    def learned(self, place: int, name: str, fits: Sequence[DatedFit]) -> None:
        """Have a learned model forecast a cut-off, alone and in the blend."""
        more = {name: engine_of(name, fits)}
        for shown, members in ((name, (name,)), (joined(name), (AUTO, name))):
            self._add(shown, place, by_engines(members, more=more, on_step=self._watch.tick))

    def scores(self) -> dict[str, Scores]:
        """Return the figures of every engine over all cut-offs."""
        return {name: summarise(parts) for name, parts in self._measured.items()}

    def quality(self, name: str) -> Quality | None:
        """Return how near an engine came to what sold in single periods; None if it forecast nothing."""
        seen = self._seen.get(name, [])
        actual, made = (np.concatenate([np.zeros(0), *(pair[k] for pair in seen)]) for k in (0, 1))
        return Quality.of(actual, made) if len(actual) else None

    def _forecaster(self, name: str) -> Forecaster:
        if name in BY_PRODUCT:
            return by_prophet(name, self._shop.events, self._watch.tick)
        return by_engines([name], on_step=self._watch.tick)

    def _add(self, name: str, place: int, forecaster: Forecaster) -> None:
        self._watch.tick()
        day = self._shop.grid.days[place]
        if day not in self.cutoffs:
            self.cutoffs.append(day)
        made: Fold = fold(self._shop.grid, place, self._shop.horizon, forecaster)
        actual = self._shop.grid.units[np.ix_(made.products, made.periods)]
        self._measured.setdefault(name, []).append(measure(self._shop.grid, made))
        self._seen.setdefault(name, []).append((actual.ravel(), made.made.mean.ravel()))


def joined(name: str) -> str:
    """The name of the blend with a learned model in it."""
    return f"{AUTO}+{name}"


def gain(scores: Mapping[str, Scores], name: str) -> float | None:
    """Return what the errors of the blend become with a model in it, as a factor; None where unknown.

    It is the geometric mean of the factors of WAPE, RMSSE and pinball loss.
    """
    if AUTO not in scores or joined(name) not in scores:
        return None
    factors = [getattr(scores[joined(name)], each) / getattr(scores[AUTO], each) for each in JUDGED_BY]
    product = float(np.prod(factors)) ** (1.0 / len(factors))
    return product if isfinite(product) else None
