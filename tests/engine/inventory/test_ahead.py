import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.quantiles import LEVELS
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.errors import InvalidPlan
from tests.engine.inventory.forecasts import normal_ahead


def array(*values):
    return np.array(values, dtype=float)


def weekly_pattern(weeks=4):
    """One product that sells 14 on Saturdays, 7 on other days, for sure; and one that sells nothing."""
    week = array(7, 7, 7, 7, 7, 14, 7)
    mean = np.stack([np.tile(week, weeks), np.zeros(7 * weeks)])
    return DemandAhead(mean, np.repeat(np.cumsum(mean, axis=1)[:, :, None], len(LEVELS), axis=2))


def test_whole_days_are_the_stored_totals():
    rng = np.random.default_rng(5)
    mean = rng.gamma(2.0, 3.0, (4, 20))
    totals = np.sort(np.cumsum(mean, axis=1)[:, :, None] * rng.uniform(0.3, 2, (4, 20, 7)), axis=2)
    totals = np.maximum.accumulate(totals, axis=1)
    ahead = DemandAhead(mean, totals)
    for day in (1, 7, 20):
        expected, quantiles = ahead.total(np.zeros(4), np.full(4, float(day)))
        assert expected == pytest.approx(mean[:, :day].sum(axis=1))
        assert quantiles == pytest.approx(totals[:, day - 1])


def test_between_days_variances_add_up():
    ahead = normal_ahead(20.0, 5.0)
    mean, quantiles = ahead.total(array(0), array(2.25))
    assert mean == pytest.approx(45)
    assert quantiles[0, -1] - 45 == pytest.approx(1.959964 * 5 * np.sqrt(2.25), rel=1e-5)
    _, first = ahead.total(array(0), array(0.25))
    assert first[0, -1] - 5 == pytest.approx(1.959964 * 5 * 0.5, rel=1e-5)


def test_beyond_the_horizon_weeks_repeat_and_uncertainty_goes_on_growing():
    sure = weekly_pattern()
    assert sure.expected(np.full(2, 28.0 + 6))[0] == 4 * 56 + 5 * 7 + 14
    assert sure.expected(np.full(2, 28.0 + 14))[0] == 6 * 56
    assert sure.total(np.zeros(2), np.full(2, 300.0))[1][1].tolist() == [0.0] * 7
    # Of independent days the root of time is right, however short the horizon that is stored.
    short, long = normal_ahead(20.0, 5.0, horizon=14), normal_ahead(20.0, 5.0, horizon=56)
    made, truth = (each.total(array(0), array(56))[1][0] for each in (short, long))
    assert made == pytest.approx(truth, rel=1e-6)


def test_what_stays_wrong_grows_with_time_itself():
    periods = np.arange(1, 15)
    # Each quantile is a level that is wrong for good.
    totals = periods[None, :, None] * array(5, 7, 8, 10, 12, 14, 17)
    ahead = DemandAhead(np.full((1, 14), 10.0), totals)
    assert ahead.total(array(0), array(28))[1][0] == pytest.approx(28 * array(5, 7, 8, 10, 12, 14, 17))


def test_days_that_passed_no_longer_count():
    ahead = weekly_pattern()
    later = DemandAhead(ahead.mean, ahead.totals, passed=array(5, 5))
    assert later.expected(array(1, 1)).tolist() == [14, 0]
    assert later.total(np.zeros(2), array(1, 1))[0].tolist() == [14, 0]
    # The part of a day that is over, too.
    assert DemandAhead(ahead.mean, ahead.totals, passed=array(0.5, 0)).expected(array(0.5, 1))[0] == 3.5


def test_totals_that_begin_later_have_their_own_mean():
    sure = weekly_pattern()
    assert sure.total(array(5, 0), array(6, 1))[0].tolist() == [14, 0]
    assert sure.total(array(5, 0), array(6, 1))[1][0] == pytest.approx([14] * 7)
    assert sure.total(array(5, 0), array(3, 0))[0].tolist() == [0, 0]


def test_weeks_are_told_in_days():
    ahead = normal_ahead(70.0, 10.0, horizon=8, step=Step.WEEK)
    assert ahead.expected(array(3)) == pytest.approx(30)
    assert ahead.expected(array(7 * 12)) == pytest.approx(840)
    _, quantiles = ahead.total(array(0), array(14))
    assert quantiles[0, -1] == pytest.approx(140 + 1.959964 * 10 * np.sqrt(2), rel=1e-5)


@pytest.mark.parametrize(
    ("mean", "totals", "passed"),
    [
        (np.ones((2, 3)), np.ones((2, 4, 7)), None),
        (np.ones((2, 0)), np.ones((2, 0, 7)), None),
        (np.full((2, 3), np.nan), np.ones((2, 3, 7)), None),
        (np.ones((2, 3)), np.ones((2, 3, 7)), array(1)),
        (np.ones((2, 3)), np.ones((2, 3, 7)), array(1, -1)),
    ],
)
def test_nonsense_is_refused(mean, totals, passed):
    with pytest.raises(InvalidPlan):
        DemandAhead(mean, totals, passed=passed)


def test_no_products_are_no_problem():
    ahead = DemandAhead(np.zeros((0, 5)), np.zeros((0, 5, 7)))
    assert ahead.total(np.zeros(0), np.zeros(0))[1].shape == (0, 7)
