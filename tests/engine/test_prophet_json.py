"""Reading model files: what is refused, and that damage never surfaces as a random error."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting import (
    CorruptModel,
    InvalidRequest,
    LinearGrowthModel,
    ServingMeta,
    Trained,
    UnsupportedModel,
    forecast,
    parse,
)
from tests.engine.oracle import stored_model

Mutation = Callable[[dict[str, Any]], Any]


def _set(path: str, value: Any) -> Mutation:
    """Replace the value at a dotted path; a number is an index."""

    def mutate(document: Any) -> None:
        *parents, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        for key in parents:
            document = document[key]
        document[last] = value

    return mutate


def _without(key: str) -> Mutation:
    return lambda document: document.pop(key)


def _nested(key: str, mutate: Mutation) -> Mutation:
    """Change a frame that is stored as a JSON text inside the JSON."""

    def outer(document: dict[str, Any]) -> None:
        inner = json.loads(document[key])
        mutate(inner)
        document[key] = json.dumps(inner)

    return outer


@pytest.fixture(scope="module")
def document(trained: Trained) -> dict[str, Any]:
    assert trained.artifact is not None
    return json.loads(trained.artifact)


def _parse(document: dict[str, Any], mutate: Mutation) -> LinearGrowthModel:
    changed = copy.deepcopy(document)
    mutate(changed)
    return parse(json.dumps(changed).encode())


@pytest.mark.parametrize(
    ("mutate", "message"),
    [
        (_set("growth", "logistic"), "linear growth"),
        (_set("growth", "flat"), "linear growth"),
        (_set("mcmc_samples", 300), "MCMC"),
        (_set("country_holidays", "DE"), "country holidays"),
        (_set("logistic_floor", True), "floor"),
        (_set("seasonalities.1.weekly.condition_name", "in_season"), "condition"),
        (_set("params.k", [[0.1], [0.2]]), "2 draws"),
        (_set("params.k", [0.1, 0.2, 0.3]), "3 draws"),
        (_set("start", 1.5), "finer than a day"),
        (_set("t_scale", 86400.5), "finer than a day"),
        (lambda d: d.update(history=d["history"].replace("T00:00:00", "T06:00:00", 1)), "finer than a day"),
    ],
)
def test_other_kinds_of_models_are_refused(document: dict[str, Any], mutate: Mutation, message: str) -> None:
    with pytest.raises(UnsupportedModel, match=message):
        _parse(document, mutate)


@pytest.mark.parametrize(
    ("mutate", "message"),
    [
        *[
            (_without(key), key)
            for key in ("growth", "start", "t_scale", "y_scale", "history", "params", "changepoints_t")
        ],
        *[(_without(key), key) for key in ("seasonalities", "extra_regressors", "train_component_cols")],
        (_set("y_scale", 0), "positive"),
        (_set("y_scale", "4.5"), "finite number"),
        (_set("y_scale", True), "finite number"),
        (_set("t_scale", -86400), "positive"),
        (_set("interval_width", 1.5), "interval_width"),
        (_set("history", {}), "history"),
        (_set("history", '{"data":[]}'), "fewer than two rows"),
        (_set("params", []), "lacks 'beta'"),
        (_set("params", None), "damaged"),
        (_set("start", 86400 * 10**9), "calendar"),
        (_set("params", {}), "lacks 'beta'"),
        (_set("params.k", [[]]), "'k'"),
        (_set("params.k", [[0.1, 0.2]]), "one number"),
        (_set("params.k", [[None]]), "'k'"),
        (_set("params.k", [["a"]]), "damaged"),
        (_set("params.sigma_obs", [[0.0]]), "positive"),
        (_set("params.delta", [[0.1]]), "1 trend changes"),
        (_set("params.beta", [[0.1]]), "component rows"),
        (_set("seasonalities.1.weekly.fourier_order", 10**9), "coefficients"),
        (_set("seasonalities.1.weekly.fourier_order", 2), "coefficients"),
        (_set("seasonalities.1.weekly.period", 0), "positive"),
        (_set("seasonalities", [["weekly"]]), "damaged"),
        (_set("extra_regressors.1.promo.std", 0), "positive"),
        (_set("extra_regressors.1.promo", None), "damaged"),
        (_set("holidays", "{"), "holidays"),
        (_set("train_component_cols", "[]"), "damaged"),
        (_nested("holidays", _set("data.0.upper_window", 10**9)), "window"),
        (_nested("holidays", _set("data.0.ds", "soon")), "damaged"),
        (_nested("holidays", _set("data.0.ds", None)), "damaged"),
        (_nested("train_holiday_names", _set("data", [])), "coefficients"),
    ],
)
def test_damage_is_named(document: dict[str, Any], mutate: Mutation, message: str) -> None:
    with pytest.raises(CorruptModel, match=message):
        _parse(document, mutate)


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{}", b"7", b"\xff\xfe", b"{" * 5000, b'{"growth": NaN}']
)
def test_other_bytes_are_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptModel):
        parse(data)


def test_a_missing_window_means_the_day_alone(document: dict[str, Any]) -> None:
    """As in Prophet, which gives up both ends of a window if one is NaN."""

    def mutate(changed: dict[str, Any]) -> None:
        holidays = json.loads(changed["holidays"])
        for row in holidays["data"]:
            row["lower_window"] = None
        changed["holidays"] = json.dumps(holidays)

    with pytest.raises(CorruptModel, match="coefficients"):
        _parse(document, mutate)


def test_files_of_older_versions_lack_some_keys(document: dict[str, Any], model: LinearGrowthModel) -> None:
    def mutate(changed: dict[str, Any]) -> None:
        for key in ("scaling", "y_min", "holidays_mode", "__prophet_version"):
            del changed[key]

    older = _parse(document, mutate)
    ds, promo = model.last_day + np.arange(1, 20), {"promo": np.zeros(19)}
    np.testing.assert_array_equal(older.predict(ds, promo).yhat, model.predict(ds, promo).yhat)
    assert older.prophet_version == "unknown"


def test_the_model_tells_its_history(model: LinearGrowthModel, trained: Trained) -> None:
    assert model.history_rows == trained.meta["training_samples"]
    assert model.interval_width == 0.95
    assert model.regressor_names == ("promo",)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6))
def test_a_truncated_file_is_corrupt(cut: int) -> None:
    data = stored_model()
    with pytest.raises(CorruptModel):
        parse(data[: cut % len(data)])


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_replaced_value_gives_a_model_or_a_clear_error(data: st.DataObject) -> None:
    document = json.loads(stored_model())
    node: Any = document
    key = data.draw(st.sampled_from(sorted(node)))
    while isinstance(node[key], dict | list) and node[key] and data.draw(st.booleans()):
        node = node[key]
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
    node[key] = data.draw(JSON_VALUES)
    try:
        model = parse(json.dumps(document).encode())
        served = forecast(model, ServingMeta(), model.last_day + np.arange(1, 8))
    except (CorruptModel, UnsupportedModel, InvalidRequest):
        return
    assert np.isfinite(served.upper).all()
    assert (served.lower >= 0).all()
    assert (served.lower <= served.yhat).all()
    assert (served.yhat <= served.upper).all()
