"""Fitted pipelines as files."""

from __future__ import annotations

import io
import pickle
import zipfile
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LinearRegression

from siprems_engine.pipelines import CorruptArtifact, NodeError, artifact
from siprems_engine.pipelines.fitted import FittedPipeline
from siprems_engine.pipelines.runner import run
from tests.engine.pipelines.houses import SOURCE, SPLIT, Frames, body, houses, node

CLASSES = {"target": "city", "method": "stratified", "random_state": 3}
PREPARED = [
    node("missing_values", strategy="knn", columns=["area"]),
    node("encoding", method="target", columns=["city"]),
    node("transform", method="yeo_johnson", columns=["area"]),
    node("scaling", method="robust"),
]
PIPELINES: dict[str, list[Any]] = {
    model: [*PREPARED, SPLIT, node(model)]
    for model in ("linear_regression", "decision_tree", "random_forest", "gradient_boosting", "k_means")
}
PIPELINES |= {
    f"{model} of classes": [node("missing_values", strategy="drop"), node("split", **CLASSES), node(model)]
    for model in ("logistic_regression", "decision_tree", "random_forest", "gradient_boosting")
}
PIPELINES["every other step"] = [
    node("missing_values", strategy="ffill", columns=["area"]),
    node("missing_values", strategy="drop"),
    node("missing_values", strategy="mode", columns=["city"]),
    node("encoding", method="ordinal", columns=["city"], categories={"city": ["Izmir", "Ankara", "Bursa"]}),
    node("transform", method="log", columns=["price", "area"]),
    node("lags", columns=["age"], lags=[1]),
    node("rolling", columns=["age"], windows=[2], statistics=["max"]),
    node("missing_values", strategy="mean"),
    node("scaling", method="minmax"),
    node("feature_selection", method="rfe", k=3),
    SPLIT,
    node("linear_regression"),
]


def fitted_by(nodes: list[Any]) -> FittedPipeline:
    result = run(body(SOURCE, *nodes), Frames(houses=houses(80)))
    assert result.success, result.as_json()
    return next(iter(result.models.values()))


@pytest.mark.parametrize("name", PIPELINES)
def test_a_file_predicts_what_the_fitted_pipeline_does(name: str) -> None:
    fitted = fitted_by(PIPELINES[name])
    loaded = artifact.from_bytes(artifact.to_bytes(fitted))
    rows = houses(30).drop(columns=[fitted.target])
    pd.testing.assert_series_equal(fitted.predict(rows), loaded.predict(rows))
    assert len(fitted.predict(rows)) > 20


def test_predictions_are_in_the_units_of_the_source_and_on_the_index_of_the_rows() -> None:
    log = node("transform", method="log", columns=["price"])
    fitted = fitted_by([node("columns", keep=["age", "price"]), log, SPLIT, node("linear_regression")])
    rows = houses(10).set_axis(list("abcdefghij"))
    predicted = fitted.predict(rows)
    assert list(predicted.index) == list("abcdefghij")
    np.testing.assert_allclose(np.log(predicted), fitted.model.predict(rows[["age"]]))


def test_classes_come_back_as_texts() -> None:
    numbered = node("encoding", method="label", columns=["city"])
    drop, split = node("missing_values", strategy="drop"), node("split", **CLASSES)
    fitted = fitted_by([drop, numbered, split, node("decision_tree")])
    assert fitted.task == "classification"
    known = houses(80).dropna()
    assert (fitted.predict(known) == known["city"]).mean() > 0.7


def test_new_rows_without_a_column_are_refused_by_name() -> None:
    fitted = fitted_by(PIPELINES["linear_regression"])
    with pytest.raises(NodeError, match="no column 'area'"):
        fitted.predict(houses(5).drop(columns="area"))


class Strange:
    """A type that nobody trusts."""

    def __init__(self) -> None:
        self.value = 1


def test_types_that_are_not_trusted_are_refused() -> None:
    with pytest.raises(CorruptArtifact, match="Strange"):
        artifact.from_bytes(artifact.to_bytes(FittedPipeline(model=Strange())))


def test_a_callable_of_the_system_is_refused() -> None:
    import os

    with pytest.raises(CorruptArtifact, match="system"):
        artifact.from_bytes(artifact.to_bytes(FittedPipeline(model=os.system)))


def other_zip() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as file:
        file.writestr("schema.json", "{}")
    return kept.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"nothing", pickle.dumps(1), other_zip(), skops.io.dumps(LinearRegression())],
    ids=["empty", "text", "pickle", "other zip", "bare model"],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptArtifact):
        artifact.from_bytes(data)
