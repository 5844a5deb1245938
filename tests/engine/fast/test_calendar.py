"""Features, priors, scales and changepoints against stock Prophet's own matrices."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from siprems_engine.forecasting import (
    REFERENCE,
    REFERENCE_WEEKLY,
    DailyHistory,
    Event,
    FitFailed,
    Recipe,
    prepare,
)
from siprems_engine.forecasting.event_weeks import events_of
from siprems_engine.forecasting.fast.calendar import calendar_for
from siprems_engine.forecasting.fast.inputs import changepoint_rows, inputs
from tests.engine import synthetic
from tests.engine.fast.stock import stock_matrices, stock_problem

MIXED = [*synthetic.events(), *synthetic.events("Ärztetag"), Event("Market day", datetime.date(2024, 5, 6))]
CASES = {
    "no events": (synthetic.daily_history(days=400), [], REFERENCE),
    "events": (synthetic.daily_history(days=700), MIXED, REFERENCE),
    "few rows": (DailyHistory(synthetic.END + np.arange(7), np.arange(7.0), np.zeros(7)), MIXED, REFERENCE),
    "fewer changepoints": (synthetic.daily_history(days=24), [], REFERENCE),
    "intermittent": (synthetic.intermittent_history(days=900), MIXED, REFERENCE),
    "always on promotion": (
        DailyHistory(synthetic.END + np.arange(60), 1.0 + np.arange(60) % 7, np.ones(60)),
        [],
        REFERENCE,
    ),
    "weekly": (
        synthetic.weekly_history(),
        events_of(synthetic.weekly_history(), MIXED),
        REFERENCE_WEEKLY,
    ),
    "all zero": (DailyHistory(synthetic.END + np.arange(40), np.zeros(40), np.zeros(40)), [], REFERENCE),
    "before 1970": (synthetic.daily_history(days=300, end=np.datetime64("1970-02-01")), [], REFERENCE),
    "additive": (
        synthetic.daily_history(days=300),
        MIXED,
        Recipe(seasonality_mode="additive", monthly_order=4, holidays_prior_scale=2.0),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_problem_is_the_one_stock_prophet_gives_to_stan(case: str) -> None:
    history, events, recipe = CASES[case]
    stock, data = stock_matrices(history, events, recipe)
    expected = stock_problem(data)
    calendar = calendar_for(events, recipe)
    ours = inputs(prepare(history, recipe), calendar)
    assert list(calendar.columns) == list(data.X.columns)
    np.testing.assert_array_equal(ours.problem.first_rows, expected.first_rows)
    for name, value, other in zip(expected._fields, ours.problem, expected, strict=True):
        np.testing.assert_allclose(value, other, rtol=0, atol=1e-12, err_msg=name)
    assert ours.y_scale == stock.y_scale
    start = stock.calculate_initial_params(1)
    np.testing.assert_allclose(ours.start, (start.k, start.m), atol=1e-12)


@pytest.mark.parametrize("rows", [3, 4, 5, 31, 32, 33, 100, 731])
def test_changepoints_stand_in_the_first_part_of_the_rows(rows: int) -> None:
    places = changepoint_rows(rows)
    assert len(places) == min(25, int(rows * 0.8) - 1)
    assert (np.diff(places) > 0).all()
    assert places[-1] == int(rows * 0.8) - 1


def test_too_few_rows_for_a_changepoint_are_refused() -> None:
    with pytest.raises(FitFailed, match="three rows"):
        changepoint_rows(2)


def test_a_day_has_the_same_features_whatever_span_asked_first() -> None:
    days = np.arange(19_000, 19_400)
    long = calendar_for(MIXED, Recipe(version="long")).features(np.arange(15_000, 20_000), np.zeros(5000))
    short = calendar_for(MIXED, Recipe(version="short")).features(days, np.zeros(400))
    assert short.tobytes() == np.ascontiguousarray(long[:, 4000:4400]).tobytes()


def test_products_of_one_shop_share_a_calendar() -> None:
    assert calendar_for(MIXED, REFERENCE) is calendar_for(MIXED[::-1], REFERENCE)


@pytest.mark.parametrize(
    "change",
    [
        {"seasonality_mode": "odd"},
        {"changepoint_prior_scale": -1.0},
        {"holidays_prior_scale": 0.0},
        {"monthly_order": 0},
        {"event_lower_window": 1},
        {"changepoint_prior_scale": float("nan")},
    ],
)
def test_a_recipe_prophet_would_refuse_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FitFailed):
        calendar_for([], Recipe(**change))  # type: ignore[arg-type]
