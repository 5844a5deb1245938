"""Products with one row a week: both engines, the fallback, the rules of serving and the backtest."""

from __future__ import annotations

import datetime
import json

import numpy as np
import pandas as pd
import pytest
from prophet.serialize import model_from_json

from siprems_engine.forecasting import (
    REFERENCE,
    REFERENCE_WEEKLY,
    DailyHistory,
    Event,
    ServingMeta,
    Step,
    Trained,
    assess,
    forecast,
    get_engine,
    holdout,
    parse,
    train,
    window_average,
)
from siprems_engine.forecasting.sanity import falls_silent
from tests.engine import synthetic
from tests.engine.oracle import plain_prophet

TODAY = synthetic.END.item()
AHEAD = synthetic.END + 7 * np.arange(1, 9)


@pytest.fixture(scope="module")
def history() -> DailyHistory:
    """Three years of a regular product."""
    return synthetic.weekly_history(chance=1.0)


@pytest.fixture(scope="module")
def trained(history: DailyHistory) -> Trained:
    """That product trained with four events a year."""
    return train(history, synthetic.events(), history.ds, today=TODAY)


def test_the_hash_of_daily_data_is_that_of_models_trained_before_weekly_data_was_known() -> None:
    days = np.datetime64("2024-01-01") + np.arange(70)
    history = DailyHistory(days, np.arange(70) % 7, np.arange(70) % 2)
    known = "b5cfcc810f89a7b20f14e244bc4e11eabd288c0c33fc644ad7d83162a1b95229"
    fair = [Event("Fair", datetime.date(2024, 2, 3))]
    assert history.data_hash(REFERENCE, fair) == known
    assert history.data_hash(REFERENCE_WEEKLY, fair) != known


def test_the_recipe_has_what_weekly_rows_can_show(trained: Trained) -> None:
    assert trained.artifact is not None
    document = json.loads(trained.artifact)
    assert document["weekly_seasonality"] is False
    orders = {name: wave["fourier_order"] for name, wave in document["seasonalities"][1].items()}
    assert orders == {"monthly": 2, "yearly": 10}
    holidays = json.loads(document["holidays"])["data"]
    assert {(row["lower_window"], row["upper_window"]) for row in holidays} == {(0, 0)}
    weekdays = {datetime.date.fromisoformat(row["ds"][:10]).weekday() for row in holidays}
    assert weekdays == {synthetic.END.item().weekday()}
    assert (trained.meta["step"], trained.meta["recipe_version"]) == ("week", "reference-week-1")


def test_stock_prophet_would_switch_the_weekly_pattern_off(history: DailyHistory) -> None:
    stock = plain_prophet().fit(pd.DataFrame({"ds": history.ds.astype("datetime64[ns]"), "y": history.y}))
    assert set(stock.seasonalities) == {"yearly"}


def test_both_engines_agree(history: DailyHistory) -> None:
    ours, stock = (get_engine(name).fit(history, synthetic.events()) for name in ("prophet", "prophet-stan"))
    for name in ("correction_factor", "mae", "mape_percent", "accuracy"):
        assert getattr(ours, name) == pytest.approx(getattr(stock, name), rel=5e-3), name
    flags = {"promo": np.zeros(len(AHEAD))}
    one, other = (parse(fit.artifact).predict(AHEAD, flags) for fit in (ours, stock))
    np.testing.assert_allclose(one.yhat, other.yhat, atol=0.05 * one.sigma[0])
    np.testing.assert_allclose(one.sigma, other.sigma, rtol=0.02)


def test_stock_prophet_reads_the_file_and_forecasts_the_same(trained: Trained) -> None:
    assert trained.artifact is not None
    stock = model_from_json(trained.artifact.decode())
    stock.uncertainty_samples = 0
    frame = pd.DataFrame({"ds": AHEAD.astype("datetime64[ns]"), "promo": 0.0})
    yhat = parse(trained.artifact).predict(AHEAD, {"promo": np.zeros(len(AHEAD))}).yhat
    np.testing.assert_allclose(yhat, stock.predict(frame).yhat, rtol=0, atol=1e-9)


@pytest.mark.parametrize("weeks", [1, 8])
def test_the_interval_widens_by_weeks_as_what_prophet_simulates(weeks: int) -> None:
    rng = np.random.default_rng(5)
    ds = synthetic.END - 7 * np.arange(200)[::-1]
    walk = 10.0 + np.cumsum(np.cumsum(rng.normal(0, 0.02, 200))) + rng.normal(0, 0.4, 200)
    history = DailyHistory(ds, np.expm1(np.maximum(walk, 0.0) / 10.0), np.zeros(200), Step.WEEK)
    artifact = get_engine("prophet").fit(history, []).artifact
    stock, ours = model_from_json(artifact.decode()), parse(artifact)
    stock.uncertainty_samples = 40_000
    np.random.seed(7)  # Prophet draws from the global generator.
    frame = pd.DataFrame({"ds": AHEAD[:weeks].astype("datetime64[ns]"), "promo": 0.0})
    draws = stock.predictive_samples(frame)["yhat"]
    sigma = ours.predict(AHEAD[:weeks], {"promo": np.zeros(weeks)}).sigma
    np.testing.assert_allclose(sigma, draws.std(axis=1), rtol=0.02)


