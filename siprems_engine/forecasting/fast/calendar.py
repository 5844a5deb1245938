"""What all products of a shop share: the features of every day, built once for one set of events."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.errors import FitFailed
from siprems_engine.forecasting.fast.event_names import event_name
from siprems_engine.forecasting.recipe import Recipe
from siprems_engine.forecasting.series import FIRST_DAY, LAST_DAY, Event, Floats
from siprems_engine.forecasting.step import Step

EventRows = tuple[tuple[str, datetime.date], ...]

# What stock Prophet uses where the recipe leaves it its defaults.
SEASONALITY_PRIOR_SCALE = 10.0
YEARLY = ("yearly", 365.25, 10)
WEEKLY = ("weekly", 7, 3)
# Tables are made in pieces of this many days at fixed places, so that a value never depends on the span of
# the product that asked first: vectorised sines may round differently at the end of an array.
PIECE = 512


@dataclass(frozen=True, eq=False)
class Calendar:
    """The features of the recipe for one set of events; `event_rows` are sorted by name and day."""

    recipe: Recipe
    event_rows: EventRows
    _tables: dict[tuple[int, int], Floats] = field(default_factory=dict)

    @property
    def seasonalities(self) -> tuple[tuple[str, float, int], ...]:
        """Name, period in days and order in Prophet's order: the one added by hand comes first."""
        monthly = "monthly", self.recipe.monthly_period, self.recipe.monthly_order
        return (monthly, YEARLY, WEEKLY) if self.recipe.step is Step.DAY else (monthly, YEARLY)

    @functools.cached_property
    def event_names(self) -> tuple[str, ...]:
        """The different names in the order of their first row."""
        return tuple(dict.fromkeys(name for name, _ in self.event_rows))

    @functools.cached_property
    def event_columns(self) -> dict[str, NDArray[np.int64]]:
        """Days since 1970 on which each event feature is 1: one per name and offset, keys sorted as text."""
        days: dict[str, set[int]] = {}
        for name, date in self.event_rows:
            day = int(np.datetime64(date, "D").astype(np.int64))
            for offset in range(self.recipe.event_lower_window, self.recipe.event_upper_window + 1):
                key = f"{name}_delim_{'+' if offset >= 0 else '-'}{abs(offset)}"
                days.setdefault(key, set()).add(day + offset)
        return {key: np.array(sorted(days[key])) for key in sorted(days)}

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the K features in the order of Prophet's matrix."""
        waves = [f"{n}_delim_{i + 1}" for n, _, order in self.seasonalities for i in range(2 * order)]
        return (*waves, *self.event_columns, "promo")

    @functools.cached_property
    def precision(self) -> Floats:
        """1 / s^2 of the prior of every coefficient, (K,)."""
        waves = sum(2 * order for _, _, order in self.seasonalities)
        others = len(self.columns) - waves
        scales = [SEASONALITY_PRIOR_SCALE] * waves + [self.recipe.holidays_prior_scale] * others
        return 1.0 / np.array(scales) ** 2

    @functools.cached_property
    def multiplicative(self) -> Floats:
        """1 for each coefficient if the recipe is multiplicative, (K,)."""
        return np.full(len(self.columns), float(self.recipe.seasonality_mode == "multiplicative"))

    def features(self, day: NDArray[np.int64], promo: Floats) -> Floats:
        """Return the features (K, T) of days since 1970 (T,), ascending, and their promotion flags (T,).

        Prophet standardises no regressor that is binary or constant, and the flag is one or the other.
        """
        first, last = int(day[0]) // PIECE, int(day[-1]) // PIECE
        table, begin = self._table(first, last), int(day[0]) - first * PIECE
        out = np.empty((len(self.columns), len(day)))
        if day[-1] - day[0] == len(day) - 1:
            # Without a gap a row is one copy, which takes half the time.
            out[:-1] = table[:, begin : begin + len(day)]
        else:
            np.take(table, day - first * PIECE, axis=1, out=out[:-1], mode="clip")
        out[-1] = promo
        return out

    def _table(self, first: int, last: int) -> Floats:
        """Return all features but the flag for the pieces `first` to `last`, (K - 1, days)."""
        if (first, last) not in self._tables:
            if len(self._tables) >= 4:
                self._tables.clear()
            pieces = [self._piece(np.arange(i * PIECE, (i + 1) * PIECE)) for i in range(first, last + 1)]
            self._tables[first, last] = np.concatenate(pieces, axis=1)
        return self._tables[first, last]

    def _piece(self, day: NDArray[np.int64]) -> Floats:
        """Compute the features of consecutive days as `Prophet.fourier_series` does, to the last bit."""
        turns, rows = np.pi * 2 * day.astype(np.float64), []
        for _, period, order in self.seasonalities:
            for i in range(order):
                angle = (i + 1) / period * turns
                rows += [np.sin(angle), np.cos(angle)]
        events = [np.isin(day, days).astype(np.float64) for days in self.event_columns.values()]
        return np.array([*rows, *events])


def calendar_for(events: Sequence[Event], recipe: Recipe) -> Calendar:
    """Return the calendar of these events; the last few are kept, as products of one shop share theirs.

    Raises `FitFailed` for a recipe Prophet would refuse.
    """
    return _calendar(_event_rows(tuple(events)), recipe)


@functools.lru_cache(maxsize=64)
def _event_rows(events: tuple[Event, ...]) -> EventRows:
    """Sort the events out once for all callers that pass the same ones in the same order."""
    # Events in years that no history reaches would overflow the clock of pandas.
    known = [e for e in events if FIRST_DAY <= np.datetime64(e.date, "D") <= LAST_DAY]
    return tuple(sorted({(event_name(e.name), e.date) for e in known}))


@functools.lru_cache(maxsize=8)
def _calendar(rows: EventRows, recipe: Recipe) -> Calendar:
    if recipe.seasonality_mode not in ("additive", "multiplicative"):
        raise FitFailed(f"There is no seasonality mode {recipe.seasonality_mode!r}.")
    if not min(recipe.changepoint_prior_scale, recipe.holidays_prior_scale, recipe.monthly_period) > 0:
        raise FitFailed("Prior scales and the monthly period must be positive.")
    if recipe.monthly_order < 1 or not recipe.event_lower_window <= 0 <= recipe.event_upper_window:
        raise FitFailed("The monthly order must be at least 1, and an event's window must hold its day.")
    return Calendar(recipe, rows)
