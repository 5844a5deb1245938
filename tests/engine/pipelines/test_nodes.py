"""Each node beside the same done with scikit-learn or pandas."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import ensemble, feature_selection, impute, linear_model, metrics, preprocessing, tree
from sklearn.cluster import KMeans
from sklearn.inspection import permutation_importance
from sklearn.model_selection import KFold, train_test_split

from siprems_engine.pipelines.nodes import encoding, missing_values, transform
from siprems_engine.pipelines.nodes import feature_selection as selection
from siprems_engine.pipelines.results import RunResult
from siprems_engine.pipelines.runner import run
from tests.engine.pipelines.houses import SOURCE, SPLIT, Frames, body, houses, node

FULL = houses().dropna(ignore_index=True)


def parts(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Training and test part in the order of the rows: folds, bootstraps and ties go by the order."""
    return [part.sort_index() for part in train_test_split(rows, test_size=0.25, random_state=1)]


TRAIN, TEST = parts(FULL)
NUMBERS = ["area", "age"]
SORTED = [node("columns", keep=["area", "age", "price"])]


def ran(*nodes: Any, rows: pd.DataFrame = FULL) -> RunResult:
    result = run(body(SOURCE, *nodes), Frames(houses=rows))
    assert result.success, result.as_json()
    json.dumps(result.as_json(), allow_nan=False)
    return result


def table(*nodes: Any, rows: pd.DataFrame = FULL) -> pd.DataFrame:
    """The rows after the nodes."""
    (made,) = ran(*nodes, node("export"), rows=rows).exports.values()
    return made.frame


def test_a_target_of_whole_numbers_is_encoded_as_one_column() -> None:
    rows = FULL.assign(price=FULL["price"].round())
    made = table(node("encoding", method="target", columns=["city"]), SPLIT, rows=rows)
    assert set(made.columns) == set(FULL.columns)


SIMPLE = {
    "mean": impute.SimpleImputer(strategy="mean"),
    "median": impute.SimpleImputer(strategy="median"),
    "mode": impute.SimpleImputer(strategy="most_frequent"),
    "constant": impute.SimpleImputer(strategy="constant", fill_value=-3.0),
    "knn": impute.KNNImputer(n_neighbors=5),
}


@pytest.mark.parametrize("strategy", SIMPLE)
def test_missing_values_are_filled_from_the_training_part(strategy: str) -> None:
    rows = houses()
    train, _ = parts(rows)
    extra = {"fill_value": -3.0} if strategy == "constant" else {}
    made = table(node("missing_values", strategy=strategy, columns=NUMBERS, **extra), SPLIT, rows=rows)
    expected = SIMPLE[strategy].fit(train[NUMBERS]).transform(rows[NUMBERS])
    np.testing.assert_allclose(made[NUMBERS], expected)


def test_missing_values_are_dropped_or_filled_forward() -> None:
    rows = houses()
    pd.testing.assert_frame_equal(table(node("missing_values", strategy="drop"), rows=rows), rows.dropna())
    filled = table(node("missing_values", strategy="ffill", group_by=["city"], order_by="age"), rows=rows)
    by_hand = rows.sort_values("age", kind="stable").groupby("city")["area"].ffill().sort_index()
    pd.testing.assert_series_equal(filled["area"], by_hand)
    assert set(missing_values.STRATEGIES) == {*SIMPLE, "drop", "ffill"}


@pytest.mark.parametrize("method", encoding.METHODS)
def test_encodings(method: str) -> None:
    order = ["Izmir", "Ankara", "Bursa"]
    extra = {"categories": {"city": order}} if method == "ordinal" else {}
    made = table(node("encoding", method=method, columns=["city"], **extra), SPLIT)
    by_hand = {
        "one_hot": preprocessing.OneHotEncoder(sparse_output=False),
        "label": preprocessing.OrdinalEncoder(),
        "ordinal": preprocessing.OrdinalEncoder(categories=[order]),
        "target": preprocessing.TargetEncoder(cv=KFold(5, shuffle=True, random_state=0)),
    }[method]
    train = by_hand.fit_transform(TRAIN[["city"]], TRAIN["price"])
    names = [name for name in made if name.startswith("city")]
    np.testing.assert_allclose(made.loc[TRAIN.index, names], train)
    np.testing.assert_allclose(made.loc[TEST.index, names], by_hand.transform(TEST[["city"]]))


def test_what_training_has_not_seen_is_encoded_all_the_same() -> None:
    rows = FULL.assign(city=np.where(FULL.index == TEST.index[0], "Van", FULL["city"]))
    one_hot = table(node("encoding", method="one_hot", columns=["city"]), SPLIT, rows=rows).loc[TEST.index[0]]
    assert "city_Van" not in one_hot
    assert one_hot[["city_Ankara", "city_Bursa", "city_Izmir"]].sum() == 0
    assert (
        table(node("encoding", method="label", columns=["city"]), SPLIT, rows=rows).loc[TEST.index[0], "city"]
        == -1
    )


