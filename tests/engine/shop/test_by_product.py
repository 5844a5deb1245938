"""Prophet product by product: whatever it extrapolates, what is served stays plausible."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting.bounds import plausible_ceiling
from siprems_engine.forecasting.series import DailyHistory
from siprems_engine.forecasting.shop.by_product import by_prophet
from siprems_engine.forecasting.step import Step
from tests.engine.shop.panels import panel_of


@st.composite
def wild_series(draw: st.DrawFn) -> np.ndarray:
    """Series on which the recipe extrapolates wildly: short or sparse, exploding, with a jump at the end."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    length = draw(st.sampled_from([6, 40, 90, 300, 450, 800]))
    growth = draw(st.sampled_from([0.0, 0.01, 0.03]))
    chance = draw(st.sampled_from([0.1, 0.5, 0.9]))
    mean = draw(st.sampled_from([1.0, 30.0])) * np.exp(growth * np.arange(length) * 100.0 / length)
    units = rng.poisson(mean) * (rng.random(length) < chance) * 1.0
    units[-draw(st.integers(1, 5)) :] *= draw(st.sampled_from([0.0, 1.0, 50.0]))
    units[0] = max(units[0], 1.0)
    return units


@settings(max_examples=60, deadline=None)
@given(wild_series(), st.sampled_from([1, 14, 60]), st.sampled_from(Step))
def test_no_forecast_exceeds_the_plausible_bound(units: np.ndarray, horizon: int, step: Step) -> None:
    panel = panel_of(units[None, :], horizon, step)
    sold = units > 0
    history = DailyHistory(panel.days[: len(units)][sold], units[sold], np.zeros(sold.sum()), step)
    ceiling = plausible_ceiling(history)
    made = by_prophet("prophet", [])(panel, np.ones(horizon, dtype=bool))
    for table in (made.mean, made.quantiles):
        assert np.isfinite(table).all()
        assert (table >= 0).all()
        assert (table <= ceiling * (1 + 1e-12)).all()
    assert (made.totals <= horizon * ceiling * (1 + 1e-9)).all()
    assert (np.diff(made.quantiles, axis=2) >= 0).all()


def test_a_product_that_never_sold_gets_nothing() -> None:
    panel = panel_of(np.stack([np.full(100, 5.0), np.zeros(100)]), 7)
    made = by_prophet("prophet", [])(panel, np.ones(7, dtype=bool))
    assert (made.mean[1] == 0).all()
    assert (made.mean[0] > 0).all()
