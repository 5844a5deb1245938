"""From where in the past forecasts are made."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.schedule import (
    COMPARED,
    EARLIEST,
    EARLIEST_LEARNED,
    MOST_JUDGED,
    Schedule,
)
from tests.engine.shop.shops import panel_of


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("products", [1, 40, 4000])
@pytest.mark.parametrize("past", [0, 1, 30, 60, 400])
def test_every_horizon_has_passed_and_every_origin_has_a_past(step: Step, products: int, past: int) -> None:
    panel = panel_of(np.ones((products, past)), 14, step)
    schedule = Schedule(panel)
    for origins, earliest in ((schedule.judged, EARLIEST[step]), (schedule.learned, EARLIEST_LEARNED[step])):
        assert origins == sorted(origins, reverse=True)
        assert all(earliest <= origin <= panel.last - panel.horizon for origin in origins)
    assert schedule.compared == schedule.judged[:COMPARED]
    assert len(schedule.judged) <= MOST_JUDGED
    assert set(schedule.all) >= {*schedule.judged, *schedule.learned}
    assert (panel.last in schedule.all) == (past > 0)


def test_few_products_are_judged_on_more_origins() -> None:
    few, many = (Schedule(panel_of(np.ones((n, 700)), 14)) for n in (5, 2000))
    assert len(few.judged) > len(many.judged) == COMPARED
