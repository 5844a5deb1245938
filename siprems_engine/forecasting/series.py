"""The sales history of one SKU, daily or weekly, and the events around it."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from siprems_engine.forecasting.errors import InvalidHistory
from siprems_engine.forecasting.step import Step, weekday

if TYPE_CHECKING:
    from siprems_engine.forecasting.recipe import Recipe

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]

RECENT_ROWS = 28
# Dates and quantities beyond these are typing errors; they would overflow Prophet's clock or later sums.
FIRST_DAY, LAST_DAY = np.datetime64("1900-01-01"), np.datetime64("2199-12-31")
LARGEST_QUANTITY = 1e12


@dataclass(frozen=True)
class Event:
    """One day of a named event; an event of several days is several rows with one name."""

    name: str
    date: datetime.date


@dataclass(frozen=True, eq=False)
class DailyHistory:
    """Units sold per day: `ds` (n,) strictly increasing days, `y` (n,) >= 0, `promo` (n,) 0 or 1.

    With the step of a week a row holds a whole week, and all days are of one weekday.
    """

    ds: Days
    y: Floats
    promo: Floats
    step: Step = Step.DAY

    def __post_init__(self) -> None:
        """Own read-only copies of the arrays, so that a cached history cannot change under its hash."""
        for name, kind in (("ds", "datetime64[D]"), ("y", "float64"), ("promo", "float64")):
            column = _column(name, getattr(self, name), kind)
            column.setflags(write=False)
            object.__setattr__(self, name, column)
        _check(self.ds, self.y, self.promo)
        if self.step is Step.WEEK and (weekday(self.ds) != weekday(self.ds[:1])).any():
            raise InvalidHistory("The days of a weekly history must be of one weekday.")

    @classmethod
    def from_rows(cls, dates: Any, quantities: Any, promos: Any = None) -> DailyHistory:
        """Build a history from rows in any order.

        Rows of one day are merged: quantities are summed, the promotion flag is their maximum. A day on which
        more came back than was sold counts as 0 sold. Raises `InvalidHistory` on NaN, infinity, missing dates
        or columns of unequal length.
        """
        ds, y = _column("dates", dates, "datetime64[D]"), _column("quantities", quantities, "float64")
        promo = np.zeros(len(y)) if promos is None else _column("promos", promos, "float64")
        _check_rows(ds, y, promo)
        unique, row = np.unique(ds, return_inverse=True)
        total = np.bincount(row, weights=y, minlength=len(unique))
        flagged = np.bincount(row, weights=(promo != 0).astype(np.float64), minlength=len(unique))
        return cls(unique, np.maximum(total, 0.0), (flagged > 0).astype(np.float64))

    def __len__(self) -> int:
        """Number of days with a row."""
        return len(self.ds)

    @property
    def span_days(self) -> int:
        """Calendar days from the first to the last row, both included; 0 without rows."""
        return int((self.ds[-1] - self.ds[0]).astype(int)) + 1 if len(self) else 0

    def weekly(self, dated_on: int) -> DailyHistory:
        """Take the rows as one a week, dated on this weekday (Monday = 0).

        A shop with one row a week sells nothing on other weekdays; rows there are zeros and are left out.
        """
        keep = weekday(self.ds) == dated_on
        return DailyHistory(self.ds[keep], self.y[keep], self.promo[keep], Step.WEEK)

    def zero_filled(self, open_days: Days | None = None, until: np.datetime64 | None = None) -> DailyHistory:
        """Return the history with a 0 on every open day (of a weekly one: in every open week) without a row.

        The span runs from the first row to the last one, or to `until` if that is later. `open_days` are the
        days on which the shop was open (None: every day); days with a row stay even if not among them.
        """
        if not len(self):
            return self
        last = self.ds[-1] if until is None else max(self.ds[-1], until)
        if open_days is None:
            days = np.arange(self.ds[0], last + 1, self.step.days, dtype="datetime64[D]")
        else:
            known = _column("open_days", open_days, "datetime64[D]")
            # Marks on the calendar: sorting the days together would take twenty times as long.
            marked = np.zeros(int((last - self.ds[0]).astype(int)) + 1, dtype=bool)
            for some in (known[(known >= self.ds[0]) & (known <= last)], self.ds):
                marked[(some - self.ds[0]).astype(np.int64)] = True
            days = self.ds[0] + np.flatnonzero(marked)
        y, promo = np.zeros(len(days)), np.zeros(len(days))
        place = np.searchsorted(days, self.ds)
        y[place], promo[place] = self.y, self.promo
        return DailyHistory(days, y, promo, self.step)

    @property
    def promo_share(self) -> float:
        """Share of promotion rows among the last 28 rows: what to expect of days nothing is planned for."""
        return float(self.promo[-RECENT_ROWS:].mean()) if len(self) else 0.0

    def between(self, first: np.datetime64 | None, last: np.datetime64 | None) -> DailyHistory:
        """Return the rows from `first` to `last`, both included; None leaves that side open."""
        keep = np.ones(len(self), dtype=bool)
        if first is not None:
            keep &= self.ds >= first
        if last is not None:
            keep &= self.ds <= last
        return DailyHistory(self.ds[keep], self.y[keep], self.promo[keep], self.step)

    def data_hash(self, recipe: Recipe, events: Sequence[Event]) -> str:
        """Return a sha256 that changes with any row, any event and any constant of the recipe."""
        digest = hashlib.sha256(f"{recipe!r};{len(self)};".encode())
        digest.update(self.ds.astype(np.int64).tobytes())
        digest.update(self.y.tobytes())
        digest.update(self.promo.tobytes())
        for event in sorted({(e.date.isoformat(), e.name) for e in events}):
            # The repr quotes the name, so that no name can imitate a second event.
            digest.update(repr(event).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def _column(name: str, values: Any, kind: str) -> NDArray[Any]:
    """Copy `values` into a one-dimensional array of the wanted kind or raise `InvalidHistory`."""
    if kind == "datetime64[D]" and not isinstance(values, np.ndarray):
        # A time zone has no place in a day; numpy would warn and shift the day into UTC.
        values = [v.replace(tzinfo=None) if isinstance(v, datetime.datetime) else v for v in values]
    try:
        column = np.array(values, dtype=kind)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidHistory(f"The column {name} cannot be read as {kind}: {error}.") from error
    if column.ndim != 1:
        raise InvalidHistory(f"The column {name} must have one dimension, not {column.ndim}.")
    return column


def _check_rows(ds: Days, y: Floats, promo: Floats) -> None:
    if not len(ds) == len(y) == len(promo):
        raise InvalidHistory(
            f"There are {len(ds)} dates, {len(y)} quantities and {len(promo)} promotion flags."
        )
    if np.isnat(ds).any():
        raise InvalidHistory("A date is missing.")
    for name, column in (("quantity", y), ("promotion flag", promo)):
        bad = ~np.isfinite(column)
        if bad.any():
            raise InvalidHistory(f"The {name} of {ds[bad][0]} is not a finite number.")
    strange = (ds < FIRST_DAY) | (ds > LAST_DAY)
    if strange.any():
        raise InvalidHistory(f"{ds[strange][0]} cannot be a day of sale.")
    if (np.abs(y) > LARGEST_QUANTITY).any():
        raise InvalidHistory(f"A quantity above {LARGEST_QUANTITY:.0e} cannot be right.")


def _check(ds: Days, y: Floats, promo: Floats) -> None:
    _check_rows(ds, y, promo)
    if (ds[1:] <= ds[:-1]).any():
        raise InvalidHistory("The days of a history must be strictly increasing.")
    if (y < 0).any():
        raise InvalidHistory("A quantity of a history cannot be negative.")
    if not np.isin(promo, (0.0, 1.0)).all():
        raise InvalidHistory("A promotion flag must be 0 or 1.")