def test_an_event_lifts_its_own_week(history: DailyHistory) -> None:
    """A fair every quarter, on any weekday, doubles what the week sells."""
    fairs = [history.ds[0] + days for days in range(10, 1200, 91)]
    events = [Event("Fair", day.item()) for day in fairs]
    weeks = np.array([week for week in history.ds if any(week - 7 < day <= week for day in fairs)])
    lifted = DailyHistory(
        history.ds, history.y * (1 + np.isin(history.ds, weeks)), history.promo, history.step
    )
    model = parse(get_engine("prophet").fit(lifted, events).artifact)
    ahead = synthetic.END + 7 * np.arange(1, 14)
    with_fair = np.array([any(week - 7 < day <= week for day in fairs) for week in ahead])
    assert with_fair.sum() == 1
    factor = 1 + model.multiplicative.events.at(ahead.astype(np.int64))
    assert factor[with_fair].min() > 1.1
    assert (factor[~with_fair] == 1.0).all()


def test_the_average_of_weeks_serves_short_histories() -> None:
    history = synthetic.weekly_history(weeks=40, chance=1.0)
    trained = train(history, [], history.ds, today=TODAY)
    assert trained.artifact is None
    assert trained.meta["served_by"] == "window-average"
    assert "only 40 weeks with sales" in trained.meta["served_reason"]
    served = forecast(None, ServingMeta.from_dict(trained.meta), AHEAD)
    np.testing.assert_allclose(served.yhat, history.y[-8:].mean())
    assert served.step is Step.WEEK
    backtest = trained.meta["backtest"]
    assert (backtest["horizon"], backtest["cutoff"]) == (8, str(synthetic.END - 56))


def test_weeks_without_a_row_count_as_zero_unless_the_shop_was_closed() -> None:
    every_week = synthetic.END - 7 * np.arange(40)[::-1]
    ds = every_week[1::2]
    history = DailyHistory(ds, np.full(20, 10.0), np.zeros(20), Step.WEEK)
    assert set(window_average.fit(history, every_week).weekdays) == {5.0}
    assert set(window_average.fit(history, ds).weekdays) == {10.0}
    assert set(window_average.fit(history).weekdays) == {5.0}


def test_a_product_back_from_a_pause_of_weeks_has_its_level_at_once() -> None:
    ds = synthetic.END - 7 * np.arange(100)[::-1]
    y = np.r_[np.full(50, 20.0), np.zeros(46), np.full(4, 20.0)]
    assert max(window_average.fit(DailyHistory(ds, y, np.zeros(100), Step.WEEK)).weekdays) == 20.0


def test_the_averages_interval_covers_what_comes() -> None:
    covered = []
    for seed in range(30):
        history = synthetic.weekly_history(seed=seed, chance=1.0)
        past, future = history.between(None, synthetic.END - 56), history.between(synthetic.END - 55, None)
        _, lower, upper = window_average.fit(past).predict(future.ds)
        covered.append(((future.y >= lower) & (future.y <= upper)).mean())
    assert 0.85 < np.mean(covered) <= 1.0


def test_a_product_is_silent_after_eight_weeks(history: DailyHistory, trained: Trained) -> None:
    open_weeks = np.concatenate([history.ds, AHEAD, AHEAD[-1:] + 7])
    assert falls_silent(history, open_weeks)
    assert not falls_silent(history, open_weeks[:-1])
    verdict = assess(history, open_weeks, parse(trained.artifact or b""), 1.0)
    assert "has not sold on the last 9 weeks" in verdict.reason


def test_the_model_serves_where_it_is_sane(history: DailyHistory, trained: Trained) -> None:
    assert trained.meta["served_by"] == "prophet"
    served = forecast(parse(trained.artifact or b""), ServingMeta.from_dict(trained.meta), AHEAD)
    assert served.yhat.mean() == pytest.approx(history.y[-26:].mean(), rel=0.5)
    figures = holdout(history, [], history.ds, "prophet", refit=True)
    assert figures is not None
    assert (figures.horizon, figures.cutoff) == (8, str(synthetic.END - 56))
    assert figures.wape is not None
    assert figures.wape < 0.6


def test_the_scaled_error_compares_with_last_year_where_there_are_two() -> None:
    long, short = (synthetic.weekly_history(weeks=weeks, chance=1.0) for weeks in (160, 90))
    for history, season in ((long, 52), (short, 1)):
        figures = holdout(history, [], history.ds, "window-average")
        training, test = history.y[:-8], history.y[-8:]
        naive = np.abs(training[season:] - training[:-season]).mean()
        assert figures is not None
        assert figures.mase == pytest.approx(np.abs(test - training[-8:].mean()).mean() / naive)
