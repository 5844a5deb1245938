"""Prophet by what a product's history can bear."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import Panel
from siprems_engine.forecasting.shop.basis import HALF_LIVES
from siprems_engine.forecasting.shop.engines.prophet_adaptive import LEVEL, ProphetAdaptive
from siprems_engine.forecasting.shop.engines.window_average import WindowAverage
from siprems_engine.forecasting.shop.prophet_fits import ProphetFits, worth_fitting
from siprems_engine.forecasting.shop.prophet_form import (
    EFFECT_SCALE,
    FLAT,
    MOST_CHANGEPOINTS,
    WAVE_SCALE,
    Calendar,
)
from siprems_engine.forecasting.step import Step
from tests.engine.oracle import DATA, plain_prophet
from tests.engine.shop.panels import basis_of, panel_of, random_panel

ROOT = DATA.parent.parent


def seasonal(seed: int = 0, past: int = 800, horizon: int = 28, products: int = 3) -> tuple[Panel, Floats]:
    """Products with weekday, yearly wave and promotions, and their true means (N, T + H)."""
    rng = np.random.default_rng(seed)
    t = np.arange(past + horizon)
    promo = rng.random((products, len(t))) < 0.1
    week = rng.uniform(0.6, 1.4, (products, 7))[:, t % 7]
    year = 1.0 + 0.5 * np.sin(2 * np.pi * (t / 365.25 + rng.random((products, 1))))
    mean = rng.uniform(10.0, 60.0, (products, 1)) * week * year * np.where(promo, 1.5, 1.0)
    units = rng.poisson(mean[:, :past]).astype(float)
    units[:, rng.random(past) < 0.03] = np.nan
    return panel_of(units, horizon, Step.DAY, promo), mean


def test_it_learns_what_an_average_cannot() -> None:
    panel, mean = seasonal()
    truth = mean[:, panel.past :]
    basis = basis_of(panel)
    errors = [
        np.abs(engine(basis).at(panel.last)[0] - truth).sum() / truth.sum()
        for engine in (ProphetAdaptive, WindowAverage)
    ]
    assert errors[0] < 0.12
    assert errors[0] < 0.5 * errors[1]


def test_it_is_prophet_on_roots() -> None:
    """Stock Prophet with the same terms, priors and changepoints finds the same curve."""
    panel, _ = seasonal(products=1, horizon=14)
    calendar = Calendar(panel)
    fits = ProphetFits(panel, calendar, panel.last)
    rows = np.flatnonzero(panel.known[0])
    form = calendar.form(len(rows), int(rows[-1] - rows[0]))
    assert form.changepoints == MOST_CHANGEPOINTS
    model = plain_prophet(
        n_changepoints=form.changepoints, yearly_seasonality=6, weekly_seasonality=3,
        seasonality_prior_scale=WAVE_SCALE,
    )  # fmt: skip
    model.add_regressor("promo", prior_scale=EFFECT_SCALE, standardize=False)
    frame = pd.DataFrame({"ds": panel.days.astype("datetime64[ns]"), "promo": panel.promo[0].astype(float)})
    known = frame.iloc[rows].assign(y=np.sqrt(panel.sold[0, rows]))
    model.fit(known)
    root = model.predict(frame)["yhat"].to_numpy()
    sigma = float(model.params["sigma_obs"].mean()) * model.y_scale
    wanted = root**2 + sigma**2
    made = fits.units(np.arange(len(frame)))[0]
    np.testing.assert_allclose(made, np.minimum(wanted, fits.ceiling[0]), rtol=0.02)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(Step))
def test_it_knows_nothing_of_what_comes_after_an_origin(seed: int, step: Step) -> None:
    panel = random_panel(seed, products=3, past=400, horizon=7, step=step)
    basis = basis_of(panel)
    for origin in basis.schedule.judged[:: max(1, len(basis.schedule.judged) // 4)]:
        later = panel.units.copy()
        later[:, origin + 1 :] = 1000.0
        other = basis_of(panel_of(later, panel.horizon, step, panel.promo))
        engine = ProphetAdaptive(basis)
        served = engine._fits_for(origin).served
        told = ProphetAdaptive(other).at(origin)[0]
        np.testing.assert_array_equal(engine.at(origin)[0][served], told[served])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(Step))
def test_no_forecast_is_negative_or_exceeds_what_is_plausible(seed: int, step: Step) -> None:
    panel = random_panel(seed, products=4, past=180, horizon=14, step=step)
    engine = ProphetAdaptive(basis_of(panel))
    made = engine.at(panel.last)[0]
    served = worth_fitting(panel, panel.last)
    assert np.isfinite(made).all()
    assert (made >= 0).all()
    assert (made[served] <= 1.5 * panel.sold[served].max(axis=1, initial=0.0)[:, None]).all()


def test_products_not_worth_a_fit_get_the_level() -> None:
    rng = np.random.default_rng(4)
    units = rng.poisson(10.0, (4, 300)).astype(float)
    units[1] *= rng.random(300) < 0.1
    units[2, :250] = np.nan
    units[3, -40:] = 0.0
    panel = panel_of(units)
    np.testing.assert_array_equal(worth_fitting(panel, panel.last), [True, False, False, False])
    basis = basis_of(panel)
    made = ProphetAdaptive(basis).at(panel.last)[0]
    level = basis.levels[LEVEL].at(panel.last)[:, None] * basis.factors(panel.last)
    assert HALF_LIVES[Step.DAY][LEVEL] == 28.0
    np.testing.assert_array_equal(made[1:], level[1:])
    assert not np.array_equal(made[0], level[0])


def test_a_product_is_forecast_as_if_it_were_alone() -> None:
    panel, _ = seasonal(products=3, past=400)
    made = ProphetAdaptive(basis_of(panel)).at(panel.last)[0]
    alone = panel_of(panel.units[1:2], panel.horizon, Step.DAY, panel.promo[1:2])
    np.testing.assert_allclose(ProphetAdaptive(basis_of(alone)).at(alone.last)[0][0], made[1], rtol=1e-9)


@pytest.mark.parametrize(("years", "columns"), [(0.3, 9), (1.0, 9), (1.5, 15), (2.1, 21)])
def test_the_yearly_wave_needs_years(years: float, columns: int) -> None:
    """Three weekly waves and three days around an event always, then three and six yearly waves."""
    days = round(365.25 * years)
    form = Calendar(panel_of(np.ones((1, 800)))).form(days, days)
    assert form.columns == columns
    assert form.growth == (FLAT if years < 0.5 else 1.0)


def test_a_shop_of_products_that_never_vary_is_served() -> None:
    panel = panel_of(np.full((2, 200), 4.0))
    np.testing.assert_allclose(ProphetAdaptive(basis_of(panel)).at(panel.last)[0], 4.0, rtol=1e-6)


def test_only_a_process_that_fits_loads_the_compiled_kernels() -> None:
    script = """
import sys
import numpy as np
from siprems_engine.forecasting.shop import Panel, forecast_shop
from siprems_engine.forecasting.step import Step
days = np.datetime64("2024-01-01") + np.arange(107)
none = np.zeros((1, 107), dtype=bool)
panel = Panel(days, np.arange(100.0)[None, :] % 7 + 1, none, Step.DAY, none[0])
for engine in ("window-average", "prophet-adaptive"):
    forecast_shop(panel, [engine])
    print("numba" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["False", "True"]
