"""Forecasts of the past, made again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from siprems_engine.forecasting import DailyHistory, ServingMeta, forecast, metrics, train
from siprems_engine.forecasting.rolling import Origin, Past, naive_figures, served_figures
from tests.engine import synthetic

DAYS = synthetic.END - np.arange(499, -1, -1)


def rolled(history: DailyHistory, horizon: int = 14, origins: int = 3) -> list[Origin]:
    past = Past(history, synthetic.events(), DAYS, synthetic.END)
    cutoffs = [synthetic.END - horizon * back for back in range(origins, 0, -1)]
    return [made for cutoff in cutoffs if (made := past.origin(cutoff, horizon)) is not None]


def test_forecasts_follow_each_other_to_the_last_day(history: DailyHistory) -> None:
    made = rolled(history)
    assert [each.cutoff for each in made] == [synthetic.END - back for back in (42, 28, 14)]
    assert np.concatenate([each.ds for each in made]).tolist() == DAYS[-42:].tolist()
    assert (
        np.concatenate([each.actual for each in made]).tolist() == history.zero_filled(DAYS).y[-42:].tolist()
    )


def test_each_is_what_would_have_been_served(history: DailyHistory) -> None:
    last = rolled(history)[-1]
    known, days = history.between(None, last.cutoff), DAYS[last.cutoff >= DAYS]
    trained = train(known, synthetic.events(), days)
    served = forecast(trained.model, ServingMeta.from_dict(trained.meta), last.ds)
    assert last.served.engine == served.engine == "prophet"
    np.testing.assert_array_equal(last.served.yhat, served.yhat)


def test_what_comes_later_does_not_leak(history: DailyHistory) -> None:
    y = history.y.copy()
    y[-14:] *= 50
    before, after = rolled(history), rolled(DailyHistory(history.ds, y, history.promo))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one.served.yhat, other.served.yhat)
        np.testing.assert_array_equal(one.naive.yhat, other.naive.yhat)
    assert served_figures(after).bias < served_figures(before).bias


def test_figures_pool_the_days_of_all_origins(history: DailyHistory) -> None:
    made = rolled(history)
    figures, naive = served_figures(made), naive_figures(made)
    actual = np.concatenate([each.actual for each in made])
    yhat = np.concatenate([each.served.yhat for each in made])
    assert figures.wape == pytest.approx(metrics.wape(actual, yhat))
    assert figures.bias == pytest.approx(metrics.bias(actual, yhat))
    before = [history.between(None, each.cutoff).zero_filled(DAYS[each.cutoff >= DAYS]) for each in made]
    scaled = [metrics.mase(each.actual, each.served.yhat, y.y) for each, y in zip(made, before, strict=True)]
    assert figures.mase == pytest.approx(np.mean(scaled))
    assert 0.8 <= figures.coverage <= 1
    assert figures.pinball > 0
    assert figures.wape < naive.wape
    assert figures.rmsse < naive.rmsse


def test_a_new_product_starts_with_its_first_sale() -> None:
    new = synthetic.daily_history(days=20)
    made = rolled(new)
    assert [each.cutoff for each in made] == [synthetic.END - 14]
    assert made[0].served.engine == "window-average"
    assert rolled(synthetic.daily_history(days=5)) == []
    assert rolled(DailyHistory.from_rows([], [], [])) == []


def test_a_product_that_stopped_selling_counts_its_zeros(history: DailyHistory) -> None:
    gone = history.between(None, synthetic.END - 100)
    made = rolled(gone)
    assert len(made) == 3
    assert not np.concatenate([each.actual for each in made]).any()
    figures = served_figures(made)
    assert math.isnan(figures.wape)
    assert math.isfinite(figures.pinball)


def test_weekly_shops_are_rolled_by_the_week() -> None:
    weekly = synthetic.weekly_history(chance=1.0)
    last = weekly.ds[-1]
    past = Past(weekly, [], weekly.ds, last)
    made = [origin for back in (56, 28) if (origin := past.origin(last - back, 4)) is not None]
    assert [len(each.ds) for each in made] == [4, 4]
    assert np.concatenate([each.ds for each in made]).tolist() == weekly.ds[-8:].tolist()
    assert served_figures(made).wape < 1


def test_nothing_has_no_figures() -> None:
    assert all(math.isnan(value) for value in vars(served_figures([])).values())
