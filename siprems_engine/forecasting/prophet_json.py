"""Read the parameters out of a file written by `prophet.serialize.model_to_json`, without pandas.

The format (prophet/serialize.py) is one JSON object; data frames and series inside it are JSON texts once
more. The history, by far the largest part, is never decoded: only its rows are counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from siprems_engine.forecasting.errors import CorruptModel, EngineError, UnsupportedModel
from siprems_engine.forecasting.evaluator import (
    SECONDS_PER_DAY,
    EventEffects,
    LinearGrowthModel,
    ModeTerms,
    Regressor,
    Trend,
    Waves,
)
from siprems_engine.forecasting.series import FIRST_DAY, LAST_DAY, Floats

JsonObject = dict[str, Any]
# Event windows beyond this many days are a broken file, not a holiday.
LONGEST_WINDOW = 400
_FIRST_DAY, _LAST_DAY = (int(day.astype(np.int64)) for day in (FIRST_DAY, LAST_DAY))


def parse(data: bytes) -> LinearGrowthModel:
    """Parse a model file into its parameters.

    Raises `CorruptModel` when the bytes are not a complete model and `UnsupportedModel` for a kind of model
    whose forecast has no closed form here (logistic or flat growth, MCMC, conditions, country holidays,
    hours).
    """
    document = _load(data, "the file")
    if not isinstance(document, dict):
        raise CorruptModel("The model file does not hold a JSON object.")
    try:
        _refuse_unsupported(document)
        return _model(document)
    except EngineError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise CorruptModel(f"The model file is damaged: {type(error).__name__}: {error}.") from error


def _load(text: bytes | str, what: str) -> Any:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, TypeError) as error:
        raise CorruptModel(f"The JSON of {what} cannot be read: {error}.") from error


def _number(value: Any, what: str, positive: bool = False) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise CorruptModel(f"{what} must be a finite number, not {str(value)[:40]!r}.")
    if positive and value <= 0:
        raise CorruptModel(f"{what} must be positive, not {value}.")
    return float(value)


def _require(document: JsonObject, key: str) -> Any:
    if key not in document:
        raise CorruptModel(f"The model file lacks {key!r}.")
    return document[key]


def _refuse_unsupported(document: JsonObject) -> None:
    growth = _require(document, "growth")
    if growth != "linear":
        raise UnsupportedModel(f"Only linear growth is supported, not {str(growth)[:40]!r}.")
    if document.get("mcmc_samples"):
        raise UnsupportedModel("Models sampled with MCMC are not supported.")
    if document.get("country_holidays") is not None:
        raise UnsupportedModel("Models with built-in country holidays are not supported.")
    if document.get("logistic_floor"):
        raise UnsupportedModel("Models with a floor column are not supported.")


def _model(document: JsonObject) -> LinearGrowthModel:
    start, span, rows = _calendar(document)
    params = _require(document, "params")
    beta = _draw(params, "beta")
    additive, multiplicative = _terms(document, beta)
    interval_width = _number(document.get("interval_width", 0.8), "interval_width")
    if not 0.0 < interval_width < 1.0:
        raise CorruptModel(f"interval_width must lie between 0 and 1, not {interval_width}.")
    # Prophet before 1.1.5 knew no other scaling than the one by the largest absolute value.
    minmax = document.get("scaling", "absmax") == "minmax"
    return LinearGrowthModel(
        start_day=start,
        span_days=span,
        history_rows=rows,
        y_scale=_number(_require(document, "y_scale"), "y_scale", positive=True),
        floor=_number(_require(document, "y_min"), "y_min") if minmax else 0.0,
        sigma_obs=_number(_single(params, "sigma_obs"), "sigma_obs", positive=True),
        interval_width=interval_width,
        trend=_trend(document, params),
        additive=additive,
        multiplicative=multiplicative,
        prophet_version=str(document.get("__prophet_version", "unknown")),
    )


def _calendar(document: JsonObject) -> tuple[int, int, int]:
    """Give the first day, the days from first to last, and the number of rows; whole days only."""
    start = _number(_require(document, "start"), "start")
    span = _number(_require(document, "t_scale"), "t_scale", positive=True)
    history = _require(document, "history")
    if not isinstance(history, str):
        raise CorruptModel("The history is not a text.")
    body = history[history.find('"data":') :]
    rows = body.count('"ds":')
    if rows < 2:
        raise CorruptModel("The history has fewer than two rows.")
    whole_days = body.count("T00:00:00") >= rows
    if start % SECONDS_PER_DAY or span % SECONDS_PER_DAY or not whole_days:
        raise UnsupportedModel("Models of data finer than a day are not supported.")
    first, days = start / SECONDS_PER_DAY, span / SECONDS_PER_DAY
    if first < _FIRST_DAY or first + days > _LAST_DAY:
        raise CorruptModel("The history of the model lies outside of any calendar.")
    return int(first), int(days), rows


def _draw(params: JsonObject, name: str) -> Floats:
    """Return the one set of parameters `name`, (n,), out of Prophet's (1, n) array."""
    values = np.array(_require(params, name), dtype=np.float64)
    if (values.ndim == 2 and values.shape[0] > 1) or (values.ndim == 1 and len(values) > 1):
        raise UnsupportedModel(
            f"The model holds {len(values)} draws of {name!r}; only single fits are supported."
        )
    if values.size == 0 or values.ndim > 2 or not np.isfinite(values).all():
        raise CorruptModel(f"The parameter {name!r} is empty or not finite.")
    return values.reshape(-1)