@pytest.mark.parametrize("method", transform.METHODS)
def test_transforms(method: str) -> None:
    made = table(node("transform", method=method, columns=["area"]), SPLIT)["area"]
    if method in ("log", "sqrt"):
        expected = np.log(FULL["area"]) if method == "log" else np.sqrt(FULL["area"])
    else:
        power = preprocessing.PowerTransformer(method=method.replace("_", "-"), standardize=False)
        expected = power.fit(TRAIN[["area"]]).transform(FULL[["area"]]).ravel()
    np.testing.assert_allclose(made, expected)


@pytest.mark.parametrize(
    ("method", "scaler"),
    [
        ("standard", preprocessing.StandardScaler()),
        ("minmax", preprocessing.MinMaxScaler()),
        ("robust", preprocessing.RobustScaler()),
    ],
)
def test_scalings(method: str, scaler: Any) -> None:
    made = table(node("scaling", method=method, columns=NUMBERS), SPLIT)
    np.testing.assert_allclose(made[NUMBERS], scaler.fit(TRAIN[NUMBERS]).transform(FULL[NUMBERS]))


@pytest.mark.parametrize("method", selection.METHODS)
def test_selections(method: str) -> None:
    rng = np.random.default_rng(1)
    rows = FULL.assign(noise=rng.uniform(0, 1, len(FULL)), dear=np.where(FULL["price"] > 350, "yes", "no"))
    target = "dear" if method == "chi_square" else "price"
    rows = rows.drop(columns=["city", "price" if target == "dear" else "dear"])
    train, _ = parts(rows)
    made = table(
        node("feature_selection", method=method, k=2), node("split", target=target, random_state=1), rows=rows
    )
    features = train.drop(columns=target)
    by_hand = {
        "chi_square": feature_selection.SelectKBest(feature_selection.chi2, k=2),
        "f_score": feature_selection.SelectKBest(feature_selection.f_regression, k=2),
        "rfe": feature_selection.RFE(linear_model.LinearRegression(), n_features_to_select=2),
        "mutual_info": feature_selection.SelectKBest(
            lambda X, y: feature_selection.mutual_info_regression(X, y, random_state=0), k=2
        ),
    }[method].fit(features, train[target])
    assert sorted(made) == sorted([*features.columns[by_hand.get_support()], target])


SERIES = pd.DataFrame(
    {
        "date": pd.date_range("2026-01-01", periods=6).repeat(2),
        "sku": ["a", "b"] * 6,
        "sold": np.arange(12.0),
    }
)


def test_lags_and_rolling_windows_keep_to_their_series_and_to_the_past() -> None:
    shuffled = SERIES.sample(frac=1, random_state=1).reset_index(drop=True)
    made = table(
        node("lags", columns=["sold"], lags=[1, 2], group_by=["sku"], order_by="date"),
        node(
            "rolling", columns=["sold"], windows=[2], statistics=["mean"], group_by=["sku"], order_by="date"
        ),
        rows=shuffled,
    )
    a = made[made["sku"] == "a"].sort_values("date")
    np.testing.assert_array_equal(a["sold"], [0, 2, 4, 6, 8, 10])
    np.testing.assert_array_equal(a["sold_lag_1"], [np.nan, 0, 2, 4, 6, 8])
    np.testing.assert_array_equal(a["sold_lag_2"], [np.nan, np.nan, 0, 2, 4, 6])
    np.testing.assert_array_equal(a["sold_mean_2"], [np.nan, np.nan, 1, 3, 5, 7])


def test_calendar_and_holidays() -> None:
    rows = pd.DataFrame({"date": ["2026-04-23", "2026-04-24", "2026-04-25"]})
    made = table(
        node("calendar", column="date", parts=["month", "weekday", "is_weekend", "week"]),
        node("holidays", column="date", country="TR"),
        rows=rows,
    )
    assert made.drop(columns="date").to_numpy().tolist() == [
        [4, 3, 0, 17, 1],
        [4, 4, 0, 17, 0],
        [4, 5, 1, 17, 0],
    ]


def test_a_split_by_time_keeps_moments_together_and_the_last_for_the_test() -> None:
    result = ran(
        node("split", target="sold", method="time", time_column="date", test_size=0.2),
        node("columns", drop=["sku"]),
        node("calendar", column="date", parts=["day"]),
        node("linear_regression"),
        node("predictions"),
        node("export"),
        rows=SERIES,
    )
    (made,) = result.exports.values()
    assert set(made.frame.loc[made.frame["part"] == "test", "date"]) == set(SERIES["date"].iloc[-4:])


def test_a_stratified_split_keeps_the_shares() -> None:
    rows = pd.DataFrame({"y": ["rare"] * 8 + ["usual"] * 32, "x": range(40)})
    result = ran(
        node("split", target="y", method="stratified"),
        node("decision_tree"),
        node("confusion_matrix"),
        rows=rows,
    )
    assert np.sum(result.results[-1].output["matrix"], axis=1).tolist() == [2, 8]


