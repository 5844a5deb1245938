"""The table that engines read."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.errors import InvalidHistory, InvalidRequest
from siprems_engine.forecasting.shop import Panel
from siprems_engine.forecasting.shop.panel import LONGEST_PAST
from tests.engine.shop.shops import FIRST, panel_of


def test_unknown_units_are_neither_known_nor_sold() -> None:
    panel = panel_of(np.array([[np.nan, 0.0, 3.0]]), 2)
    assert panel.known.tolist() == [[False, True, True]]
    assert panel.sold.tolist() == [[0, 0, 3]]
    assert (panel.products, panel.past, panel.horizon, panel.last) == (1, 3, 2, 2)
    assert panel.ahead(1).tolist() == [2, 3]
    assert panel.weekday.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("step", list(Step))
def test_the_far_past_is_left_out_and_the_rest_unchanged(step: Step) -> None:
    longest = LONGEST_PAST[step]
    units = np.random.default_rng(0).poisson(2.0, (3, longest + 50)).astype(float)
    promo = np.random.default_rng(1).random((3, longest + 57)) < 0.2
    panel = panel_of(units, 7, step, promo)
    recent = panel.recent()
    assert (recent.past, recent.horizon) == (longest, 7)
    np.testing.assert_array_equal(recent.units, units[:, 50:])
    np.testing.assert_array_equal(recent.promo, promo[:, 50:])
    np.testing.assert_array_equal(recent.days, panel.days[50:])
    assert recent.recent() is recent


@pytest.mark.parametrize("units", [[[-1.0]], [[np.inf]]])
def test_units_that_cannot_be(units: list[list[float]]) -> None:
    with pytest.raises(InvalidHistory):
        panel_of(np.array(units), 1)


def test_tables_of_different_shapes() -> None:
    days = FIRST + np.arange(3)
    flags, events = np.zeros((1, 3), dtype=bool), np.zeros(3, dtype=bool)
    with pytest.raises(InvalidHistory, match="same products"):
        Panel(days, np.ones((2, 2)), flags, Step.DAY, events)
    with pytest.raises(InvalidHistory, match="event flag"):
        Panel(days, np.ones((1, 2)), flags, Step.DAY, events[:2])
    with pytest.raises(InvalidRequest, match="no period to forecast"):
        Panel(days, np.ones((1, 3)), flags, Step.DAY, events)
