"""Fitting transformers on the training part, and applying them to both parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from siprems_engine.pipelines.steps import ColumnsStep
from siprems_engine.pipelines.table import Table

Maker = Callable[[list[str]], Any]


def fit_columns(table: Table, columns: Sequence[str], make: Maker) -> Table:
    """Fit what `make` returns for the columns on the training rows, and transform all rows.

    The target, if among them, has a transformer of its own, whose effect predictions undo.
    """
    features = [name for name in columns if name != table.target]
    if features:
        step = ColumnsStep(features, make(features))
        frame = _fitted_and_applied(step, table)
        table = table.with_frame(frame, steps=[*table.fitted.steps, step])
    if table.target is not None and table.target in columns:
        table = _fit_target(table, table.target, make([table.target]))
    return table


def _fit_target(table: Table, name: str, transformer: Any) -> Table:
    frame = _fitted_and_applied(ColumnsStep([name], transformer), table)
    return table.with_frame(frame, target_transformers=[*table.fitted.target_transformers, transformer])


def _fitted_and_applied(step: ColumnsStep, table: Table) -> pd.DataFrame:
    train, test = table.train, table.test
    target = train[table.target] if table.target in train.columns else None
    parts = [step.fit_transform(train, target)]
    if len(test):
        parts.append(step.transform(test))
    return pd.concat(parts).loc[table.frame.index]


def with_steps_of(table: Table, frame: pd.DataFrame, step: Any) -> Table:
    """Return the table with the frame that one more step has made."""
    return replace(table.with_frame(frame), fitted=table.fitted.with_step(step))
