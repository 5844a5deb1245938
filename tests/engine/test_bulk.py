"""Many forecasts in one go against the same forecasts one by one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prophet.serialize import model_to_json

from siprems_engine.forecasting import (
    BulkForecast,
    DailyHistory,
    InvalidRequest,
    LinearGrowthModel,
    Recipe,
    ServingMeta,
    forecast,
    forecast_many,
    get_engine,
    parse,
    window_average,
)
from siprems_engine.forecasting.fast.engine import fit
from tests.engine import synthetic
from tests.engine.oracle import frame, plain_prophet, stored_model

AHEAD = synthetic.END + np.arange(1, 29)


def _with_price() -> LinearGrowthModel:
    stock = plain_prophet()
    stock.add_regressor("promo", mode="additive")
    stock.add_regressor("price")
    return parse(model_to_json(stock.fit(frame(synthetic.daily_history(days=100)))).encode())


MODELS = [
    parse(stored_model()),
    parse(get_engine("prophet").fit(synthetic.daily_history(), synthetic.events()).artifact),
    parse(get_engine("prophet").fit(synthetic.daily_history(2, 400), synthetic.events("Fair")).artifact),
    parse(get_engine("prophet").fit(synthetic.daily_history(3, 20), []).artifact),
    parse(get_engine("prophet").fit(synthetic.weekly_history(), synthetic.events()).artifact),
    parse(fit(synthetic.daily_history(4, 300), [], Recipe(seasonality_mode="additive")).artifact),
    parse(fit(synthetic.intermittent_history(), [], Recipe(interval_width=0.8)).artifact),
    _with_price(),
]
AVERAGES = [
    window_average.fit(history)
    for history in (
        synthetic.daily_history(days=90),
        synthetic.intermittent_history(),
        synthetic.weekly_history(),
        DailyHistory(synthetic.END - np.arange(40, 0, -7), np.full(6, 3.0), np.zeros(6)),
        DailyHistory([synthetic.END], [0.0], [0.0]),
    )
]
PRODUCTS = st.tuples(
    st.none() | st.sampled_from(MODELS),
    st.builds(
        ServingMeta,
        correction_factor=st.floats(0.85, 1.15),
        ceiling=st.none() | st.floats(0, 1e4),
        engine=st.sampled_from(["prophet", "window-average"]),
        fallback=st.none() | st.sampled_from(AVERAGES),
        promo_share=st.sampled_from([0.0, 0.2, 1.0]) | st.floats(0, 1),
    ),
    st.sampled_from([0.0] * 5 + [3.0, -5.0, 1e5, 1e308, np.nan]),
)


def _one_by_one(
    models: list[Any], metas: list[ServingMeta], ds: np.ndarray, promo: Any, interval: float | None
) -> list[Any]:
    results: list[Any] = []
    for place, (model, meta) in enumerate(zip(models, metas, strict=True)):
        flags = None if promo is None else promo[place]
        try:
            with np.errstate(all="ignore"):
                results.append(forecast(model, meta, ds, flags, interval))
        except InvalidRequest as problem:
            results.append(str(problem))
    return results


def _assert_same(bulk: BulkForecast, single: list[Any]) -> None:
    for place, expected in enumerate(single):
        rows = bulk.yhat[place], bulk.lower[place], bulk.upper[place]
        if isinstance(expected, str):
            assert bulk.problems[place] == expected
            assert np.isnan(rows).all()
            continue
        assert place not in bulk.problems
        assert (bulk.engines[place], bulk.bounded[place]) == (expected.engine, expected.bounded)
        for ours, theirs in zip(rows, (expected.yhat, expected.lower, expected.upper), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    products=st.lists(PRODUCTS, min_size=1, max_size=12),
    start=st.integers(-2000, 1000),
    offsets=st.lists(st.integers(0, 400), min_size=1, max_size=15),
    planned=st.none() | st.sampled_from([0.0, 1.0, 0.5, np.nan]),
    interval=st.none() | st.floats(0.01, 0.99),
)
def test_each_forecast_is_what_it_is_alone(
    products: list[Any], start: int, offsets: list[int], planned: float | None, interval: float | None
) -> None:
    """Days in any order, in the past and ahead; models that explode; plans that are no numbers."""
    models = [
        model and dataclasses.replace(model, trend=dataclasses.replace(model.trend, k=model.trend.k + extra))
        for model, _, extra in products
    ]
    metas = [meta for _, meta, _ in products]
    ds = synthetic.END + start + np.array(offsets)
    promo = None
    if planned is not None:
        promo = np.arange(len(models) * len(ds)).reshape(len(models), len(ds)) % 2.0
        promo[0, 0] = planned
    single = _one_by_one(models, metas, ds, promo, interval)
    _assert_same(forecast_many(models, metas, ds, promo, interval), single)


def test_events_of_each_model_are_its_own() -> None:
    models = [MODELS[1], MODELS[2]] * 300
    metas = [ServingMeta(ceiling=1e6)] * len(models)
    ds = np.datetime64("2024-08-01") + np.arange(14)
    bulk = forecast_many(models, metas, ds)
    _assert_same(bulk, _one_by_one(models, metas, ds, None, None))
    assert not np.allclose(bulk.yhat[0], bulk.yhat[1])


@pytest.mark.parametrize("size", [1, 3, 700])
def test_a_products_bytes_do_not_depend_on_the_others(size: int) -> None:
    fillers = [MODELS[place % len(MODELS)] for place in range(size)]
    metas = [ServingMeta(1.1, promo_share=0.3, fallback=AVERAGES[0])] * (size + 1)
    alone = forecast_many([MODELS[1]], metas[:1], AHEAD)
    among = forecast_many([*fillers, MODELS[1]], metas, AHEAD)
    for name in ("yhat", "lower", "upper"):
        assert getattr(alone, name)[0].tobytes() == getattr(among, name)[-1].tobytes()


def test_one_bad_product_is_reported_and_the_rest_served() -> None:
    models = [MODELS[1], None, MODELS[-1], MODELS[2]]
    bulk = forecast_many(models, [ServingMeta()] * 4, AHEAD)
    assert sorted(bulk.problems) == [1, 2]
    assert "train it first" in bulk.problems[1]
    assert "'price'" in bulk.problems[2]
    assert bulk.engines == ["prophet", "", "", "prophet"]
    assert np.isfinite(bulk.yhat[[0, 3]]).all()


def test_nobody_to_forecast() -> None:
    bulk = forecast_many([], [], AHEAD)
    assert bulk.yhat.shape == (0, 28)
    assert bulk.engines == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metas": []}, "1 models for 0 products"),
        ({"ds": AHEAD[:0]}, "valid dates"),
        ({"ds": np.array(["NaT"], dtype="datetime64[D]")}, "valid dates"),
        ({"promo": np.zeros((1, 3))}, "one for each product and day"),
        ({"interval": 1.0}, "interval width"),
        ({"interval": float("nan")}, "interval width"),
    ],
)
def test_a_request_without_sense_is_refused(change: dict[str, Any], message: str) -> None:
    request = {"models": [MODELS[1]], "metas": [ServingMeta()], "ds": AHEAD} | change
    with pytest.raises(InvalidRequest, match=message):
        forecast_many(**request)
