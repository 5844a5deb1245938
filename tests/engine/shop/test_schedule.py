"""From where in the past forecasts are made."""

from __future__ import annotations

import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.last_year import YEAR
from siprems_engine.forecasting.shop.schedule import COMPARED, EARLIEST, EARLIEST_LEARNED, SEASON, Schedule
from tests.engine.shop.shops import panel_of


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("products", [1, 40, 4000])
@pytest.mark.parametrize("past", [0, 1, 30, 60, 400, 800])
def test_every_horizon_has_passed_and_every_origin_has_a_past(step: Step, products: int, past: int) -> None:
    panel = panel_of(np.ones((products, past)), 14, step)
    schedule = Schedule(panel)
    assert all(EARLIEST[step] <= origin <= panel.last - panel.horizon for origin in schedule.judged)
    assert len(set(schedule.judged)) == len(schedule.judged)
    assert schedule.judged[: len(schedule.compared)] == schedule.compared
    assert len(schedule.compared) == len(schedule.weights) <= COMPARED + len(SEASON)
    assert [origin for block in schedule.blocks for origin in block] == schedule.judged
    assert set(schedule.all) >= set(schedule.judged)
    assert (panel.last in schedule.all) == (past > 0)


@pytest.mark.parametrize("step", list(Step))
def test_what_is_learned_for_a_block_had_passed_before_it(step: Step) -> None:
    panel = panel_of(np.ones((3, 800)), 14, step)
    schedule = Schedule(panel)
    for until in (panel.last, *(min(block) for block in schedule.blocks)):
        learned = schedule.learned(until)
        assert learned
        assert set(learned) <= set(schedule.all)
        assert all(EARLIEST_LEARNED[step] <= origin <= until - panel.horizon for origin in learned)


def test_few_products_are_judged_on_more_origins() -> None:
    few, many = (Schedule(panel_of(np.ones((n, 700)), 14)) for n in (5, 2000))
    assert len(few.judged) > len(many.judged) == len(many.compared)


def test_engines_are_compared_around_the_same_date_a_year_ago_as_well() -> None:
    panel = panel_of(np.ones((2000, 700)), 14)
    season = Schedule(panel).compared[COMPARED:]
    assert len(season) == len(SEASON)
    assert panel.last - YEAR[Step.DAY] in season
    assert all(abs(origin - (panel.last - YEAR[Step.DAY])) <= 21 for origin in season)
