import numpy as np
import pytest

from siprems_engine.forecasting import Step
from siprems_engine.forecasting.shop.grid import Grid
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.errors import InvalidPlan
from siprems_engine.inventory.replay.course import Course
from siprems_engine.inventory.replay.figures import Prices
from siprems_engine.inventory.replay.forecasts import Rolling, averages, open_on
from siprems_engine.inventory.replay.hindsight import best_levels
from siprems_engine.inventory.replay.run import (
    EARLIER,
    EARLIER_WHOLE,
    FIXED,
    HINDSIGHT,
    PLAN,
    PLAN_BLIND,
    Replay,
)
from siprems_engine.inventory.terms import Terms
from tests.engine.inventory.forecasts import drawn_ahead, negative_binomial

START = np.datetime64("2024-01-01")


def shop(units, step=Step.DAY, out_of_stock=None):
    units = np.atleast_2d(np.asarray(units, dtype=float))
    days = START + np.arange(units.shape[1]) * step.days
    return Grid(
        days, step, units, units.sum(axis=0) > 0, np.zeros(units.shape, dtype=bool), out_of_stock=out_of_stock
    )


def course_of(units, reviews, step=Step.DAY, out_of_stock=None, **terms):
    grid = shop(units, step, out_of_stock)
    given = Terms.of(len(grid.units), **{"lead_mean": 3.0, "review": 7.0, "service_level": 0.95, **terms})
    period = int(given.review[0]) // step.days
    first = len(grid.days) - 1 - reviews * period
    return Course(grid, np.arange(len(grid.units)), first, reviews, given)


def known_demand(products=200, reviews=40, mean=6.0, dispersion=2.0, seed=4):
    """Products of one distribution, and the forecast that knows it."""
    rng = np.random.default_rng(seed)
    units = negative_binomial(rng, mean, dispersion, (products, 7 * reviews + 60))
    truth = drawn_ahead(negative_binomial(rng, mean, dispersion, (20_000, 21)))
    return units, truth.of(np.zeros(products, dtype=np.int64))


def run(course, ahead, **more):
    prices = Prices.of_terms(course.terms, course.grid.step.days)
    running = Replay(course, prices, **more)
    for _ in course.places:
        running.review(ahead)
    return {each.name: each for each in running.outcomes()}


@pytest.mark.parametrize("lead", [0.0, 3.0, 7.0, 10.0])
def test_the_plan_keeps_what_it_promises_where_the_forecast_is_right(lead):
    units, ahead = known_demand()
    course = course_of(units, 40, lead_mean=lead)
    found = run(course, ahead)
    plan = found[PLAN].figures.pooled()
    cycles = int(found[PLAN].figures.cycles[0])
    # Whole units promise a little more than was asked for.
    promised = found[PLAN].promised[:, :cycles].mean()
    assert 0.95 <= promised <= 0.965
    assert plan.cycle_service == pytest.approx(promised, abs=0.012)
    assert found[EARLIER].figures.pooled().cycle_service < plan.cycle_service - 0.2


def test_the_level_that_costs_least_is_the_newsvendors():
    """In hindsight, over many cycles, the fixed level is the quantile that the costs ask for."""
    units, ahead = known_demand(products=30, reviews=160)
    course = course_of(units, 160, lead_mean=0.0)
    found = run(course, ahead)
    weekly = units[:, course.first + 1 :][:, : 160 * 7].reshape(30, -1, 7).sum(axis=2)
    cost = found[HINDSIGHT].figures.cost
    assert (cost <= found[FIXED].figures.cost + 1e-9).all()
    # Lost sales and stock between the ends move it a little from the quantile of a week.
    share = (weekly <= found[HINDSIGHT].levels[:, None]).mean(axis=1)
    assert share.mean() == pytest.approx(0.95, abs=0.04)
    assert found[PLAN].figures.pooled().cost == pytest.approx(cost.sum(), rel=0.12)


def test_the_search_finds_the_best_whole_level():
    rng = np.random.default_rng(9)
    best = rng.integers(0, 300, 50).astype(float)
    demand = np.full((50, 10), 100.0)

    def cost(levels, rows):
        return np.abs(levels - best[rows]) * 3.0

    assert best_levels(cost, demand, 3).tolist() == best.tolist()


def test_the_earlier_rule_forgets_what_is_on_its_way():
    """With a lead time of a review it orders the same gap twice; counting what comes it does not."""
    course = course_of(np.full((1, 200), 10.0), 12, lead_mean=7.0)
    mean = np.full((1, 14), 10.0)
    sure = DemandAhead(mean, np.repeat(np.cumsum(mean, axis=1)[:, :, None], 7, axis=2))
    found = run(course, sure)
    assert found[EARLIER_WHOLE].ledger.ordered.max() <= 70
    assert found[PLAN].ledger.lost.sum() == 0
    assert found[EARLIER].ledger.lost.sum() > 0


