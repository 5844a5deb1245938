"""The closed-form forecast against stock Prophet as the oracle."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from prophet import Prophet
from prophet.serialize import model_from_json, model_to_json

from siprems_engine.forecasting import InvalidRequest, LinearGrowthModel, Trained, parse
from tests.engine import synthetic
from tests.engine.oracle import frame, plain_prophet

DAYS = 240


def _holidays() -> pd.DataFrame:
    """Windows and prior scales per holiday, names that sort oddly, one without a date in the training."""
    rows = [
        ("Fair", "2023-12-10", -2, 1, 5.0),
        ("Fair", "2024-03-10", -2, 1, 5.0),
        ("Fair", "2024-07-10", -2, 1, 5.0),
        ("Ärger & Co", "2024-02-14", 0, 11, 0.5),
        ("fair", "2024-03-11", -1, 0, 10.0),
        ("Only ahead", "2024-07-04", 0, 2, 10.0),
    ]
    columns = ["holiday", "ds", "lower_window", "upper_window", "prior_scale"]
    return pd.DataFrame(rows, columns=columns).assign(ds=lambda f: pd.to_datetime(f.ds))


def _mixed_modes(model: Prophet) -> None:
    model.add_seasonality(name="monthly", period=30.5, fourier_order=4, mode="additive")
    model.add_regressor("promo", mode="additive")
    model.add_regressor("price", standardize=True)


def _regressors(model: Prophet) -> None:
    model.add_regressor("price")
    model.add_regressor("promo", standardize=True, prior_scale=0.1)


VARIANTS: dict[str, tuple[dict[str, Any], Callable[[Prophet], Any]]] = {
    "default": ({}, lambda model: None),
    "additive, holidays": ({"holidays": _holidays()}, lambda model: model.add_regressor("promo")),
    "multiplicative, holidays": (
        {"holidays": _holidays(), "seasonality_mode": "multiplicative"},
        lambda model: model.add_regressor("promo"),
    ),
    "mixed modes": ({"seasonality_mode": "multiplicative", "holidays": _holidays()}, _mixed_modes),
    "holidays in the other mode": (
        {"holidays": _holidays(), "holidays_mode": "multiplicative"},
        _mixed_modes,
    ),
    "standardized regressors": ({}, _regressors),
    "custom seasonality": (
        {"yearly_seasonality": 3, "weekly_seasonality": False},
        lambda model: model.add_seasonality(name="pay day", period=15.25, fourier_order=2),
    ),
    "no feature at all": ({"weekly_seasonality": False, "yearly_seasonality": False}, lambda model: None),
    "no changepoints": ({"n_changepoints": 0}, lambda model: None),
    "minmax scaling": ({"scaling": "minmax", "seasonality_mode": "multiplicative"}, lambda model: None),
}


def _fitted(variant: str, constant: bool = False) -> Prophet:
    kwargs, configure = VARIANTS[variant]
    model = plain_prophet(uncertainty_samples=0, **kwargs)
    configure(model)
    data = frame(synthetic.daily_history(seed=4, days=DAYS))
    return model.fit(data.assign(y=3.0) if constant else data)


def _all_days() -> pd.DataFrame:
    """History and eighty days ahead, with regressor values that vary."""
    ds = synthetic.END - DAYS + np.arange(DAYS + 80)
    t = np.arange(len(ds))
    return pd.DataFrame(
        {"ds": ds.astype("datetime64[ns]"), "promo": (t % 3 == 0) * 1.0, "price": 2 + np.sin(t)}
    )


def _predict(model: LinearGrowthModel, data: pd.DataFrame) -> Any:
    regressors = {name: data[name].to_numpy() for name in ("promo", "price")}
    return model.predict(data.ds.to_numpy().astype("datetime64[D]"), regressors)


@pytest.mark.parametrize("variant", VARIANTS)
def test_yhat_and_trend_equal_stock_prophet(variant: str) -> None:
    stock = _fitted(variant)
    text = model_to_json(stock)
    data = _all_days()
    expected = model_from_json(text).predict(data)
    ours = _predict(parse(text.encode()), data)
    np.testing.assert_allclose(ours.yhat, expected.yhat, rtol=0, atol=1e-9 * stock.y_scale)
    np.testing.assert_allclose(ours.trend, expected.trend, rtol=0, atol=1e-9 * stock.y_scale)


def test_a_constant_series_equals_stock_prophet() -> None:
    stock = _fitted("mixed modes", constant=True)
    data = _all_days()
    ours = _predict(parse(model_to_json(stock).encode()), data)
    np.testing.assert_allclose(ours.yhat, stock.predict(data).yhat, rtol=0, atol=1e-9)
    assert ours.sigma.max() < 1e-6


def test_holiday_names_unknown_to_the_training_are_ignored() -> None:
    stock = _fitted("additive, holidays")
    added = stock.holidays.tail(1).assign(holiday="Later idea")
    stock.holidays = pd.concat([stock.holidays, added], ignore_index=True)
    data = _all_days()
    ours = _predict(parse(model_to_json(stock).encode()), data)
    np.testing.assert_allclose(ours.yhat, stock.predict(data).yhat, rtol=0, atol=1e-9)


def test_the_order_of_the_days_does_not_matter(model: LinearGrowthModel) -> None:
    ds = model.last_day + np.arange(-5, 20)
    straight = model.predict(ds, {"promo": np.arange(25) % 2})
    turned = model.predict(ds[::-1], {"promo": (np.arange(25) % 2)[::-1]})
    np.testing.assert_allclose(turned.sigma[::-1], straight.sigma)
    np.testing.assert_allclose(turned.yhat[::-1], straight.yhat)
    assert (straight.sigma[:6] == straight.sigma[0]).all()


def _draws(stock: Prophet, ahead: np.ndarray, regressors: dict[str, np.ndarray]) -> np.ndarray:
    """Forty thousand simulated futures, (h, 40000)."""
    stock.uncertainty_samples = 40_000
    np.random.seed(7)  # Prophet draws from the global generator.
    data = pd.DataFrame({"ds": ahead.astype("datetime64[ns]"), **regressors})
    return stock.predictive_samples(data)["yhat"]


@pytest.mark.parametrize("horizon", [1, 14, 60])
def test_the_deviation_equals_what_prophet_simulates(horizon: int) -> None:
    """A wandering trend with little noise, so that the trend's share of the interval counts."""
    rng = np.random.default_rng(5)
    ds = synthetic.END - 399 + np.arange(400)
    walk = 10.0 + np.cumsum(np.cumsum(rng.normal(0, 0.004, 400))) + rng.normal(0, 0.4, 400)
    stock = plain_prophet(changepoint_prior_scale=0.5, seasonality_mode="multiplicative")
    stock.fit(pd.DataFrame({"ds": ds.astype("datetime64[ns]"), "y": walk}))
    ahead = ds[-1] + np.arange(1, horizon + 1)
    ours = parse(model_to_json(stock).encode()).predict(ahead, {})
    assert ours.sigma[-1] >= ours.sigma[0]
    np.testing.assert_allclose(ours.sigma, _draws(stock, ahead, {}).std(axis=1), rtol=0.03)


