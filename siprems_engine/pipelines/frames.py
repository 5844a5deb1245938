"""Functions of rows that learn nothing: the same rows give the same answer in training and afterwards.

Each takes rows with a unique index and keeps the index of the rows it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import holidays as holidays_of
import numpy as np
import pandas as pd

from siprems_engine.pipelines.errors import NodeError

CALENDAR_PARTS: dict[str, Callable[[Any], Any]] = {
    "year": lambda dates: dates.year,
    "quarter": lambda dates: dates.quarter,
    "month": lambda dates: dates.month,
    "week": lambda dates: dates.isocalendar().week,
    "day": lambda dates: dates.day,
    "weekday": lambda dates: dates.weekday,
    "day_of_year": lambda dates: dates.dayofyear,
    "is_weekend": lambda dates: dates.weekday >= 5,
}


def dates_of(rows: pd.DataFrame, column: str) -> pd.Series[Any]:
    """Return a column as dates; raises `NodeError` where it is missing or holds something else."""
    require(rows, [column])
    if rows[column].dtype.kind == "M":
        return rows[column]
    if rows[column].dtype != object:
        raise NodeError(f"Column {column!r} holds no dates.")
    try:
        return pd.to_datetime(rows[column], format="ISO8601")
    except (ValueError, TypeError) as error:
        raise NodeError(f"Column {column!r} holds no dates as 2026-01-31 is one: {error}") from error


def drop_missing(rows: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    """Return the rows that have values in all the columns; in all there are if none are named."""
    named = rows.columns if columns is None else [name for name in columns if name in rows.columns]
    return rows.dropna(subset=list(named))


def forward_fill(
    rows: pd.DataFrame,
    columns: Sequence[str] | None,
    group_by: Sequence[str] = (),
    order_by: str | None = None,
) -> pd.DataFrame:
    """Return the rows with empty values filled by the last one before them in their series."""
    named = [
        n for n in (rows.columns if columns is None else columns) if n in rows.columns and n not in group_by
    ]
    ordered = _ordered(rows, order_by)
    filled = _grouped(ordered, named, group_by).ffill()
    return rows.assign(**{name: filled[name].reindex(rows.index) for name in named})


def choose(rows: pd.DataFrame, keep: Sequence[str] | None = None, drop: Sequence[str] = ()) -> pd.DataFrame:
    """Return some of the columns: those to keep, less those to drop."""
    kept = rows.columns if keep is None else [name for name in keep if name in rows.columns]
    return rows[[name for name in kept if name not in drop]]


def lags(
    rows: pd.DataFrame,
    columns: Sequence[str],
    lags: Sequence[int],
    group_by: Sequence[str] = (),
    order_by: str | None = None,
) -> pd.DataFrame:
    """Return the rows with the values some rows ago of their series, as `sold_lag_7`."""
    require(rows, [*columns, *group_by])
    groups = _grouped(_ordered(rows, order_by), list(columns), group_by)
    shifted = {lag: groups.shift(lag).reindex(rows.index) for lag in lags}
    return rows.assign(**{f"{name}_lag_{lag}": shifted[lag][name] for name in columns for lag in lags})


def rolling(
    rows: pd.DataFrame,
    columns: Sequence[str],
    windows: Sequence[int],
    statistics: Sequence[str],
    *,
    group_by: Sequence[str] = (),
    order_by: str | None = None,
) -> pd.DataFrame:
    """Return the rows with statistics of the rows before them, as `sold_mean_7`.

    A row's own value is never part of its windows: it may be what is to be predicted.
    """
    require(rows, [*columns, *group_by])
    ordered = _ordered(rows, order_by)
    before = _grouped(ordered, list(columns), group_by).shift(1)
    keys = [ordered[name] for name in group_by]
    made = {}
    for name in columns:
        for window in windows:
            for statistic in statistics:
                series = before[name]
                views = series.groupby(keys, dropna=False).rolling(window) if keys else series.rolling(window)
                values = getattr(views, statistic)()
                values.index = values.index.get_level_values(-1)
                made[f"{name}_{statistic}_{window}"] = values.reindex(rows.index)
    return rows.assign(**made)


def calendar(rows: pd.DataFrame, column: str, parts: Sequence[str]) -> pd.DataFrame:
    """Return the rows with parts of a date as whole numbers, as `date_month`; Monday is weekday 0."""
    dates = pd.DatetimeIndex(dates_of(rows, column))
    if dates.hasnans:
        raise NodeError(f"Column {column!r} has empty dates: drop those rows with `missing_values` first.")
    made = {f"{column}_{part}": np.asarray(CALENDAR_PARTS[part](dates), dtype=np.int64) for part in parts}
    return rows.assign(**made)


def holidays(rows: pd.DataFrame, column: str, country: str, subdivision: str | None = None) -> pd.DataFrame:
    """Return the rows with whether the date is a public holiday, 0 or 1, as `date_is_holiday`."""
    dates = dates_of(rows, column)
    years = sorted({int(year) for year in dates.dt.year.dropna()})
    try:
        known = holidays_of.country_holidays(country, subdiv=subdivision, years=years)
    except NotImplementedError as error:
        raise NodeError(f"Holidays of {country!r} {subdivision or ''} are not known: {error}") from error
    is_holiday = dates.dt.date.isin(set(known)).astype(np.int64)
    return rows.assign(**{f"{column}_is_holiday": is_holiday})


def _ordered(rows: pd.DataFrame, order_by: str | None) -> pd.DataFrame:
    if order_by is None:
        return rows
    require(rows, [order_by])
    key = dates_of(rows, order_by) if rows[order_by].dtype == object else rows[order_by]
    return rows.loc[key.sort_values(kind="stable").index]


def _grouped(rows: pd.DataFrame, columns: list[str], group_by: Sequence[str]) -> Any:
    """Return the columns by series; pandas' methods work on the groups as on a frame."""
    if not group_by:
        return rows[columns]
    return rows.groupby(list(group_by), sort=False, dropna=False)[columns]


def require(rows: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise `NodeError` unless the rows have all the columns."""
    missing = [name for name in columns if name not in rows.columns]
    if missing:
        have = ", ".join(map(str, rows.columns[:20]))
        raise NodeError(f"The rows have no column {', '.join(map(repr, missing))}; they have {have}.")


FUNCTIONS: dict[str, Callable[..., pd.DataFrame]] = {
    "drop_missing": drop_missing,
    "forward_fill": forward_fill,
    "choose": choose,
    "lags": lags,
    "rolling": rolling,
    "calendar": calendar,
    "holidays": holidays,
}
