"""Fitting a model on the training part and judging it on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.scores import classification_scores, regression_scores
from siprems_engine.pipelines.table import Table, numeric_features
from siprems_engine.pipelines.target import is_classification, target_of, training_target


def task_of(table: Table, wanted: str) -> str:
    """Return "regression" or "classification"; raises `NodeError` for numbers wanted of texts."""
    classes = is_classification(table)
    if wanted == "auto":
        return "classification" if classes else "regression"
    if wanted == "regression" and target_of(table, table.frame).dtype.kind not in "iufb":
        raise NodeError(f"The target {table.target!r} holds no numbers: use a classifier.")
    return wanted


def fit_model(table: Table, model: Any, task: str, *, takes_missing: bool) -> tuple[Table, dict[str, Any]]:
    """Fit on the training rows; return the table with the model, and its metrics as plain data."""
    features = numeric_features(table)
    if not takes_missing:
        require_complete(table, features)
    target = training_target(table)
    if task == "classification" and target.nunique() < 2:
        raise NodeError(f"All training rows have the same {table.target!r}: there is nothing to tell apart.")
    model.fit(table.train[features], target)
    made = replace(table, fitted=replace(table.fitted, model=model, features=features, task=task))
    return made, {"task": task, "metrics": judge(made), "features": features, "target": table.target}


def judge(table: Table) -> dict[str, float | None]:
    """Return the metrics of the table's model on both parts."""
    scores = classification_scores if table.fitted.task == "classification" else regression_scores
    features, model = table.fitted.features, table.fitted.model
    train, test = table.train, table.test
    return scores(model, train[features], target_of(table, train), test[features], target_of(table, test))


def require_complete(table: Table, features: Sequence[str]) -> None:
    """Raise `NodeError` if a feature has empty values."""
    empty: pd.Series[Any] = table.frame[list(features)].isna().any()
    names = [str(name) for name in empty.index[empty]]
    if names:
        raise NodeError(
            f"Columns {', '.join(map(repr, names))} have empty values: put a `missing_values` node before."
        )
