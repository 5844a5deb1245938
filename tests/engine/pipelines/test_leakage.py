"""A planted leak: noise that looks like knowledge to whoever learns from test rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

from siprems_engine.pipelines.fitted import FittedPipeline
from siprems_engine.pipelines.runner import run
from tests.engine.pipelines.houses import SOURCE, Frames, body, node

SPLIT = node("split", target="y", test_size=0.5, random_state=1)
LINE = node("linear_regression")


def fitted_and_score(frame: pd.DataFrame, *nodes: Any) -> tuple[FittedPipeline, float]:
    result = run(body(SOURCE, *nodes, SPLIT, LINE), Frames(houses=frame))
    assert result.success, result.as_json()
    (fitted,) = result.models.values()
    return fitted, float(result.results[-1].output["metrics"]["test_r2"])


def halves(frame: pd.DataFrame) -> list[pd.DataFrame]:
    return [part.sort_index() for part in train_test_split(frame, test_size=0.5, random_state=1)]


@pytest.fixture
def keys() -> pd.DataFrame:
    """Texts that occur twice or so, and a target that has nothing to do with them."""
    rng = np.random.default_rng(5)
    return pd.DataFrame({"key": rng.integers(0, 150, 300).astype(str), "y": rng.normal(size=300)})


def naive_score(features: pd.DataFrame, target: pd.Series) -> float:
    """Learn from the training part, after features were made of all rows."""
    train, test, train_target, test_target = train_test_split(features, target, test_size=0.5, random_state=1)
    return float(r2_score(test_target, LinearRegression().fit(train, train_target).predict(test)))


def test_target_encoding_sees_no_test_rows(keys: pd.DataFrame) -> None:
    # The mean of the target over all rows of the key, that of the row itself among them.
    leaked = keys.groupby("key")[["y"]].transform("mean")
    assert naive_score(leaked, keys["y"]) > 0.3
    _, score = fitted_and_score(keys, node("encoding", method="target", columns=["key"]))
    assert score < 0.05


def test_training_rows_are_encoded_without_their_own_target(keys: pd.DataFrame) -> None:
    result = run(
        body(SOURCE, node("encoding", method="target", columns=["key"]), SPLIT, LINE),
        Frames(houses=keys),
    )
    # With its own target a row of noise would be explained: the model would seem to know the training part.
    assert result.results[-1].output["metrics"]["train_r2"] < 0.1


@pytest.fixture
def noise() -> pd.DataFrame:
    """Many columns of noise beside a target of noise."""
    rng = np.random.default_rng(7)
    columns = {f"x{place}": rng.normal(size=80) for place in range(400)}
    return pd.DataFrame(columns).assign(y=rng.normal(size=80))


def test_selection_sees_no_test_rows(noise: pd.DataFrame) -> None:
    features = noise.drop(columns="y")
    chosen = SelectKBest(f_regression, k=5).set_output(transform="pandas").fit_transform(features, noise["y"])
    assert naive_score(chosen, noise["y"]) > 0.2
    _, score = fitted_and_score(noise, node("feature_selection", method="f_score", k=5))
    assert score < 0.05


@pytest.mark.parametrize("method", ["standard", "minmax", "robust"])
def test_scaling_sees_no_test_rows(noise: pd.DataFrame, method: str) -> None:
    frame = noise[["x0", "x1", "y"]].copy()
    train, test = halves(frame)
    # A scaler that saw them would be bent by test rows so far out.
    frame.loc[test.index, ["x0", "x1"]] += 1e9
    fitted, _ = fitted_and_score(frame, node("scaling", method=method, columns=["x0", "x1"]))
    scaler = fitted.steps[0].transformer
    middle, spread = {
        "standard": lambda: (scaler.mean_, scaler.scale_),
        "minmax": lambda: (scaler.data_min_, scaler.data_range_),
        "robust": lambda: (scaler.center_, scaler.scale_),
    }[method]()
    seen = train[["x0", "x1"]]
    expected = {
        "standard": lambda: (seen.mean(), seen.std(ddof=0)),
        "minmax": lambda: (seen.min(), seen.max() - seen.min()),
        "robust": lambda: (seen.median(), seen.quantile(0.75) - seen.quantile(0.25)),
    }[method]()
    np.testing.assert_allclose([middle, spread], expected, rtol=1e-12)


@pytest.mark.parametrize("strategy", ["mean", "median", "knn", "mode"])
def test_filling_sees_no_test_rows(noise: pd.DataFrame, strategy: str) -> None:
    frame = noise[["x0", "x1", "y"]].copy()
    train, test = halves(frame)
    frame.loc[train.index[:5], "x0"] = np.nan
    other = frame.copy()
    other.loc[test.index, ["x0", "x1", "y"]] = 1e9
    answers = []
    for rows in (frame, other):
        fitted, _ = fitted_and_score(rows, node("missing_values", strategy=strategy, columns=["x0"]))
        answers.append(fitted.predict(pd.DataFrame({"x0": [np.nan], "x1": [0.5]})).item())
    assert answers[0] == answers[1]
