"""How well a model is said to describe its own rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_percentage_error

from siprems_engine.forecasting import DailyHistory, train
from siprems_engine.forecasting.fit import Fit, measured
from siprems_engine.forecasting.recipe import REFERENCE, REFERENCE_WEEKLY, Prepared, Recipe
from siprems_engine.forecasting.sanity import sells_steadily
from tests.engine import synthetic

FIRST = np.datetime64("2024-01-01")


def described(
    units: list[float], forecast: list[float], *, places: list[int] | None = None, recipe: Recipe = REFERENCE
) -> Fit:
    """Figures of units beside what a model says of them; `places` are days, or weeks, since the first."""
    days = np.array(places if places is not None else range(len(units))) * recipe.step.days
    rows = Prepared(FIRST + days, np.log1p(np.array(units, dtype=float)), np.zeros(len(units)))
    return measured(b"", "prophet", rows, np.log1p(np.array(forecast, dtype=float)), recipe)


def test_with_a_sale_every_day_the_figures_are_those_of_the_reference_recipe() -> None:
    units, forecast = [4.0, 5.0, 10.0], [5.0, 5.0, 8.0]
    found = described(units, forecast)
    relative = mean_absolute_percentage_error(units, forecast)
    assert found.mape_percent == pytest.approx(100 * relative)
    assert found.accuracy == pytest.approx(100 * (1 - relative))


def test_a_day_without_a_sale_does_not_make_the_accuracy_zero() -> None:
    found = described([4.0, 0.0, 10.0], [5.0, 3.0, 8.0])
    assert found.mape_percent == pytest.approx(100 * (0.25 + 0.2) / 2)
    assert found.accuracy == pytest.approx(77.5)
    assert found.mae == pytest.approx(2.0)


def test_sums_of_weeks_even_out_the_days() -> None:
    days = [0, 3, 7, 16]
    found = described([4.0, 6.0, 8.0, 2.0], [6.0, 4.0, 4.0, 4.0], places=days)
    # 10 and 10, 8 and 4, 2 and 4.
    assert found.summed_accuracy == pytest.approx(100 * (1 - (4 + 2) / 20))


def test_weeks_are_summed_by_four() -> None:
    found = described(
        [4.0, 6.0, 8.0, 2.0], [6.0, 4.0, 4.0, 4.0], places=[0, 3, 4, 7], recipe=REFERENCE_WEEKLY
    )
    assert found.summed_accuracy == pytest.approx(100 * (1 - 2 / 20))


@given(st.lists(st.tuples(st.just(0.0) | st.floats(1e-4, 1e6), st.floats(0, 1e12)), min_size=1, max_size=40))
def test_figures_are_always_numbers(rows: list[tuple[float, float]]) -> None:
    units, forecast = zip(*rows, strict=True)
    found = described(list(units), list(forecast))
    assert 0 <= found.accuracy <= 100
    assert 0 <= found.summed_accuracy <= 100
    assert np.isfinite([found.mae, found.mape_percent]).all()


def test_nothing_sold_is_described_by_nothing() -> None:
    found = described([0.0] * 5, [0.0] * 5)
    assert (found.accuracy, found.summed_accuracy, found.mape_percent, found.mae) == (0.0, 0.0, 0.0, 0.0)


def test_which_products_sell_steadily() -> None:
    days = FIRST + np.arange(100)
    open_days = days[np.arange(100) % 7 < 5]
    weekdays = DailyHistory.from_rows(open_days, np.ones(len(open_days)))
    assert sells_steadily(weekdays, open_days)
    assert not sells_steadily(weekdays, None)
    assert not sells_steadily(DailyHistory.from_rows(days[::2], np.ones(50)), days)
    zeros = DailyHistory.from_rows(days, (np.arange(100) % 2).astype(float))
    assert not sells_steadily(zeros, days)
    assert not sells_steadily(DailyHistory.from_rows([], []), days)


def test_a_product_that_sells_now_and_then_is_judged_by_the_week() -> None:
    history = synthetic.intermittent_history()
    filled = history.zero_filled()
    meta = train(filled, [], None).meta
    assert 20 < meta["accuracy_score"] < 100
    assert meta["mape_percent"] < 200
    steady = train(synthetic.daily_history(), [], None).meta
    assert steady["accuracy_score"] == pytest.approx(100 - steady["mape_percent"])
