"""The profile of products that never sold, against drawing from their peers."""

from __future__ import annotations

import numpy as np

from siprems_engine.forecasting.shop import LEVELS, Panel
from siprems_engine.forecasting.shop.ceilings import ceilings
from siprems_engine.forecasting.shop.newcomers import SHARES, mean_of_peers, quantiles_of_peers
from siprems_engine.forecasting.step import Step


def test_the_mixture_is_that_of_drawing_a_peer_and_then_its_demand() -> None:
    random = np.random.default_rng(2)
    means = np.array([20.0, 50.0, 80.0, 120.0, 200.0])
    draws = random.normal(means[:, None, None], 10.0, (5, 2, 40_000))
    quantiles = np.quantile(draws, LEVELS, axis=2).transpose(1, 2, 0)
    made = quantiles_of_peers(quantiles)
    expected = np.quantile(draws.transpose(1, 0, 2).reshape(2, -1), LEVELS, axis=1).T
    np.testing.assert_allclose(made, expected, atol=8.0)
    np.testing.assert_allclose(mean_of_peers(np.array([[1.0, 2.0], [3.0, 6.0]])), [2.0, 4.0])


def test_peers_that_are_alike_give_their_own_quantiles() -> None:
    one = np.array([[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0]])
    made = quantiles_of_peers(np.stack([one] * 400))
    assert (np.diff(made) >= 0).all()
    np.testing.assert_allclose(made, one, atol=1.0)
    assert SHARES.sum() == 1.0


def test_ceilings_leave_room_above_the_best_period() -> None:
    units = np.array([[np.nan, 100.0, 40.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [np.nan] * 3])
    days = np.datetime64("2026-01-01") + np.arange(5)
    panel = Panel(days, units, np.zeros((4, 5), bool), Step.DAY, np.zeros(5, bool))
    np.testing.assert_allclose(ceilings(panel), [150.0, 5.0, 0.0, 0.0])
