"""Sums over windows, compared with loops over the windows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from siprems_engine.forecasting.shop.running import Discounted, Sums, centred, cumulated, last_true
from tests.engine.shop.shops import panel_of

UNITS = arrays(np.float64, (3, 12), elements=st.one_of(st.just(float("nan")), st.integers(0, 50).map(float)))


@given(arrays(np.float64, (2, 9), elements=st.integers(-9, 9).map(float)), st.integers(0, 12))
def test_sums_to_both_sides(values: np.ndarray, reach: int) -> None:
    wanted = [[row[max(0, t - reach) : t + reach + 1].sum() for t in range(9)] for row in values]
    np.testing.assert_allclose(centred(values, reach), wanted, atol=1e-9)
    np.testing.assert_allclose(cumulated(values), [[row[:t].sum() for t in range(10)] for row in values])


@given(UNITS, st.integers(-4, 12), st.integers(-4, 12))
def test_windows_of_the_past(units: np.ndarray, start: int, stop: int) -> None:
    start, stop = min(start, stop), max(start, stop)
    sums = Sums(panel_of(units, 2))
    window = units[:, max(start, 0) : max(stop, 0)]
    known = (~np.isnan(window)).sum(axis=1)
    np.testing.assert_allclose(sums.units(start, stop), np.nansum(window, axis=1))
    np.testing.assert_allclose(sums.known(start, stop), known)
    np.testing.assert_allclose(sums.mean(start, stop), np.nansum(window, axis=1) / np.maximum(known, 1))


@given(UNITS, st.floats(0.5, 50.0))
def test_a_discounted_level_is_a_ratio_of_weighted_sums(units: np.ndarray, half_life: float) -> None:
    panel = panel_of(units, 2)
    expected = np.random.default_rng(1).uniform(0.2, 3.0, (3, 14))
    level = Discounted(panel, expected, half_life, [4, 11])
    for origin in (4, 11):
        weight = 0.5 ** ((origin - np.arange(origin + 1)) / half_life)
        for row in range(3):
            seen = ~np.isnan(units[row, : origin + 1])
            sold = (weight * np.nan_to_num(units[row, : origin + 1]))[seen].sum()
            hoped = (weight * expected[row, : origin + 1])[seen].sum()
            wanted = sold / max(hoped, 1e-12)
            np.testing.assert_allclose(level.at(origin)[row], wanted, rtol=1e-9, atol=1e-12)


@given(arrays(np.bool_, (3, 8)))
def test_the_last_period_in_which_something_was_true(flags: np.ndarray) -> None:
    for row, found in zip(flags, last_true(flags), strict=True):
        for t in range(8):
            places = np.flatnonzero(row[: t + 1])
            assert found[t] == (places[-1] if len(places) else -1)