def _single(params: JsonObject, name: str) -> float:
    values = _draw(params, name)
    if len(values) != 1:
        raise CorruptModel(f"The parameter {name!r} must be one number, not {len(values)}.")
    return float(values[0])


def _trend(document: JsonObject, params: JsonObject) -> Trend:
    changepoints = np.array(_require(document, "changepoints_t"), dtype=np.float64)
    delta = _draw(params, "delta")
    if changepoints.shape != delta.shape or not np.isfinite(changepoints).all():
        raise CorruptModel(f"There are {len(delta)} trend changes for {changepoints.size} changepoints.")
    return Trend(_single(params, "k"), _single(params, "m"), delta, changepoints)


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


def _terms(document: JsonObject, beta: Floats) -> tuple[ModeTerms, ModeTerms]:
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
    rows = _load(_require(document, "train_component_cols"), "train_component_cols")["data"]
    if len(rows) != n:
        raise CorruptModel(f"The model has {n} coefficients for {len(rows)} component rows.")
    additive = np.array([_number(row["additive_terms"], "additive_terms") for row in rows])
    multiplicative = np.array([_number(row["multiplicative_terms"], "multiplicative_terms") for row in rows])
    return additive, multiplicative


def _ordered(document: JsonObject, key: str) -> list[tuple[str, JsonObject]]:
    """Read Prophet's [names, {name: properties}] pair in the order of the names."""
    names, properties = _require(document, key)
    return [(name, properties[name]) for name in names]


def _take_seasonalities(document: JsonObject, columns: _Columns) -> None:
    for name, props in _ordered(document, "seasonalities"):
        if props.get("condition_name") is not None:
            raise UnsupportedModel(f"The seasonality {name!r} depends on a condition.")
        period = _number(props["period"], f"The period of {name!r}", positive=True)
        order = int(_number(props["fourier_order"], f"The order of {name!r}", positive=True))
        first = columns.take(2 * order)
        columns.waves.extend(range(first, first + 2 * order, 2))
        columns.rate.append(np.arange(1, order + 1) / period)


def _take_regressors(document: JsonObject, columns: _Columns) -> None:
    for name, props in _ordered(document, "extra_regressors"):
        mu = _number(props["mu"], f"The mean of {name!r}")
        std = _number(props["std"], f"The deviation of {name!r}", positive=True)
        columns.regressors.append((columns.take(1), name, mu, std))


def _take_events(document: JsonObject, columns: _Columns) -> list[tuple[int, set[int]]]:
    """Give each event column with the days (since 1970) on which it is 1.

    As in `Prophet.make_holiday_features` there is one column per name and offset, in the order of their
    sorted keys, and names that were not part of the training are ignored.
    """
    days: dict[str, set[int]] = {}
    trained = _trained_names(document)
    for row in _event_rows(document):
        name = row["holiday"]
        if trained is not None and name not in trained:
            continue
        day = int(np.datetime64(row["ds"][:10], "D").astype(np.int64))
        for offset in range(*_window(row)):
            sign = "+" if offset >= 0 else "-"
            days.setdefault(f"{name}_delim_{sign}{abs(offset)}", set()).add(day + offset)
    first = columns.take(len(days))
    return [(first + i, days[key]) for i, key in enumerate(sorted(days))]


def _event_rows(document: JsonObject) -> list[JsonObject]:
    holidays = document.get("holidays")
    rows: list[JsonObject] = _load(holidays, "holidays")["data"] if holidays is not None else []
    return rows


def _trained_names(document: JsonObject) -> set[str] | None:
    names = document.get("train_holiday_names")
    return None if names is None else {str(name) for name in _load(names, "train_holiday_names")["data"]}


def _window(row: JsonObject) -> tuple[int, int]:
    """Give the first offset and the one after the last; like Prophet, no window if either end is missing."""
    lower, upper = row.get("lower_window", 0), row.get("upper_window", 0)
    if lower is None or upper is None:
        return 0, 1
    first, last = int(_number(lower, "lower_window")), int(_number(upper, "upper_window"))
    if max(abs(first), abs(last)) > LONGEST_WINDOW:
        raise CorruptModel(f"An event window of {first} to {last} days is not plausible.")
    return first, last + 1


def _mode_terms(columns: _Columns, events: list[tuple[int, set[int]]], mask: Floats) -> ModeTerms:
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
