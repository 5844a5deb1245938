"""What products could plausibly sell, new ones among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siprems_engine.forecasting.shop.ceilings import ceilings
from tests.engine.shop.panels import panel_of


def known(*best: float, periods: int = 100) -> np.ndarray:
    """Units (N, periods) of products known for a while, with the best period given."""
    units = np.zeros((len(best), periods))
    units[:, -1] = best
    return units


def test_ceilings_leave_room_above_the_best_period() -> None:
    np.testing.assert_allclose(ceilings(panel_of(known(100.0, 1.0, 0.0))), [150.0, 5.0, 0.0])


def test_new_products_may_become_what_their_category_is() -> None:
    units = known(100.0, 40.0, 1.0, 0.0, 0.0, 0.0, 1000.0)
    units[2, :-1] = np.nan
    units[3:6] = np.nan
    panel = replace(panel_of(units), category=np.array([0, 1, 1, 0, 2, -1, 3]))
    found = ceilings(panel)
    one = 40.0 + 3.0 * np.sqrt(40.0) + 1.0
    np.testing.assert_allclose(found, [150.0, max(60.0, one), max(60.0, one), 150.0, 1500.0, 1500.0, 1500.0])


def test_a_best_seller_from_the_first_day_keeps_its_own() -> None:
    units = known(10.0, 100.0)
    units[1, :-1] = np.nan
    np.testing.assert_allclose(ceilings(panel_of(units))[1], 150.0)


def test_in_a_young_shop_what_never_sold_may_become_what_others_are() -> None:
    units = known(100.0, 40.0, 0.0, periods=14)
    units[2] = np.nan
    units[1, :1] = np.nan
    np.testing.assert_allclose(ceilings(panel_of(units)), [150.0, 60.0, 150.0])


def test_without_established_products_nobody_lends_a_ceiling() -> None:
    units = known(100.0, 0.0, periods=5)
    units[1] = np.nan
    np.testing.assert_allclose(ceilings(panel_of(units)), [150.0, 0.0])
