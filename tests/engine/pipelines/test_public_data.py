"""Every preparing node and every model beside plain scikit-learn, on data that scikit-learn ships."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import (
    cluster,
    datasets,
    ensemble,
    feature_selection,
    impute,
    linear_model,
    metrics,
    preprocessing,
    tree,
)
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

from siprems_engine.pipelines.nodes import encoding, missing_values, scaling, transform
from siprems_engine.pipelines.nodes import feature_selection as selection
from siprems_engine.pipelines.registry import registry
from siprems_engine.pipelines.results import RunResult
from siprems_engine.pipelines.runner import run
from tests.engine.pipelines.houses import SOURCE, Frames, body, node

# One of numbers, one of three classes and one of two.
SETS = {
    "diabetes": datasets.load_diabetes,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
}
SPLIT = node("split", target="y", random_state=1)
# The agreement asked for; most of the time it is exact.
EXACT = {"rtol": 1e-12, "atol": 1e-12}


@cache
def rows(name: str) -> pd.DataFrame:
    """The eight features that vary most in kind, and the target `y`, which is text where it is classes."""
    loaded = SETS[name](as_frame=True)
    target = loaded.target if name == "diabetes" else loaded.target.map(lambda place: f"class {place}")
    return loaded.data.iloc[:, :8].assign(y=target)


def names_of(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name != "y"]


def standardized(frame: pd.DataFrame) -> pd.DataFrame:
    """Features of mean 0 and deviation 1, on which a logistic regression ends soon."""
    features = frame[names_of(frame)]
    return frame.assign(**((features - features.mean()) / features.std()))


def parts(frame: pd.DataFrame) -> list[pd.DataFrame]:
    return [part.sort_index() for part in train_test_split(frame, test_size=0.25, random_state=1)]


def ran(frame: pd.DataFrame, *nodes: Any) -> RunResult:
    result = run(body(SOURCE, *nodes), Frames(houses=frame))
    assert result.success, result.as_json()
    return result


def table(frame: pd.DataFrame, *nodes: Any) -> pd.DataFrame:
    (made,) = ran(frame, *nodes, node("export")).exports.values()
    return made.frame


def with_holes(frame: pd.DataFrame) -> pd.DataFrame:
    """A tenth of the features unknown."""
    features = frame[names_of(frame)]
    return frame.assign(**features.mask(np.random.default_rng(3).random(features.shape) < 0.1))


def with_kinds(frame: pd.DataFrame) -> pd.DataFrame:
    """Two features as texts of four and five kinds."""
    first, second = names_of(frame)[:2]
    kinds = {
        first: pd.qcut(frame[first], 4, labels=list("abcd")).astype(object),
        second: pd.cut(frame[second], 5, labels=list("vwxyz")).astype(object),
    }
    return frame.assign(**kinds)


IMPUTERS = {
    "mean": impute.SimpleImputer(strategy="mean"),
    "median": impute.SimpleImputer(strategy="median"),
    "mode": impute.SimpleImputer(strategy="most_frequent"),
    "constant": impute.SimpleImputer(strategy="constant", fill_value=-1.0),
    "knn": impute.KNNImputer(),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("strategy", IMPUTERS)
def test_missing_values(name: str, strategy: str) -> None:
    frame = with_holes(rows(name))
    features = names_of(frame)
    more = {"fill_value": -1.0} if strategy == "constant" else {}
    made = table(frame, node("missing_values", strategy=strategy, columns=features, **more), SPLIT)
    expected = IMPUTERS[strategy].fit(parts(frame)[0][features]).transform(frame[features])
    np.testing.assert_allclose(made[features], expected, **EXACT)


@pytest.mark.parametrize("name", SETS)
def test_missing_values_of_rows(name: str) -> None:
    frame = with_holes(rows(name))
    pd.testing.assert_frame_equal(table(frame, node("missing_values", strategy="drop")), frame.dropna())
    features = names_of(frame)
    filled = table(frame, node("missing_values", strategy="ffill", columns=features))
    pd.testing.assert_frame_equal(filled[features], frame[features].ffill())


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", encoding.METHODS)
def test_encoding(name: str, method: str) -> None:
    frame = with_kinds(rows(name))
    train, test = parts(frame)
    columns = names_of(frame)[:2]
    orders = [list("dcba"), list("zyxwv")]
    more = {"categories": dict(zip(columns, orders, strict=True))} if method == "ordinal" else {}
    folds = (KFold if name == "diabetes" else StratifiedKFold)(5, shuffle=True, random_state=0)
    by_hand = {
        "one_hot": preprocessing.OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
        "label": preprocessing.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        "ordinal": preprocessing.OrdinalEncoder(categories=orders),
        "target": preprocessing.TargetEncoder(
            cv=folds, target_type="continuous" if name == "diabetes" else "auto"
        ),
    }[method]
    made = table(frame, node("encoding", method=method, columns=columns, **more), SPLIT)
    expected = by_hand.fit_transform(train[columns], train["y"])
    replaced = [each for each in made if each not in names_of(frame)[2:] and each != "y"]
    np.testing.assert_allclose(made.loc[train.index, replaced], expected, **EXACT)
    np.testing.assert_allclose(made.loc[test.index, replaced], by_hand.transform(test[columns]), **EXACT)


SCALERS = {
    "standard": preprocessing.StandardScaler,
    "minmax": preprocessing.MinMaxScaler,
    "robust": preprocessing.RobustScaler,
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", SCALERS)
def test_scaling(name: str, method: str) -> None:
    frame = rows(name)
    features = names_of(frame)
    made = table(frame, node("scaling", method=method, columns=features), SPLIT)
    expected = SCALERS[method]().fit(parts(frame)[0][features]).transform(frame[features])
    np.testing.assert_allclose(made[features], expected, **EXACT)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", transform.METHODS)
def test_transform(name: str, method: str) -> None:
    frame = rows(name)
    features = names_of(frame)
    # Logarithms and Box-Cox bear neither 0 nor less.
    frame = frame.assign(**(frame[features] - frame[features].min() + 1))
    train = parts(frame)[0]
    made = table(frame, node("transform", method=method, columns=features), SPLIT)
    functions: dict[str, Callable[[Any], Any]] = {"log": np.log, "sqrt": np.sqrt}
    if method in functions:
        expected = functions[method](frame[features])
    else:
        power = preprocessing.PowerTransformer(method=method.replace("_", "-"), standardize=False)
        expected = power.fit(train[features]).transform(frame[features])
    np.testing.assert_allclose(made[features], expected, **EXACT)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", selection.METHODS)
def test_selection(name: str, method: str) -> None:
    if (name, method) == ("diabetes", "chi_square"):
        # It scores classes only; that it says so is tested elsewhere.
        name = "wine"
    frame = standardized(rows(name)) if method == "rfe" else rows(name)
    features, numbers = names_of(frame), name == "diabetes"
    train = parts(frame)[0]
    f_score = feature_selection.f_regression if numbers else feature_selection.f_classif
    mutual = feature_selection.mutual_info_regression if numbers else feature_selection.mutual_info_classif
    linear = linear_model.LinearRegression() if numbers else linear_model.LogisticRegression(max_iter=1000)
    scored = {
        "chi_square": lambda: feature_selection.chi2(train[features], train["y"])[0],
        "f_score": lambda: f_score(train[features], train["y"])[0],
        "mutual_info": lambda: mutual(train[features], train["y"], random_state=0),
        "rfe": lambda: (
            feature_selection.RFE(linear, n_features_to_select=3)
            .fit(train[features], train["y"])
            .ranking_.astype(float)
        ),
    }[method]()
    result = ran(frame, node("feature_selection", method=method, k=3), SPLIT)
    told = result.results[1].output
    np.testing.assert_allclose([told["scores"][each] for each in features], scored, **EXACT)
    best = np.argsort(-scored if method != "rfe" else scored, kind="stable")[:3]
    assert sorted(told["kept"]) == sorted(np.array(features)[best])


MODELS: dict[str, dict[str, Any]] = {
    "numbers": {
        "linear_regression": linear_model.LinearRegression,
        "decision_tree": lambda: tree.DecisionTreeRegressor(random_state=0),
        "random_forest": lambda: ensemble.RandomForestRegressor(20, random_state=0),
        "gradient_boosting": lambda: ensemble.GradientBoostingRegressor(n_estimators=20, random_state=0),
    },
    "classes": {
        "logistic_regression": lambda: linear_model.LogisticRegression(max_iter=1000, random_state=0),
        "decision_tree": lambda: tree.DecisionTreeClassifier(random_state=0),
        "random_forest": lambda: ensemble.RandomForestClassifier(20, random_state=0),
        "gradient_boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=20, random_state=0),
    },
}
TREES = {"random_forest": {"n_estimators": 20}, "gradient_boosting": {"n_estimators": 20}}


@pytest.mark.parametrize(
    ("name", "model"),
    [(name, model) for name in SETS for model in MODELS["numbers" if name == "diabetes" else "classes"]],
)
def test_models(name: str, model: str) -> None:
    frame = standardized(rows(name)) if model == "logistic_regression" else rows(name)
    features, numbers = names_of(frame), name == "diabetes"
    train, test = parts(frame)
    by_hand = MODELS["numbers" if numbers else "classes"][model]().fit(train[features], train["y"])
    result = ran(frame, SPLIT, node(model, **TREES.get(model, {})))
    (fitted,) = result.models.values()
    expected, predicted = by_hand.predict(test[features]), fitted.predict(test[features])
    told = result.results[-1].output["metrics"]
    if numbers:
        np.testing.assert_allclose(predicted, expected, **EXACT)
        assert told["test_r2"] == pytest.approx(metrics.r2_score(test["y"], expected), rel=1e-12)
        rmse = metrics.root_mean_squared_error(test["y"], expected)
        assert told["test_rmse"] == pytest.approx(rmse, rel=1e-12)
    else:
        assert list(predicted) == list(expected)
        chances = by_hand.predict_proba(test[features])
        np.testing.assert_allclose(fitted.model.predict_proba(test[features]), chances, **EXACT)
        assert told["accuracy"] == pytest.approx(metrics.accuracy_score(test["y"], expected), rel=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_groups(name: str) -> None:
    frame = rows(name).drop(columns="y")
    by_hand = cluster.KMeans(3, n_init=10, random_state=0).fit(frame)
    result = ran(frame, node("k_means", n_clusters=3), node("export"))
    (made,) = result.exports.values()
    np.testing.assert_array_equal(made.frame["cluster"], by_hand.labels_)
    told = result.results[1].output["metrics"]["inertia"]
    assert told == pytest.approx(by_hand.inertia_, rel=1e-12)


def test_no_preparing_node_and_no_model_is_left_out() -> None:
    kinds = {each.node_type: each.category for each in registry().values()}
    models = {*MODELS["numbers"], *MODELS["classes"], "k_means"}
    assert {name for name, category in kinds.items() if category == "model"} == models
    preparing = {"missing values", "encoding", "scaling", "transform"}
    assert {name for name, category in kinds.items() if category in preparing} == {
        "missing_values",
        "encoding",
        "scaling",
        "transform",
    }
    assert set(missing_values.STRATEGIES) == {*IMPUTERS, "drop", "ffill"}
    assert set(scaling.NODE.properties["method"]["enum"]) == set(SCALERS)
