"""Nixtla's statsforecast as the oracle of smoothing and intermittent demand, on one gapless series.

The starts differ: statsforecast takes the first value for the level (or fits it), ours is the plain mean
until that is smoother. Where a method forgets its start the series is long enough for that; where it does
not in time, statsforecast gets our start.
"""

from __future__ import annotations

import numpy as np
import pytest
from statsforecast import ets as oracle_ets
from statsforecast import theta as oracle_theta
from statsforecast.models import TSB, CrostonClassic, CrostonSBA, SimpleExponentialSmoothing

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import ENGINES
from siprems_engine.forecasting.shop.basis import Basis
from siprems_engine.forecasting.shop.engines.ets import FORMS, _Form
from siprems_engine.forecasting.shop.engines.tsb import SMOOTHING
from siprems_engine.forecasting.step import Step
from tests.engine.shop.panels import basis_of, panel_of

HORIZON = 7


def intermittent(seed: int, length: int = 400) -> Floats:
    rng = np.random.default_rng(seed)
    return rng.integers(1, 9, length) * (rng.random(length) < 0.3) * 1.0


def steady(seed: int, length: int = 500) -> Floats:
    rng = np.random.default_rng(seed)
    return np.maximum(20.0 + 0.02 * np.arange(length) + rng.normal(0.0, 4.0, length), 0.0)


def plain_basis(y: Floats) -> Basis:
    """A basis of a single weekly series: there are no weekdays, so that all factors are 1."""
    basis = basis_of(panel_of(y[None, :], HORIZON, Step.WEEK))
    assert (basis.effects.table == 1.0).all()
    return basis


def ours(name: str, basis: Basis) -> list[Floats]:
    return [version[0] for version in ENGINES[name](basis).at(basis.panel.last)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("name", "oracle"), [("croston", CrostonClassic), ("sba", CrostonSBA)])
def test_croston(seed: int, name: str, oracle: type[CrostonClassic]) -> None:
    y = intermittent(seed)
    wanted = oracle().forecast(y=y, h=HORIZON)["mean"]
    np.testing.assert_allclose(ours(name, plain_basis(y))[0], wanted, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_tsb(seed: int) -> None:
    """Chances smoothed by a tenth and a fifth have forgotten their start after 400 weeks."""
    y = intermittent(seed)
    made = ours("tsb", plain_basis(y))
    for version, (of_size, of_chance) in zip(made, SMOOTHING[Step.WEEK], strict=True):
        wanted = TSB(alpha_d=of_size, alpha_p=of_chance).forecast(y=y, h=HORIZON)["mean"]
        np.testing.assert_allclose(version, wanted, rtol=1e-9)


@pytest.mark.parametrize("form", [form for form in FORMS if form[1] == 0.0], ids=str)
def test_simple_smoothing(form: tuple[float, float, float]) -> None:
    """The mean of the first 1 / alpha values is the first value that statsforecast sees."""
    y, first = steady(1), round(1.0 / form[0])
    basis = plain_basis(y)
    made = _Form(basis, *form).ahead(basis.panel.last, HORIZON)[0]
    begun = np.concatenate([[y[:first].mean()], y[first:]])
    wanted = SimpleExponentialSmoothing(alpha=form[0]).forecast(y=begun, h=HORIZON)["mean"]
    np.testing.assert_allclose(made, wanted, rtol=1e-9)


@pytest.mark.parametrize("form", [form for form in FORMS if form[1] > 0.0], ids=str)
def test_damped_trend(form: tuple[float, float, float]) -> None:
    """ETS(A, Ad, N) from the state that ours had after 100 values.

    Its states are compared: its own forecasts add the first damped step twice, where the textbook has
    phi + phi^2 + ... + phi^h.
    """
    y, (alpha, beta, phi) = steady(2), form
    long, short = plain_basis(y), plain_basis(y[:100])
    start = np.concatenate(_Form(short, *form)._states[short.panel.last])
    kind = {"errortype": "A", "trendtype": "A", "seasontype": "N", "damped": True}
    _, _, states, _ = oracle_ets.pegelsresid_C(
        y=y[100:], m=1, init_state=start, alpha=alpha, beta=beta, gamma=0.0, phi=phi, nmse=1, **kind
    )
    level, trend = states[-1]
    wanted = level + trend * np.cumsum(phi ** np.arange(1, HORIZON + 1))
    made = _Form(long, *form).ahead(long.panel.last, HORIZON)[0]
    np.testing.assert_allclose(made, wanted, rtol=1e-9)


def test_on_noise_around_a_level_the_slowest_form_serves() -> None:
    y, alpha = 50.0 + np.random.default_rng(3).normal(0.0, 5.0, 300), FORMS[0][0]
    first = round(1.0 / alpha)
    begun = np.concatenate([[y[:first].mean()], y[first:]])
    wanted = SimpleExponentialSmoothing(alpha=alpha).forecast(y=begun, h=HORIZON)["mean"]
    np.testing.assert_allclose(ours("ets", plain_basis(y))[0], wanted, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_theta(seed: int) -> None:
    """The standard theta method with a fixed smoothing; after 500 values its start is forgotten."""
    y, alpha = steady(seed), 0.1
    fixed = {"initial_smoothed": y[0] / 2.0, "alpha": alpha, "theta": 2.0}
    kind = oracle_theta.switch_theta("STM")
    _, _, states, _ = oracle_theta._theta.pegels_resid(y, kind, *fixed.values(), 3)
    fitted = {"n": len(y), "states": states, "par": fixed, "modeltype": "STM"}
    wanted = oracle_theta.forecast_theta(fitted, HORIZON)["mean"]
    np.testing.assert_allclose(ours("theta", plain_basis(y))[0], wanted, rtol=1e-9)
