"""What a table looks like, as plain data."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd

from siprems_engine.pipelines.tidy import tidy

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
BINS = 20
TOP_VALUES = 10
# Correlations of more columns fill a screen and more.
CORRELATED_COLUMNS = 50


def profile(frame: pd.DataFrame) -> dict[str, Any]:
    """Return rows, duplicates, what each column holds, and correlations of the numbers among them."""
    frame = tidy(frame)
    return {
        "rows": len(frame),
        "duplicate_rows": int(frame.astype(str).duplicated().sum()),
        "columns": [_column(str(name), frame[name]) for name in frame.columns],
        "correlations": _correlations(frame),
    }


def _column(name: str, values: pd.Series[Any]) -> dict[str, Any]:
    present = values.dropna()
    told: dict[str, Any] = {
        "name": name,
        "type": kind_of(values),
        "missing": int(values.isna().sum()),
        "distinct": int(present.astype(str).nunique() if values.dtype == object else present.nunique()),
    }
    if told["type"] in ("integer", "number"):
        numbers = present.to_numpy(dtype=float)
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers):
            told |= {"mean": float(numbers.mean()), "std": float(numbers.std())}
            told |= {"quantiles": quantiles(numbers), "histogram": histogram(numbers)}
    elif told["type"] == "date" and len(present):
        told |= {"min": present.min().isoformat(), "max": present.max().isoformat()}
    else:
        counts = present.astype(str).value_counts().head(TOP_VALUES)
        told["top"] = [{"value": str(value), "count": int(count)} for value, count in counts.items()]
    return told


def kind_of(values: pd.Series[Any]) -> str:
    """Return "integer", "number", "boolean", "date" or "text"."""
    kinds = {"i": "integer", "u": "integer", "f": "number", "b": "boolean", "M": "date"}
    return kinds.get(values.dtype.kind, "text")


def quantiles(numbers: Any) -> dict[str, float]:
    """Return quantiles of finite numbers (n,), by level."""
    values = np.quantile(numbers, QUANTILES)
    return {f"{level:g}": float(value) for level, value in zip(QUANTILES, values, strict=True)}


def histogram(numbers: Any) -> dict[str, list[float]]:
    """Return counts (b,) of finite numbers in bins of equal width, and their edges (b + 1,)."""
    counts, edges = np.histogram(numbers, bins=BINS)
    return {"counts": counts.tolist(), "edges": edges.tolist()}


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if isinstance(value, dt.date) else value


def _correlations(frame: pd.DataFrame) -> dict[str, Any]:
    numbers = [name for name in frame.columns if kind_of(frame[name]) in ("integer", "number")]
    names = numbers[:CORRELATED_COLUMNS]
    matrix = frame[names].corr().to_numpy() if names else np.zeros((0, 0))
    return {"columns": names, "matrix": [[plain(value) for value in row] for row in matrix]}
