"""The engine's figures and its behaviour on odd histories."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting import DailyHistory, FitFailed, NotEnoughData, Recipe, parse, prophet_stan
from siprems_engine.forecasting.fast.engine import engine_version, fit
from tests.engine import synthetic


def _history(y: np.ndarray, promo: float = 0.0) -> DailyHistory:
    return DailyHistory(synthetic.END + np.arange(len(y)), y, np.full(len(y), promo))


def _assert_usable(history: DailyHistory) -> None:
    result = fit(history, synthetic.events())
    promo = np.full(28, history.promo[-1])
    yhat = parse(result.artifact).predict(synthetic.future(history), {"promo": promo}).yhat
    assert np.isfinite(yhat).all()
    assert np.isfinite([result.correction_factor, result.mae, result.mape_percent, result.accuracy]).all()


def test_the_figures_are_those_of_the_stock_engine() -> None:
    history = synthetic.daily_history(seed=5, days=900)
    ours, stock = fit(history, synthetic.events()), prophet_stan.fit(history, synthetic.events())
    assert ours.engine == "prophet"
    assert engine_version() == "prophet-map 1"
    assert ours.training_samples == stock.training_samples
    for name in ("correction_factor", "mae", "mape_percent", "accuracy"):
        assert getattr(ours, name) == pytest.approx(getattr(stock, name), rel=2e-3), name


@pytest.mark.parametrize("promo", [0.0, 1.0])
@pytest.mark.parametrize("quantity", [0.0, 1e-6, 7.0, 1e12])
def test_a_constant_history_is_continued(promo: float, quantity: float) -> None:
    history = _history(np.full(90, quantity), promo)
    result = fit(history, [])
    yhat = parse(result.artifact).predict(synthetic.future(history), {"promo": np.full(28, promo)}).yhat
    np.testing.assert_allclose(np.expm1(yhat), quantity, rtol=1e-9, atol=1e-9)
    assert result.mae == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    "y",
    [
        np.array([3.0, 1, 4, 1, 5]),
        np.array([0.0, 0, 0, 0, 1]),
        np.array([0.0, 0, 0, 1, 5e-324]),
        np.arange(31.0),
        np.r_[np.zeros(400), 5.0],
        np.tile([5.0, 5, 5, 5, 5, 9, 9], 80),
        np.geomspace(1.0, 1e12, 400),
        np.r_[1e12, np.ones(500)],
        np.r_[np.zeros(200), np.full(200, 1e9)],
        np.full(60, 3.0) + np.r_[1e-12, np.zeros(59)],
        1e-9 * (1.0 + np.arange(200.0) % 3),
    ],
)
@pytest.mark.parametrize("promo", [0.0, 1.0])
def test_an_odd_history_gives_a_usable_model(y: np.ndarray, promo: float) -> None:
    _assert_usable(_history(y, promo))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    y=st.lists(st.one_of(st.integers(0, 20), st.floats(0.0, 1e12)), min_size=5, max_size=120),
    gaps=st.integers(0, 2**32 - 1),
    promo=st.floats(0.0, 1.0),
)
def test_any_history_gives_a_usable_model_or_a_clear_refusal(y: list[float], gaps: int, promo: float) -> None:
    rng = np.random.default_rng(gaps)
    ds = synthetic.END - np.cumsum(rng.geometric(rng.uniform(0.05, 1.0), len(y)))[::-1]
    history = DailyHistory(ds, np.array(y, dtype=float), (rng.random(len(y)) < promo).astype(float))
    try:
        _assert_usable(history)
    except NotEnoughData:
        assert len(y) < 20


def test_fewer_than_five_rows_are_refused() -> None:
    with pytest.raises(NotEnoughData):
        fit(_history(np.arange(4.0)), [])


def test_a_recipe_without_a_posterior_is_refused() -> None:
    with pytest.raises(FitFailed):
        fit(_history(np.arange(90.0)), [], Recipe(changepoint_prior_scale=-1.0))
