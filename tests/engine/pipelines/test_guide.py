"""The pipeline of the guide, beside the same written in scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from siprems_engine.pipelines.runner import run
from tests.engine.pipelines.houses import GUIDE, SOURCE, SPLIT, Frames, body, houses, node


def directly() -> Pipeline:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    prepared = ColumnTransformer(
        [
            ("area", numbers, ["area"]),
            ("age", StandardScaler(), ["age"]),
            ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ],
        sparse_threshold=0,
    )
    return make_pipeline(prepared, SelectKBest(f_regression, k=4), LinearRegression())


def test_the_guide_agrees_with_scikit_learn_fitted_on_the_training_part() -> None:
    frame = houses()
    train, test = train_test_split(frame, test_size=0.25, random_state=1)
    features = ["area", "age", "city"]
    model = directly().fit(train[features], train["price"])
    result = run(GUIDE, Frames(houses=frame))
    assert result.success
    output = result.results[-1].output
    expected = {
        "train_r2": r2_score(train["price"], model.predict(train[features])),
        "test_r2": r2_score(test["price"], model.predict(test[features])),
        "train_rmse": root_mean_squared_error(train["price"], model.predict(train[features])),
        "test_rmse": root_mean_squared_error(test["price"], model.predict(test[features])),
    }
    assert {name: output["metrics"][name] for name in expected} == pytest.approx(expected, rel=1e-9)
    predicted = result.models[output["model_id"]].predict(frame[features].head(20))
    np.testing.assert_allclose(predicted, model.predict(frame[features].head(20)), rtol=1e-9)


def test_the_answer_has_one_entry_for_each_node() -> None:
    answer = json.loads(json.dumps(run(GUIDE, Frames(houses=houses())).as_json(), allow_nan=False))
    assert (answer["success"], answer["pipeline_name"]) == (True, "houses")
    assert [entry["node_type"] for entry in answer["results"]] == [n["node_type"] for n in GUIDE["pipeline"]]
    assert {entry["status"] for entry in answer["results"]} == {"success"}
    assert answer["results"][0]["columns"] == ["area", "age", "city", "price"]
    assert answer["results"][2]["columns"] == [
        "area",
        "age",
        "price",
        "city_Ankara",
        "city_Bursa",
        "city_Izmir",
    ]
    assert {entry["rows"] for entry in answer["results"]} == {200}
    assert answer["results"][5]["output"]["train_rows"] == 150


@pytest.mark.parametrize("split_first", [True, False])
def test_nothing_is_learned_from_test_rows(split_first: bool) -> None:
    frame = houses().drop(columns="city").dropna(ignore_index=True)
    scaling = node("scaling", method="standard")
    middle = [SPLIT, scaling] if split_first else [scaling, SPLIT]
    result = run(body(SOURCE, *middle, node("linear_regression")), Frames(houses=frame))
    train, _ = train_test_split(frame, test_size=0.25, random_state=1)
    (fitted,) = result.models.values()
    (step,) = fitted.steps
    assert step.columns == ["area", "age"]
    np.testing.assert_allclose(step.transformer.mean_, train[["area", "age"]].mean())


def test_test_rows_may_change_without_changing_the_model() -> None:
    frame = houses()
    _, test = train_test_split(frame, test_size=0.25, random_state=1)
    other = frame.copy()
    other.loc[test.index, ["area", "age", "price"]] = [1e6, 500, -1e9]
    ask = pd.DataFrame({"area": [100.0], "age": [10], "city": ["Izmir"]})
    answers = []
    for rows in (frame, other):
        (fitted,) = run(GUIDE, Frames(houses=rows)).models.values()
        answers.append(fitted.predict(ask).item())
    assert answers[0] == answers[1]
