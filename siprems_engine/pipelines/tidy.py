"""Frames in one form, whichever way they came."""

from __future__ import annotations

import numpy as np
import pandas as pd


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with text names, a plain index, and NaN wherever an object column is empty.

    Encoders tell None and NaN apart, and Parquet gives back the one for the other.
    """
    frame = frame.reset_index(drop=True)
    frame.columns = frame.columns.map(str)
    return filled_with_nan(frame)


def filled_with_nan(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with NaN wherever an object column is empty, and nullable types as NumPy's."""
    changed = {}
    for name in frame.columns:
        column = frame[name]
        if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            changed[name] = column.astype(object).where(column.notna(), np.nan)
        elif isinstance(column.dtype, pd.CategoricalDtype):
            changed[name] = column.astype(object)
        elif pd.api.types.is_extension_array_dtype(column.dtype) and pd.api.types.is_numeric_dtype(
            column.dtype
        ):
            changed[name] = column.astype(float) if column.isna().any() else column.astype(column.dtype.type)
    return frame.assign(**changed) if changed else frame
