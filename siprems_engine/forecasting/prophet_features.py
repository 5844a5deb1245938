"""The features of a stored Prophet model: which coefficient belongs to which wave, event or regressor."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np

from siprems_engine.forecasting.errors import CorruptModel, UnsupportedModel
from siprems_engine.forecasting.evaluator import EventEffects, ModeTerms, Regressor, Waves
from siprems_engine.forecasting.json_values import JsonObject, load, number, require
from siprems_engine.forecasting.series import Floats

# Event windows beyond this many days are a broken file, not a holiday.
LONGEST_WINDOW = 400
MODE_GROUPS = ("additive_terms", "multiplicative_terms")


@dataclass
class _Columns:
    """The columns of Prophet's feature matrix in order, taken from the file one group after the other."""

    beta: Floats
    additive: Floats
    multiplicative: Floats
    taken: int = 0
    rate: list[Floats] = field(default_factory=list)
    waves: list[int] = field(default_factory=list)
    regressors: list[tuple[int, str, float, float]] = field(default_factory=list)

    def take(self, n: int) -> int:
        """Reserve the next `n` columns and return the first."""
        if n < 0 or self.taken + n > len(self.beta):
            raise CorruptModel(f"The model has {len(self.beta)} coefficients, fewer than its features need.")
        self.taken += n
        return self.taken - n


def terms(document: JsonObject, beta: Floats) -> tuple[ModeTerms, ModeTerms]:
    """Sort the coefficients (n,) into additive and multiplicative terms.

    Raises `CorruptModel` when they do not fit the features the file describes.
    """
    additive, multiplicative = _mode_masks(document, len(beta))
    columns = _Columns(beta, additive, multiplicative)
    _take_seasonalities(document, columns)
    events = _take_events(document, columns)
    _take_regressors(document, columns)
    if columns.taken == 0:
        # A model without any feature carries one column of zeros.
        columns.take(1)
    if columns.taken != len(beta):
        raise CorruptModel(f"The model has {len(beta)} coefficients for {columns.taken} features.")
    return _mode_terms(columns, events, additive), _mode_terms(columns, events, multiplicative)


def _mode_masks(document: JsonObject, n: int) -> tuple[Floats, Floats]:
    """Read which coefficients (n,) are additive and which multiplicative (0 or 1 each)."""
    additive, multiplicative = _masks(require(document, "train_component_cols"))
    if len(additive) != n:
        raise CorruptModel(f"The model has {n} coefficients for {len(additive)} component rows.")
    return additive, multiplicative


# This text and those of the events are the same in all models of a shop, and most of what there is to read.
@functools.lru_cache(maxsize=8)
def _masks(text: str) -> tuple[Floats, Floats]:
    rows = load(text, "train_component_cols")["data"]
    masks = [np.array([number(row[name], name) for row in rows]) for name in MODE_GROUPS]
    for mask in masks:
        mask.setflags(write=False)
    return masks[0], masks[1]


def _ordered(document: JsonObject, key: str) -> list[tuple[str, JsonObject]]:
    """Read Prophet's [names, {name: properties}] pair in the order of the names."""
    names, properties = require(document, key)
    return [(name, properties[name]) for name in names]


def _take_seasonalities(document: JsonObject, columns: _Columns) -> None:
    for name, props in _ordered(document, "seasonalities"):
        if props.get("condition_name") is not None:
            raise UnsupportedModel(f"The seasonality {name!r} depends on a condition.")
        period = number(props["period"], f"The period of {name!r}", positive=True)
        order = int(number(props["fourier_order"], f"The order of {name!r}", positive=True))
        first = columns.take(2 * order)
        columns.waves.extend(range(first, first + 2 * order, 2))
        columns.rate.append(np.arange(1, order + 1) / period)


def _take_regressors(document: JsonObject, columns: _Columns) -> None:
    for name, props in _ordered(document, "extra_regressors"):
        mu = number(props["mu"], f"The mean of {name!r}")
        std = number(props["std"], f"The deviation of {name!r}", positive=True)
        columns.regressors.append((columns.take(1), name, mu, std))


def _take_events(document: JsonObject, columns: _Columns) -> list[tuple[int, frozenset[int]]]:
    """Give each event column with the days (since 1970) on which it is 1."""
    events = _event_days(document.get("holidays"), document.get("train_holiday_names"))
    first = columns.take(len(events))
    return [(first + i, days) for i, days in enumerate(events)]


@functools.lru_cache(maxsize=8)
def _event_days(holidays: str | None, trained_names: str | None) -> tuple[frozenset[int], ...]:
    """Return the days of each event column from the texts of the file.

    As in `Prophet.make_holiday_features` there is one column per name and offset, in the order of their
    sorted keys, and names that were not part of the training are ignored.
    """
    days: dict[str, set[int]] = {}
    trained = _trained_names(trained_names)
    for row in _event_rows(holidays):
        name = row["holiday"]
        if trained is not None and name not in trained:
            continue
        day = int(np.datetime64(row["ds"][:10], "D").astype(np.int64))
        for offset in range(*_window(row)):
            sign = "+" if offset >= 0 else "-"
            days.setdefault(f"{name}_delim_{sign}{abs(offset)}", set()).add(day + offset)
    return tuple(frozenset(days[key]) for key in sorted(days))


def _event_rows(holidays: str | None) -> list[JsonObject]:
    rows: list[JsonObject] = load(holidays, "holidays")["data"] if holidays is not None else []
    return rows


def _trained_names(names: str | None) -> set[str] | None:
    return None if names is None else {str(name) for name in load(names, "train_holiday_names")["data"]}


def _window(row: JsonObject) -> tuple[int, int]:
    """Give the first offset and the one after the last; like Prophet, no window if either end is missing."""
    lower, upper = row.get("lower_window", 0), row.get("upper_window", 0)
    if lower is None or upper is None:
        return 0, 1
    first, last = int(number(lower, "lower_window")), int(number(upper, "upper_window"))
    if max(abs(first), abs(last)) > LONGEST_WINDOW:
        raise CorruptModel(f"An event window of {first} to {last} days is not plausible.")
    return first, last + 1


def _mode_terms(columns: _Columns, events: list[tuple[int, frozenset[int]]], mask: Floats) -> ModeTerms:
    """Collect what works in the mode whose 0/1 `mask` (n,) over the coefficients is given."""
    beta = columns.beta * mask
    wave = np.array(columns.waves, dtype=np.int64)
    rate = np.concatenate(columns.rate) if columns.rate else np.zeros(0)
    used = (mask[wave] != 0) | (mask[wave + 1] != 0) if len(wave) else np.zeros(0, dtype=bool)
    effects: dict[int, float] = {}
    for column, days in events:
        if mask[column]:
            for day in days:
                effects[day] = effects.get(day, 0.0) + float(beta[column])
    event_days = sorted(effects)
    return ModeTerms(
        waves=Waves(rate[used], beta[wave[used]], beta[wave[used] + 1]),
        events=EventEffects(np.array(event_days, dtype=np.int64), np.array([effects[d] for d in event_days])),
        regressors=tuple(
            Regressor(name, mu, std, float(beta[column]))
            for column, name, mu, std in columns.regressors
            if mask[column]
        ),
    )