def test_the_interval_of_the_recipe_equals_what_prophet_simulates(trained: Trained) -> None:
    assert trained.artifact is not None
    ahead, promo = synthetic.END + np.arange(1, 29), {"promo": np.arange(28) % 2.0}
    ours = parse(trained.artifact).predict(ahead, promo)
    draws = _draws(model_from_json(trained.artifact.decode()), ahead, promo)
    half_width = (np.quantile(draws, 0.975, axis=1) - np.quantile(draws, 0.025, axis=1)) / 2
    np.testing.assert_allclose((ours.upper - ours.lower) / 2, half_width, rtol=0.02)
    np.testing.assert_allclose(ours.upper, np.quantile(draws, 0.975, axis=1), atol=0.03 * half_width.max())


def test_one_future_day_takes_its_step_from_the_history(model: LinearGrowthModel) -> None:
    day = np.array([model.last_day + 1])
    # A trend that never bent in the past is not expected to bend in the future.
    bends = np.full_like(model.trend.delta, 0.1)
    model = dataclasses.replace(model, trend=dataclasses.replace(model.trend, delta=bends))
    fewer = dataclasses.replace(model, history_rows=model.history_rows // 2)
    promo = {"promo": np.zeros(1)}
    assert fewer.predict(day, promo).sigma[0] > model.predict(day, promo).sigma[0]


def test_quantiles_follow_the_normal_shape(model: LinearGrowthModel) -> None:
    prediction = model.predict(synthetic.END + np.arange(1, 8), {"promo": np.zeros(7)})
    np.testing.assert_allclose(prediction.quantile(0.5), prediction.yhat)
    np.testing.assert_allclose(prediction.quantile(0.025), prediction.lower)
    np.testing.assert_allclose(prediction.quantile(0.975), prediction.upper)
    for level in (0.0, 1.0, float("nan")):
        with pytest.raises(InvalidRequest, match="between 0 and 1"):
            prediction.quantile(level)


def test_several_cases_at_once_are_what_each_is_alone(model: LinearGrowthModel) -> None:
    days = synthetic.END + np.arange(1, 29)
    flags = np.array([np.zeros(28), np.ones(28), np.arange(28) % 2.0])
    together = model.predict(days, {"promo": flags})
    for case, alone in enumerate(model.predict(days, {"promo": row}) for row in flags):
        for name in ("yhat", "lower", "upper", "sigma"):
            np.testing.assert_array_equal(getattr(together, name)[case], getattr(alone, name))
        np.testing.assert_array_equal(together.quantile(0.9)[case], alone.quantile(0.9))
        np.testing.assert_array_equal(together.trend, alone.trend)


@pytest.mark.parametrize(
    "regressors",
    [
        {},
        {"promo": np.zeros(2)},
        {"promo": np.array([0.0, np.nan, 1.0])},
        {"promo": np.zeros((3, 1))},
        {"promo": np.zeros((1, 1, 3))},
        {"promo": np.float64(1.0)},
    ],
)
def test_regressors_must_fit_the_days(model: LinearGrowthModel, regressors: dict[str, np.ndarray]) -> None:
    with pytest.raises(InvalidRequest, match="'promo'"):
        model.predict(synthetic.END + np.arange(3), regressors)


def test_days_must_be_dates(model: LinearGrowthModel) -> None:
    with pytest.raises(InvalidRequest, match="valid dates"):
        model.predict(np.array(["NaT"], dtype="datetime64[D]"), {"promo": np.zeros(1)})


def test_no_days_give_an_empty_forecast(model: LinearGrowthModel) -> None:
    assert len(model.predict(np.array([], dtype="datetime64[D]"), {"promo": np.zeros(0)}).yhat) == 0
