"""Serving: scale, correction, bounds, order, and metadata of every age."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting import (
    Forecast,
    InvalidRequest,
    LinearGrowthModel,
    ServingMeta,
    Trained,
    WindowAverage,
    forecast,
    parse,
    window_average,
)
from tests.engine import synthetic
from tests.engine.oracle import stored_model

AHEAD = synthetic.END + np.arange(1, 29)
FALLBACK = window_average.fit(synthetic.daily_history(days=90))


def _assert_sound(served: Forecast, ceiling: float | None = None) -> None:
    assert np.isfinite([served.yhat, served.lower, served.upper]).all()
    assert (served.lower >= 0).all()
    assert (served.lower <= served.yhat).all()
    assert (served.yhat <= served.upper).all()
    if ceiling is not None:
        assert (served.upper <= ceiling).all()
    levels = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    quantiles = served.quantiles(levels)
    assert quantiles.shape == (7, len(served.ds))
    assert (np.diff(quantiles, axis=0) >= 0).all()
    assert (quantiles >= 0).all()


def test_the_model_is_served_on_the_original_scale(model: LinearGrowthModel) -> None:
    promo = np.arange(28) % 2.0
    served = forecast(model, ServingMeta(correction_factor=1.1, ceiling=1e6), AHEAD, promo)
    prediction = model.predict(AHEAD, {"promo": promo})
    np.testing.assert_allclose(served.yhat, np.expm1(prediction.yhat) * 1.1)
    np.testing.assert_allclose(served.lower, np.expm1(prediction.lower) * 1.1)
    np.testing.assert_allclose(served.upper, np.expm1(prediction.upper) * 1.1)
    np.testing.assert_allclose(served.quantiles([0.5])[0], served.yhat)
    assert served.engine == "prophet"
    assert not served.bounded
    _assert_sound(served)


def test_a_narrower_interval_lies_inside(model: LinearGrowthModel) -> None:
    wide, narrow = (forecast(model, ServingMeta(), AHEAD, interval=width) for width in (0.95, 0.5))
    assert (wide.lower < narrow.lower).all()
    assert (narrow.upper < wide.upper).all()
    np.testing.assert_allclose(wide.upper, forecast(model, ServingMeta(), AHEAD).upper)


def test_the_ceiling_cuts_and_says_so(model: LinearGrowthModel) -> None:
    served = forecast(model, ServingMeta(ceiling=10.0), AHEAD)
    assert served.bounded
    _assert_sound(served, ceiling=10.0)


def test_without_a_ceiling_the_model_bounds_itself(model: LinearGrowthModel) -> None:
    steep = dataclasses.replace(model, trend=dataclasses.replace(model.trend, k=50.0))
    served = forecast(steep, ServingMeta(), AHEAD)
    assert served.bounded
    _assert_sound(served, ceiling=1.5 * np.expm1(model.y_scale) + 1e-9)


@pytest.mark.parametrize("k", [1e5, -1e5, 1e308])
def test_an_exploding_model_stays_finite_or_gives_way(model: LinearGrowthModel, k: float) -> None:
    wild = dataclasses.replace(model, trend=dataclasses.replace(model.trend, k=k), y_scale=1e10)
    with np.errstate(all="ignore"):
        _assert_sound(forecast(wild, ServingMeta(), AHEAD))
        served = forecast(wild, ServingMeta(ceiling=99.0, fallback=FALLBACK), AHEAD)
    _assert_sound(served, ceiling=99.0)
    assert served.engine == ("window-average" if k == 1e308 else "prophet")


def test_the_fallback_answers_where_the_metadata_says_so(model: LinearGrowthModel) -> None:
    served = forecast(model, ServingMeta(engine="window-average", fallback=FALLBACK, ceiling=5.0), AHEAD)
    assert served.engine == "window-average"
    assert served.bounded
    _assert_sound(served, ceiling=5.0)


def test_the_fallback_answers_without_a_model() -> None:
    served = forecast(None, ServingMeta(fallback=FALLBACK), AHEAD, interval=0.8)
    np.testing.assert_allclose(served.yhat, FALLBACK.predict(AHEAD)[0])
    assert served.engine == "window-average"
    _assert_sound(served)


def test_nothing_to_serve_from_is_an_error() -> None:
    with pytest.raises(InvalidRequest, match="train it first"):
        forecast(None, ServingMeta(), AHEAD)


@pytest.mark.parametrize("interval", [0.0, 1.0, -0.5, 95.0, float("nan")])
def test_an_interval_is_a_probability(model: LinearGrowthModel, interval: float) -> None:
    with pytest.raises(InvalidRequest, match="interval width"):
        forecast(model, ServingMeta(), AHEAD, interval=interval)


def test_promotions_must_match_the_days(model: LinearGrowthModel) -> None:
    with pytest.raises(InvalidRequest, match="'promo'"):
        forecast(model, ServingMeta(), AHEAD, np.zeros(3))


def test_metadata_survives_a_round_trip(trained: Trained) -> None:
    serving = ServingMeta.from_dict(json.loads(json.dumps(trained.meta)))
    assert serving.correction_factor == trained.meta["correction_factor"]
    assert serving.ceiling == trained.meta["ceiling"]
    assert serving.engine == trained.meta["served_by"]
    assert serving.fallback == WindowAverage.from_dict(trained.meta["fallback"])


def test_metadata_of_the_earlier_version() -> None:
    old = {"correction_factor": 1.0753, "mae": 5.0, "mape_percent": 17.2, "accuracy_score": 82.8}
    assert ServingMeta.from_dict(old) == ServingMeta(correction_factor=1.0753)


@pytest.mark.parametrize(
    "meta",
    [
        None,
        [],
        "",
        7,
        {},
        {"correction_factor": None, "ceiling": "high", "served_by": 3, "fallback": []},
        {"correction_factor": float("nan"), "ceiling": float("inf")},
        {"correction_factor": True, "ceiling": -4, "served_by": "window-average"},
    ],
)
def test_broken_metadata_means_the_defaults(meta: Any) -> None:
    assert ServingMeta.from_dict(meta) == ServingMeta()


@pytest.mark.parametrize(("stored", "used"), [(9.0, 1.15), (-1, 0.85), (1, 1.0)])
def test_the_correction_factor_is_limited(stored: float, used: float) -> None:
    assert ServingMeta.from_dict({"correction_factor": stored}).correction_factor == used


@settings(max_examples=150, deadline=None)
@given(
    st.floats(0.85, 1.15),
    st.none() | st.floats(0, 1e6),
    st.sampled_from(["prophet", "window-average"]),
    st.integers(-2000, 30_000),
    st.integers(1, 60),
    st.none() | st.floats(0.01, 0.99),
)
def test_any_request_gives_sound_numbers(
    factor: float, ceiling: float | None, engine: str, start: int, days: int, interval: float | None
) -> None:
    serving = ServingMeta(factor, ceiling, engine, FALLBACK)
    ds = synthetic.END + start + np.arange(days)
    _assert_sound(forecast(parse(stored_model()), serving, ds, np.ones(days), interval), ceiling)


def test_without_a_plan_promotions_are_expected_as_often_as_lately(model: LinearGrowthModel) -> None:
    meta = ServingMeta(ceiling=1e6, promo_share=0.25)
    expected = forecast(model, meta, AHEAD)
    never, always = (forecast(model, meta, AHEAD, np.full(len(AHEAD), flag)) for flag in (0.0, 1.0))
    np.testing.assert_allclose(expected.yhat, forecast(model, meta, AHEAD, np.full(len(AHEAD), 0.25)).yhat)
    np.testing.assert_allclose(expected.lower, np.minimum(never.lower, always.lower))
    np.testing.assert_allclose(expected.upper, np.maximum(never.upper, always.upper))
    levels = expected.quantiles([0.025, 0.25, 0.5, 0.75, 0.975])
    assert (np.diff(levels, axis=0) >= 0).all()


def test_a_promotion_share_of_nonsense_counts_as_none() -> None:
    for share in (None, "much", float("nan"), True):
        assert ServingMeta.from_dict({"promo_share": share}).promo_share == 0.0
    assert ServingMeta.from_dict({"promo_share": 7}).promo_share == 1.0
