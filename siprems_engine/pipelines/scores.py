"""How good predictions are, as scikit-learn has it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    mean_absolute_error,
    precision_recall_fscore_support,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

Scores = dict[str, float | None]


def regression_scores(model: Any, train: Any, train_target: Any, test: Any, test_target: Any) -> Scores:
    """Return R2, RMSE and MAE of both parts; R2 of a single row is none."""
    scores: Scores = {}
    for part, rows, target in (("train", train, train_target), ("test", test, test_target)):
        predicted = model.predict(rows)
        scores[f"{part}_r2"] = float(r2_score(target, predicted)) if len(target) > 1 else None
        scores[f"{part}_rmse"] = float(root_mean_squared_error(target, predicted))
        scores[f"{part}_mae"] = float(mean_absolute_error(target, predicted))
    return scores


def classification_scores(model: Any, train: Any, train_target: Any, test: Any, test_target: Any) -> Scores:
    """Return scores of the test part, and the accuracy of the training part.

    Of two classes, precision, recall and F1 are those of the second in order; of more, weighted means.
    """
    predicted = model.predict(test)
    two = len(model.classes_) == 2
    how = {"average": "binary", "pos_label": model.classes_[1]} if two else {"average": "weighted"}
    precision, recall, f1, _ = precision_recall_fscore_support(test_target, predicted, zero_division=0, **how)
    return {
        "accuracy": float(accuracy_score(test_target, predicted)),
        "precision": float(precision),
        "recall": float(recall),
        "f1": float(f1),
        "roc_auc": _roc_auc(model, test, test_target),
        "train_accuracy": float(accuracy_score(train_target, model.predict(train))),
    }


def _roc_auc(model: Any, rows: Any, target: Any) -> float | None:
    """None unless the test part has every class, without which the area is not defined."""
    if set(np.unique(target)) != set(model.classes_):
        return None
    chances = model.predict_proba(rows)
    if len(model.classes_) == 2:
        return float(roc_auc_score(target, chances[:, 1]))
    return float(roc_auc_score(target, chances, multi_class="ovr", labels=model.classes_))
