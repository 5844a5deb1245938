"""The standard Prophet model file, written from the parameters without Prophet or pandas."""

from __future__ import annotations

import functools
import json
from typing import Any, NamedTuple

import numpy as np

from siprems_engine.forecasting.evaluator import SECONDS_PER_DAY
from siprems_engine.forecasting.fast import template
from siprems_engine.forecasting.fast.calendar import Calendar
from siprems_engine.forecasting.fast.inputs import Inputs
from siprems_engine.forecasting.fast.map_solver import MapEstimate
from siprems_engine.forecasting.fast.text import (
    DATE_LENGTH,
    NUMBER_LENGTH,
    Bytes,
    escaped,
    iso_dates,
    put_dates,
    put_rows,
)
from siprems_engine.forecasting.recipe import Prepared
from siprems_engine.forecasting.series import Floats


class Template(NamedTuple):
    """The texts that are the same for all products of a calendar, in the order of the file."""

    leading: bytes
    scaling: bytes
    holiday_names: bytes
    holidays: bytes
    history_head: bytes
    components: bytes
    features: bytes


def write_artifact(calendar: Calendar, prepared: Prepared, ready: Inputs, estimate: MapEstimate) -> bytes:
    """Return the file; stock `model_from_json` reads it and forecasts the same."""
    fixed, rows, dates = _template(calendar), ready.problem.first_rows, iso_dates(ready.day)
    start, span = (
        _number(SECONDS_PER_DAY * float(day)) for day in (ready.day[0], ready.day[-1] - ready.day[0])
    )
    parts = (
        *(b'{"growth": "linear", "n_changepoints": %d, ' % len(rows), fixed.leading),
        *(b', "y_scale": ', _number(ready.y_scale), b", ", fixed.scaling),
        *(b', "changepoints": "', _dates(dates[rows], _indices(rows.tolist()))),
        *(b'", "history_dates": "', _dates(dates, _counting(len(ready.day)))),
        *(b'", ', fixed.holiday_names, b', "start": ', start, b', "t_scale": ', span, b", ", fixed.holidays),
        *(
            b', "history": "',
            fixed.history_head,
            _history(prepared, ready, dates),
            b']}", ',
            fixed.components,
        ),
        *(b', "changepoints_t": ', _numbers(ready.problem.changepoints), b", ", fixed.features),
        *(b', "fit_kwargs": {}, "params": ', _parameters(estimate)),
        b', "__prophet_version": "%b"}' % template.PROPHET_VERSION.encode(),
    )
    return b"".join(parts)


@functools.lru_cache(maxsize=8)
def _template(calendar: Calendar) -> Template:
    features = template.feature_values(calendar)
    history_head = json.dumps(template.table_head(template.HISTORY_TYPES))[1:-1]
    return Template(
        leading=_members(template.leading_values(calendar)),
        scaling=_members(template.scaling_values(calendar)),
        holiday_names=_members({key: features.pop(key) for key in ("train_holiday_names",)}),
        holidays=_members({key: features.pop(key) for key in ("holidays",)}),
        history_head=history_head.encode(),
        components=_members({key: features.pop(key) for key in ("train_component_cols",)}),
        features=_members(features),
    )


def _members(values: dict[str, Any]) -> bytes:
    """Write the members of a JSON object without its braces."""
    return json.dumps(values)[1:-1].encode()


_AROUND_DATE = escaped('"', 'T00:00:00.000"')
_ROW = escaped('{"ds":"', 'T00:00:00.000","y":', ',"promo":', ',"floor":0.0,"t":', ',"y_scaled":', "}")
# The most characters of a row and of a date, with the comma behind it.
_ROW_LENGTH = len(_ROW.characters) + DATE_LENGTH + (len(_ROW.ends) - 2) * NUMBER_LENGTH + 1
_QUOTED_DATE_LENGTH = len(_AROUND_DATE.characters) + DATE_LENGTH + 1


def _history(prepared: Prepared, ready: Inputs, dates: Bytes) -> bytes:
    """Write the rows of the history, commas between them."""
    problem = ready.problem
    values = np.array([prepared.y_log, prepared.promo, problem.t, problem.y])
    out = np.empty(len(ready.day) * _ROW_LENGTH, np.uint8)
    return out[: put_rows(out, dates, values, _ROW)].tobytes()


def _dates(dates: Bytes, indices: bytes) -> bytes:
    """Write dates (T, 10) as the series `ds`, escaped, `indices` being its index."""
    out = np.empty(len(dates) * _QUOTED_DATE_LENGTH, np.uint8)
    text = out[: put_dates(out, dates, _AROUND_DATE)].tobytes()
    return b'{\\"name\\":\\"ds\\",\\"index\\":%b,\\"data\\":[%b]}' % (indices, text)


def _indices(numbers: list[int]) -> bytes:
    return json.dumps(numbers, separators=(",", ":")).encode()


@functools.lru_cache(maxsize=256)
def _counting(count: int) -> bytes:
    """Write the index 0, 1, 2 ... of `count` rows; products of one shop often have as many."""
    return _indices(list(range(count)))


def _number(value: float) -> bytes:
    return repr(value).encode()


def _numbers(values: Floats) -> bytes:
    return json.dumps(values.tolist()).encode()


def _parameters(estimate: MapEstimate) -> bytes:
    """Write the parameters as Prophet keeps them, a row per draw; `lp__` is Stan's log posterior."""
    draws = {
        "lp__": [[-estimate.objective]],
        "k": [[estimate.k]],
        "m": [[estimate.m]],
        "delta": [estimate.delta.tolist()],
        "sigma_obs": [[estimate.sigma]],
        "beta": [estimate.beta.tolist()],
    }
    return json.dumps(draws).encode()
