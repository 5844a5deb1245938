"""The parts of a model file that all products of a shop have in common.

The layout is that of `prophet.serialize.model_to_json` of Prophet 1.5 and pandas 2; a test compares every
part with a file that stock Prophet wrote.
"""

from __future__ import annotations

import json
from typing import Any

from siprems_engine.forecasting.fast.calendar import SEASONALITY_PRIOR_SCALE, Calendar
from siprems_engine.forecasting.fast.inputs import CHANGEPOINT_RANGE
from siprems_engine.forecasting.step import Step

PROPHET_VERSION = "1.5.0"
# The version of the table schema of pandas 2, part of every data frame.
TABLE_VERSION = "1.4.0"
HISTORY_TYPES = {"ds": "datetime", **dict.fromkeys(("y", "promo", "floor", "t", "y_scaled"), "number")}
HOLIDAY_TYPES = {"holiday": "string", "ds": "datetime", "lower_window": "integer", "upper_window": "integer"}


def compact(value: Any) -> str:
    """Write JSON as pandas does: no spaces, and slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


def table_head(types: dict[str, str]) -> str:
    """Begin a data frame of `to_json(orient="table")`, up to the bracket before its first row."""
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    schema = {"fields": fields, "pandas_version": TABLE_VERSION}
    return f'{{"schema":{compact(schema)},"data":['


def leading_values(calendar: Calendar) -> dict[str, Any]:
    """Return the attributes before the scale of y, but for the number of changepoints."""
    recipe = calendar.recipe
    return {
        "specified_changepoints": False,
        "changepoint_range": CHANGEPOINT_RANGE,
        "yearly_seasonality": True,
        "weekly_seasonality": recipe.step is Step.DAY,
        "daily_seasonality": False,
        "seasonality_mode": recipe.seasonality_mode,
        "seasonality_prior_scale": SEASONALITY_PRIOR_SCALE,
        "changepoint_prior_scale": recipe.changepoint_prior_scale,
        "holidays_prior_scale": recipe.holidays_prior_scale,
        "mcmc_samples": 0,
        "interval_width": recipe.interval_width,
        "uncertainty_samples": 1000,
    }


def scaling_values(calendar: Calendar) -> dict[str, Any]:
    """Return the attributes between the scale of y and the changepoints."""
    return {
        "y_min": 0.0,
        "scaling": "absmax",
        "logistic_floor": False,
        "country_holidays": None,
        "component_modes": _component_modes(calendar),
        "holidays_mode": calendar.recipe.seasonality_mode,
    }


def feature_values(calendar: Calendar) -> dict[str, Any]:
    """Return the attributes that describe the features, each group where the file has it."""
    mode, names = calendar.recipe.seasonality_mode, list(calendar.event_names)
    trained = {"name": None, "index": list(range(len(names))), "data": names}
    waves = {
        name: {
            "period": period,
            "fourier_order": order,
            "prior_scale": SEASONALITY_PRIOR_SCALE,
            "mode": mode,
            "condition_name": None,
        }
        for name, period, order in calendar.seasonalities
    }
    promo = {
        "prior_scale": float(calendar.recipe.holidays_prior_scale),
        "standardize": "auto",
        "mu": 0.0,
        "std": 1.0,
        "mode": mode,
        "predictor_spec": None,
        "predictor": None,
    }
    return {
        "train_holiday_names": compact(trained) if names else None,
        "holidays": _holidays(calendar),
        "train_component_cols": _component_table(calendar),
        "seasonalities": [list(waves), waves],
        "extra_regressors": [["promo"], {"promo": promo}],
    }


def _component_modes(calendar: Calendar) -> dict[str, list[str]]:
    """Return which components work in which mode; Prophet lists its group of holidays even without any."""
    used = calendar.recipe.seasonality_mode
    components = [*(name for name, _, _ in calendar.seasonalities), *calendar.event_names, "promo"]
    modes = {}
    for mode in ("additive", "multiplicative"):
        members = components if mode == used else []
        modes[mode] = [*members, f"{mode}_terms", f"extra_regressors_{mode}"]
    modes[used].append("holidays")
    return modes


def _holidays(calendar: Calendar) -> str | None:
    if not calendar.event_rows:
        return None
    recipe = calendar.recipe
    window = {"lower_window": recipe.event_lower_window, "upper_window": recipe.event_upper_window}
    rows = [
        compact({"holiday": name, "ds": f"{day.isoformat()}T00:00:00.000", **window})
        for name, day in calendar.event_rows
    ]
    return table_head(HOLIDAY_TYPES) + ",".join(rows) + "]}"


def _component_table(calendar: Calendar) -> str:
    """Return the table of which feature belongs to which component, columns in the order of pandas."""
    mode = calendar.recipe.seasonality_mode
    other = "additive" if mode == "multiplicative" else "multiplicative"
    groups = {f"{mode}_terms", f"extra_regressors_{mode}", "promo", *calendar.event_names}
    groups |= {name for name, _, _ in calendar.seasonalities} | (
        {"holidays"} if calendar.event_names else set()
    )
    components = [*sorted(groups), f"{other}_terms"]
    events, rows = set(calendar.event_names), []
    for column in calendar.columns:
        own = column.split("_delim_", maxsplit=1)[0]
        members = {own, f"{mode}_terms"}
        members |= {"holidays"} if own in events else set()
        members |= {f"extra_regressors_{mode}"} if own == "promo" else set()
        rows.append(compact({name: int(name in members) for name in components}))
    return table_head(dict.fromkeys(components, "integer")) + ",".join(rows) + "]}"
