"""Every engine gives for all products at once what a plain loop gives for each of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings

from siprems_engine.forecasting.series import Floats
from siprems_engine.forecasting.shop import ENGINES, Panel
from siprems_engine.forecasting.shop.basis import HALF_LIVES, Basis
from siprems_engine.forecasting.shop.engines.ets import FORMS
from siprems_engine.forecasting.shop.engines.tsb import SMOOTHING
from siprems_engine.forecasting.step import Step
from tests.engine.shop import naive
from tests.engine.shop.panels import basis_of, panels

# One series up to an origin and its factors over past and future.
Loop = Callable[[Floats, Floats], Floats]

few = settings(max_examples=40, deadline=None)


def assert_alike(basis: Basis, name: str, loops: list[Loop]) -> None:
    """Compare at every origin of the schedule, the future one included."""
    engine, panel = ENGINES[name](basis), basis.panel
    for origin in [*basis.schedule.judged, panel.last]:
        made = engine.at(origin)
        assert len(made) == len(engine.versions) == len(loops)
        for version, loop in zip(made, loops, strict=True):
            assert version.shape == (panel.products, panel.horizon)
            for product in range(panel.products):
                wanted = loop(panel.units[product, : origin + 1], basis.effects.table[product])
                np.testing.assert_allclose(version[product], wanted, rtol=1e-7, atol=1e-9)


@few
@given(panels())
def test_window_average(panel: Panel) -> None:
    h, days = panel.horizon, panel.step.days
    assert_alike(basis_of(panel), "window-average", [lambda y, _: naive.window_average(y, h, days)])


@few
@given(panels())
def test_seasonal_window(panel: Panel) -> None:
    basis = basis_of(panel)
    if panel.step is Step.WEEK:
        assert ENGINES["seasonal-window"](basis).versions == ()
    else:
        assert_alike(basis, "seasonal-window", [lambda y, _: naive.seasonal_window(y, panel.horizon)])


@few
@given(panels())
def test_seasonal_naive(panel: Panel) -> None:
    h, days = panel.horizon, panel.step.days
    assert_alike(basis_of(panel), "seasonal-naive", [lambda y, _: naive.seasonal_naive(y, h, days)])


@few
@given(panels())
def test_croston_and_its_correction(panel: Panel) -> None:
    basis, h = basis_of(panel), panel.horizon
    assert_alike(basis, "croston", [lambda y, _: naive.croston(y, h)])
    assert_alike(basis, "sba", [lambda y, _: naive.croston(y, h, debias=True)])


@few
@given(panels())
def test_tsb(panel: Panel) -> None:
    quick, slow = SMOOTHING[panel.step]
    loops: list[Loop] = [
        lambda y, _: naive.tsb(y, panel.horizon, *quick),
        lambda y, _: naive.tsb(y, panel.horizon, *slow),
    ]
    assert_alike(basis_of(panel), "tsb", loops)


@few
@given(panels())
def test_exponential_smoothing(panel: Panel) -> None:
    assert_alike(basis_of(panel), "ets", [lambda y, f: naive.ets(y, f, panel.horizon, FORMS)])


@few
@given(panels())
def test_theta(panel: Panel) -> None:
    assert_alike(basis_of(panel), "theta", [lambda y, f: naive.theta(y, f, panel.horizon)])


@few
@given(panels())
def test_discounted_levels(panel: Panel) -> None:
    def loop(life: float) -> Loop:
        return lambda y, f: naive.discounted(y, f, panel.horizon, life)

    # Such a panel is too short for versions that follow last year, unless it is weekly.
    basis = basis_of(panel)
    if basis.movement(panel.last) is None:
        assert_alike(basis, "smoother", [loop(life) for life in HALF_LIVES[panel.step]])
