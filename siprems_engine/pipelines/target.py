"""What is to be predicted: numbers or classes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.frames import require
from siprems_engine.pipelines.table import Table


def target_of(table: Table, rows: pd.DataFrame) -> pd.Series[Any]:
    """Return the target of rows; raises `NodeError` if it has empty values."""
    if table.target is None:
        raise NodeError("Nothing says what is to be predicted: add a `split` with the `target`.")
    require(rows, [table.target])
    target = rows[table.target]
    if target.isna().any():
        raise NodeError(
            f"The target {table.target!r} has {int(target.isna().sum())} empty values: put a "
            f"`missing_values` node with strategy drop and columns [{table.target!r}] before the split."
        )
    return target


def training_target(table: Table) -> pd.Series[Any]:
    """Return the target of the training rows."""
    return target_of(table, table.train)


def is_classification(table: Table) -> bool:
    """Return whether the target is classes: texts, booleans, encoded texts, or two numbers only."""
    target = target_of(table, table.frame)
    if target.dtype.kind not in "iuf":
        return True
    encoded = any(hasattr(transformer, "categories_") for transformer in table.fitted.target_transformers)
    return encoded or target.nunique() == 2
