"""A closer look at a model, on the test part."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.inspection import permutation_importance
from sklearn.metrics import confusion_matrix

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.profiling import histogram, plain, quantiles
from siprems_engine.pipelines.table import Table
from siprems_engine.pipelines.target import target_of

# As many points of a residual plot as a screen can show.
PLOT_POINTS = 1000


def confusion(table: Table) -> dict[str, Any]:
    """Return the confusion matrix: rows are what was, columns what was predicted."""
    _require_task(table, "classification")
    test, model = table.test, table.fitted.model
    predicted = model.predict(test[table.fitted.features])
    target = target_of(table, test)
    labels = sorted({*model.classes_.tolist(), *target.tolist()})
    matrix = confusion_matrix(target, predicted, labels=labels)
    return {"labels": [plain(label) for label in labels], "matrix": matrix.tolist()}


def residuals(table: Table, seed: int) -> dict[str, Any]:
    """Return what was less what was predicted: mean, deviation, quantiles, histogram, and points to plot."""
    _require_task(table, "regression")
    test = table.test
    predicted = table.fitted.model.predict(test[table.fitted.features])
    errors = target_of(table, test).to_numpy(dtype=float) - predicted
    shown = np.arange(len(errors))
    if len(errors) > PLOT_POINTS:
        shown = np.sort(np.random.default_rng(seed).choice(len(errors), PLOT_POINTS, replace=False))
    return {
        "mean": float(errors.mean()),
        "std": float(errors.std()),
        "quantiles": quantiles(errors),
        "histogram": histogram(errors),
        "points": {"predicted": predicted[shown].tolist(), "residual": errors[shown].tolist()},
    }


def importance(table: Table, repeats: int, seed: int) -> list[dict[str, Any]]:
    """Return how much worse the test score (R2 or accuracy) gets if a feature is shuffled, largest first."""
    if table.fitted.task not in ("regression", "classification"):
        raise NodeError("Permutation importance needs a model that predicts a target.")
    names, test = table.fitted.features, table.test
    found = permutation_importance(
        table.fitted.model, test[names], target_of(table, test), n_repeats=repeats, random_state=seed
    )
    told = [
        {"feature": name, "mean": float(mean), "std": float(std)}
        for name, mean, std in zip(names, found.importances_mean, found.importances_std, strict=True)
    ]
    return sorted(told, key=lambda entry: -entry["mean"])


def _require_task(table: Table, task: str) -> None:
    if table.fitted.task != task:
        raise NodeError(f"The model does {table.fitted.task}; this evaluation is for {task}.")
