"""Who may answer for a product."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from siprems_engine.forecasting import DailyHistory, LinearGrowthModel, assess
from siprems_engine.forecasting.sanity import falls_silent
from tests.engine import synthetic


def _judge(
    history: DailyHistory, model: LinearGrowthModel | None, open_days: np.ndarray | None = None
) -> str:
    verdict = assess(history, open_days, model, 1.0)
    assert verdict.reason.endswith(".")
    assert ("average of the last weeks" in verdict.reason) == (verdict.engine == "window-average")
    return f"{verdict.engine}: {verdict.reason}"


def _with_trend(model: LinearGrowthModel, **changes: float) -> LinearGrowthModel:
    return dataclasses.replace(model, trend=dataclasses.replace(model.trend, **changes))


def test_a_regular_product_is_served_by_its_model(history: DailyHistory, model: LinearGrowthModel) -> None:
    assert _judge(history, model).startswith("prophet: The product sells regularly")


def test_without_a_model_the_average_serves(history: DailyHistory) -> None:
    assert "No seasonal model" in _judge(history, None)


def test_few_rows(history: DailyHistory, model: LinearGrowthModel) -> None:
    last = DailyHistory(history.ds[-59:], history.y[-59:], history.promo[-59:])
    assert "only 59 days with sales" in _judge(last, model)
    assert "only 0 days" in _judge(DailyHistory.from_rows([], []), model)


def test_a_short_span(history: DailyHistory, model: LinearGrowthModel) -> None:
    assert "cover only 399 days" in _judge(history.between(synthetic.END - 398, None), model)


def test_mostly_zeros(model: LinearGrowthModel) -> None:
    history = synthetic.intermittent_history()
    assert "does not sell on 8" in _judge(history, model)
    assert "does not sell" not in _judge(history, model, open_days=history.ds)


def test_a_silent_product(history: DailyHistory, model: LinearGrowthModel) -> None:
    open_days = history.ds[0] + np.arange(len(history.ds) + 60)
    last = history.ds[-1]
    assert "has not sold on the last 29 days" in _judge(history, model, open_days[open_days <= last + 29])
    assert _judge(history, model, open_days[open_days <= last + 28]).startswith("prophet")
    assert falls_silent(history, open_days[open_days <= last + 29])
    assert not falls_silent(history, open_days[open_days <= last + 28])
    assert not falls_silent(history, np.array([], dtype="datetime64[D]"))
    assert not falls_silent(history, None)
    assert not falls_silent(DailyHistory.from_rows([], []), open_days)


def test_a_history_of_zeros_is_silent(history: DailyHistory, model: LinearGrowthModel) -> None:
    zeros = DailyHistory(history.ds, np.zeros(len(history)), history.promo)
    assert "has not sold" in _judge(zeros, model)


@pytest.mark.parametrize(
    ("shift", "message"),
    [
        (2.0, "far above the best day"),
        (0.35, "far more than"),
        (-0.7, "far less than"),
        (np.nan, "no usable numbers"),
    ],
)
def test_a_model_far_from_what_is_known(
    history: DailyHistory, model: LinearGrowthModel, shift: float, message: str
) -> None:
    """One day of a bulk sale lifts the ceiling, so that the level is judged on its own."""
    y = history.y.copy()
    y[100] = 5000.0
    peaked = DailyHistory(history.ds, y, history.promo)
    assert message in _judge(peaked, _with_trend(model, m=model.trend.m + shift))