REGRESSORS = {
    "linear_regression": linear_model.LinearRegression(),
    "decision_tree": tree.DecisionTreeRegressor(random_state=0),
    "random_forest": ensemble.RandomForestRegressor(random_state=0),
    "gradient_boosting": ensemble.GradientBoostingRegressor(random_state=0),
}


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressions_and_their_evaluation(name: str) -> None:
    model = REGRESSORS[name].fit(TRAIN[NUMBERS], TRAIN["price"])
    evaluations = [node("metrics"), node("residuals"), node("permutation_importance", n_repeats=2)]
    result = ran(*SORTED, SPLIT, node(name), *evaluations)
    told, again, residuals, importance = (r.output for r in result.results[3:])
    errors = TEST["price"] - model.predict(TEST[NUMBERS])
    assert told["metrics"]["test_rmse"] == pytest.approx(np.sqrt(np.mean(errors**2)))
    assert told["metrics"]["train_r2"] == pytest.approx(model.score(TRAIN[NUMBERS], TRAIN["price"]))
    assert again["metrics"] == told["metrics"]
    assert residuals["mean"] == pytest.approx(errors.mean())
    np.testing.assert_allclose(sorted(residuals["points"]["residual"]), sorted(errors), atol=1e-9)
    assert [entry["feature"] for entry in importance["importances"]] == NUMBERS
    by_hand = permutation_importance(model, TEST[NUMBERS], TEST["price"], n_repeats=2, random_state=0)
    np.testing.assert_allclose(
        [e["mean"] for e in importance["importances"]], by_hand.importances_mean, rtol=1e-6
    )


CLASSIFIERS = {
    "logistic_regression": linear_model.LogisticRegression(max_iter=1000),
    "decision_tree": tree.DecisionTreeClassifier(random_state=0),
    "random_forest": ensemble.RandomForestClassifier(random_state=0),
    "gradient_boosting": ensemble.GradientBoostingClassifier(random_state=0),
}


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifications(name: str, classes: int) -> None:
    kind = pd.qcut(FULL["price"], classes, labels=["a", "b", "c"][:classes]).astype(object)
    rows = FULL[NUMBERS].assign(kind=kind)
    train, test = parts(rows)
    model = CLASSIFIERS[name].fit(train[NUMBERS], train["kind"])
    told = ran(node("split", target="kind", random_state=1), node(name), rows=rows).results[-1].output
    chances, predicted = model.predict_proba(test[NUMBERS]), model.predict(test[NUMBERS])
    how = {"average": "binary", "pos_label": "b"} if classes == 2 else {"average": "weighted"}
    auc = metrics.roc_auc_score(test["kind"], chances[:, 1] if classes == 2 else chances, multi_class="ovr")
    assert told["task"] == "classification"
    assert told["metrics"] == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(test["kind"], predicted),
            "precision": metrics.precision_score(test["kind"], predicted, **how),
            "recall": metrics.recall_score(test["kind"], predicted, **how),
            "f1": metrics.f1_score(test["kind"], predicted, **how),
            "roc_auc": auc,
            "train_accuracy": model.score(train[NUMBERS], train["kind"]),
        }
    )


def test_k_means() -> None:
    rows = FULL[NUMBERS]
    result = ran(node("k_means", n_clusters=3), node("export"), rows=rows)
    by_hand = KMeans(3, n_init=10, random_state=0).fit(rows)
    (made,) = result.exports.values()
    np.testing.assert_array_equal(made.frame["cluster"], by_hand.labels_)
    assert result.results[1].output["metrics"]["inertia"] == pytest.approx(by_hand.inertia_)


def test_a_profile_tells_what_pandas_does() -> None:
    rows = houses()
    told = ran(node("profile"), rows=rows).results[1].output
    by_name = {column["name"]: column for column in told["columns"]}
    assert {name: column["type"] for name, column in by_name.items()} == {
        "area": "number", "age": "integer", "city": "text", "price": "number",
    }  # fmt: skip
    assert by_name["area"]["missing"] == 20
    assert by_name["age"]["distinct"] == rows["age"].nunique()
    assert by_name["price"]["quantiles"]["0.5"] == pytest.approx(rows["price"].median())
    assert sum(by_name["area"]["histogram"]["counts"]) == 180
    counts = rows["city"].value_counts()
    assert [(top["value"], top["count"]) for top in by_name["city"]["top"]] == list(counts.items())
    expected = rows[["area", "age", "price"]].corr()
    np.testing.assert_allclose(told["correlations"]["matrix"], expected)


def test_validation_reports_every_broken_rule() -> None:
    rules = {
        "not_null": ["area"],
        "unique": ["age"],
        "ranges": {"age": {"min": 10}},
        "allowed": {"city": ["Izmir"]},
    }
    rows = houses()
    told = ran(node("validate", on_failure="report", **rules), rows=rows).results[1].output
    assert told["valid"] is False
    assert {failure["rule"]: failure["rows"] for failure in told["failures"]} == {
        "not_null": 20,
        "unique": len(rows) - rows["age"].nunique(),
        "ranges": int((rows["age"] < 10).sum()),
        "allowed": int((rows["city"] != "Izmir").sum()),
    }
    assert (
        ran(node("validate", columns=["age"], not_null=["price"]), rows=rows).results[1].output["valid"]
        is True
    )
