"""Out-of-sample figures."""

from __future__ import annotations

import json

import numpy as np
import pytest

from siprems_engine.forecasting import DailyHistory, holdout, metrics, window_average
from tests.engine import synthetic


def test_the_average_is_judged_on_days_it_has_not_seen(history: DailyHistory) -> None:
    figures = holdout(history, [], None, "window-average")
    assert figures is not None
    assert figures.engine == "window-average"
    assert figures.cutoff == str(synthetic.END - 14)
    filled = history.zero_filled()
    test = filled.between(synthetic.END - 13, None)
    yhat, _, _ = window_average.fit(filled.between(None, synthetic.END - 14)).predict(test.ds)
    assert figures.wape == pytest.approx(metrics.wape(test.y, yhat))
    assert figures.bias == pytest.approx(metrics.bias(test.y, yhat))
    assert figures.mase is not None
    assert 0 <= figures.coverage <= 1
    assert json.loads(json.dumps(figures.to_dict()))["horizon"] == 14


def test_what_comes_after_the_cutoff_does_not_leak(history: DailyHistory) -> None:
    y = history.y.copy()
    y[-14:] *= 100
    changed = holdout(DailyHistory(history.ds, y, history.promo), [], None, "window-average")
    assert changed is not None
    assert changed.bias == pytest.approx(-0.99, abs=0.01)


def test_prophet_is_judged_only_by_a_refit(history: DailyHistory) -> None:
    assert holdout(history, [], None, "prophet") is None
    figures = holdout(history, synthetic.events(), None, "prophet", horizon=28, refit=True)
    assert figures is not None
    assert figures.engine == "prophet"
    assert figures.wape < 0.5
    assert figures.coverage > 0.7


def test_undefined_figures_are_none() -> None:
    ds = synthetic.END - 99 + np.arange(100)
    y = np.where(np.arange(100) < 60, 5.0, 0.0)
    figures = holdout(DailyHistory(ds, y, np.zeros(100)), [], None, "window-average")
    assert figures is not None
    assert figures.wape is None
    assert figures.bias is None


@pytest.mark.parametrize("rows", [0, 1, 27])
def test_a_short_history_has_no_figures(rows: int) -> None:
    history = DailyHistory(synthetic.END + np.arange(rows), np.ones(rows), np.zeros(rows))
    assert holdout(history, [], None, "window-average") is None


def test_too_few_rows_for_a_refit_give_no_figures() -> None:
    history = DailyHistory(synthetic.END + 10 * np.arange(5), np.ones(5), np.zeros(5))
    assert holdout(history, [], None, "prophet", refit=True) is None
