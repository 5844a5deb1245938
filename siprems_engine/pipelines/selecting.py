"""Scores of features on the training part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_selection import (
    RFE,
    chi2,
    f_classif,
    f_regression,
    mutual_info_classif,
    mutual_info_regression,
)
from sklearn.linear_model import LinearRegression, LogisticRegression

from siprems_engine.pipelines.errors import NodeError
from siprems_engine.pipelines.table import Table, numeric_features
from siprems_engine.pipelines.target import is_classification, training_target


@dataclass(frozen=True)
class Selection:
    """Names kept, in their order, and what each feature scored (by `rfe` its rank, 1 = kept)."""

    kept: list[str]
    scores: dict[str, float | None]


def select(table: Table, method: str, k: int, seed: int) -> Selection:
    """Score the features and keep the `k` best; raises `NodeError` where the method cannot score them."""
    names = numeric_features(table)
    rows = table.train[names].astype(float)
    if rows.isna().any().any():
        raise NodeError("Features have empty values: put a `missing_values` node before.")
    target, classes = training_target(table), is_classification(table)
    if method == "rfe":
        return _eliminate(rows, target, classes, k)
    scores = _scores(rows, target, classes, method, seed)
    # Ties go to the later column, as in scikit-learn's SelectKBest.
    best = np.argsort(np.nan_to_num(scores, nan=-np.inf), kind="stable")[-k:]
    kept = [names[place] for place in sorted(best)]
    return Selection(kept, dict(zip(names, map(_plain, scores), strict=True)))


def _scores(rows: pd.DataFrame, target: Any, classes: bool, method: str, seed: int) -> Any:
    if method == "chi_square":
        if not classes:
            raise NodeError("Chi-square needs classes to predict; use f_score or mutual_info for numbers.")
        if (rows < 0).any().any():
            raise NodeError("Chi-square needs features that are not negative: scale them with `minmax`.")
        return chi2(rows, target)[0]
    if method == "f_score":
        return (f_classif if classes else f_regression)(rows, target)[0]
    return (mutual_info_classif if classes else mutual_info_regression)(rows, target, random_state=seed)


def _eliminate(rows: pd.DataFrame, target: Any, classes: bool, k: int) -> Selection:
    model = LogisticRegression(max_iter=1000) if classes else LinearRegression()
    chosen = RFE(model, n_features_to_select=min(k, rows.shape[1])).fit(rows, target)
    kept = [name for name, stays in zip(rows.columns, chosen.support_, strict=True) if stays]
    return Selection(kept, dict(zip(rows.columns, map(float, chosen.ranking_), strict=True)))


def _plain(score: Any) -> float | None:
    return float(score) if math.isfinite(score) else None