def test_weeks_round_lead_times_up_to_weeks():
    units = np.full((1, 60), 20.0)
    course = course_of(units, 10, step=Step.WEEK, lead_mean=3.0)
    assert course.lead.tolist() == [1]
    assert course.told.lead_mean.tolist() == [7.0]
    assert course.review == 1
    assert course_of(units, 10, step=Step.WEEK, lead_mean=0.0).lead.tolist() == [0]


def test_figures_are_of_whole_cycles_within_the_sales():
    course = course_of(np.ones((1, 100)), 5, lead_mean=3.0)
    # 35 days follow the first review; the first order comes after 3, four whole weeks are left.
    assert (course.measured_from, course.measured_until) == (3, 31)
    with pytest.raises(InvalidPlan, match="more reviews"):
        course_of(np.ones((1, 100)), 1, lead_mean=3.0)


def test_lead_times_that_vary_are_the_same_for_all_rules():
    course = course_of(np.ones((500, 100)), 5, lead_mean=6.0, lead_deviation=2.0)
    drawn = np.concatenate([course.drawn_lead(number) for number in range(5)])
    assert drawn.mean() == pytest.approx(6.0, abs=0.2)
    assert drawn.std() == pytest.approx(2.0, abs=0.2)
    assert (course.drawn_lead(2) == course.drawn_lead(2)).all()


def test_costs_that_are_unknown_follow_from_the_service_level():
    prices = Prices.of_terms(Terms.of(1, review=7.0, service_level=0.9), 1)
    assert (prices.holding[0] * 7, prices.missing[0]) == pytest.approx((1.0, 9.0))
    money = Prices.of_terms(Terms.of(1, unit_cost=4.0, price=6.0, holding=0.01, ordering=3.0, salvage=1.0), 7)
    assert (money.holding[0], money.missing[0], money.wasted[0], money.ordering[0]) == (
        pytest.approx((0.07, 2, 3, 3))
    )


def test_what_stock_hid_is_wanted_as_on_like_days():
    units = np.tile(np.array([1.0, 2, 3, 4, 5, 6, 7]), 12)[None, :]
    hidden = np.zeros(units.shape, dtype=bool)
    hidden[0, 70:72] = True
    sold = units.copy()
    sold[0, 70:72] = 0.0
    course = course_of(sold, 3, out_of_stock=hidden, lead_mean=0.0)
    assert course.demand[0].tolist() == units[0, course.first + 1 :].tolist()
    assert course_of(sold, 3, lead_mean=0.0).demand[0].tolist() == sold[0, course.first + 1 :].tolist()


def test_the_blind_plan_orders_from_its_own_forecasts():
    course = course_of(np.full((1, 100), 10.0), 6)
    mean = np.full((1, 14), 10.0)
    ahead = DemandAhead(mean, np.repeat(np.cumsum(mean, axis=1)[:, :, None], 7, axis=2))
    half = DemandAhead(mean / 2, ahead.totals / 2)
    running = Replay(course, Prices.of_terms(course.terms, 1), blind=True)
    for _ in course.places:
        running.review(ahead, half)
    found = {each.name: each for each in running.outcomes()}
    assert found[PLAN].figures.pooled().fill_rate == 1
    assert found[PLAN_BLIND].figures.pooled().fill_rate < 0.8


def test_forecasts_of_a_review_know_nothing_after_it():
    rng = np.random.default_rng(1)
    units = rng.poisson(8, (6, 150)).astype(float)
    last = 120
    changed = units.copy()
    changed[:, last + 1 :] = rng.poisson(40, changed[:, last + 1 :].shape)
    rows = np.arange(3)
    made, other = (Rolling(shop(each), rows, 10).at(last) for each in (units, changed))
    assert made.totals == pytest.approx(other.totals)
    assert len(made) == 3
    for known, blind in zip(
        averages(shop(units), rows, last), averages(shop(changed), rows, last), strict=True
    ):
        assert known == pytest.approx(blind)


def test_days_off_go_on_beyond_the_calendar():
    units = np.tile(np.array([1.0, 1, 1, 1, 1, 1, 0]), 10)[None, :]
    grid = shop(units)
    assert open_on(grid, np.arange(63, 77)).tolist() == ([True] * 6 + [False]) * 2
    mean, deviation = averages(grid, np.array([0]), 69)
    assert mean == pytest.approx(6 / 7)
    assert deviation == pytest.approx(np.std(units, ddof=1))


@pytest.mark.parametrize("terms", [{"review": 3.5}, {"review": np.array([7.0, 14.0])}])
def test_reviews_that_cannot_be_replayed(terms):
    with pytest.raises(InvalidPlan, match="whole days apart"):
        Course(shop(np.ones((2, 90))), np.arange(2), 40, 4, Terms.of(2, **terms))


def test_more_reviews_than_the_past_holds():
    with pytest.raises(InvalidPlan, match="too few"):
        Course(shop(np.ones((1, 30))), np.arange(1), 20, 4, Terms.of(1))
    with pytest.raises(InvalidPlan, match="no product"):
        Course(shop(np.ones((1, 30))), np.arange(0), 5, 2, Terms.of(0))
