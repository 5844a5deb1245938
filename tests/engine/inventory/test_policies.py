"""Every formula beside stockpyl (Snyder), on 200 sets of parameters and at the edges."""

import numpy as np
import pytest
from stockpyl import eoq, loss_functions, newsvendor, rq, ss

from siprems_engine.inventory import policies

SETS = 200
CLOSE = {"rel": 1e-6, "abs": 1e-6}


@pytest.fixture(scope="module")
def given():
    """Costs and demand of 200 products, over several orders of magnitude."""
    rng = np.random.default_rng(2019)

    def sizes(low, high):
        return np.exp(rng.uniform(np.log(low), np.log(high), SETS))

    class Given:
        mean, deviation = sizes(0.05, 5000), sizes(0.05, 900)
        holding, shortage = sizes(0.001, 20), sizes(0.01, 400)
        ordering, lead = sizes(0.1, 500), rng.integers(1, 30, SETS).astype(float)
        units = mean + rng.uniform(-3, 3, SETS) * deviation
        cost = sizes(0.1, 90)
        price, salvage = cost * rng.uniform(1.02, 4, SETS), cost * rng.uniform(0, 0.98, SETS)

    return Given


def each(function, *columns):
    """What stockpyl, which takes one product at a time, returns for each."""
    return np.array([function(*map(float, row)) for row in zip(*columns, strict=True)])


def test_economic_order_quantity(given):
    ours = policies.economic_order_quantity(given.ordering, given.holding, given.mean)
    theirs = each(
        lambda k, h, d: eoq.economic_order_quantity(k, h, d)[0], given.ordering, given.holding, given.mean
    )
    assert ours == pytest.approx(theirs, **CLOSE)


def test_economic_order_quantity_with_backorders(given):
    ours = policies.quantity_with_backorders(given.ordering, given.holding, given.shortage, given.mean)
    theirs = each(
        lambda k, h, p, d: eoq.economic_order_quantity_with_backorders(k, h, p, d)[0],
        *(given.ordering, given.holding, given.shortage, given.mean),
    )
    assert ours == pytest.approx(theirs, **CLOSE)


def test_base_stock_and_its_cost(given):
    """(R,S): the newsvendor over lead time and review."""
    periods = given.lead + 1
    mean, deviation = given.mean * periods, given.deviation * np.sqrt(periods)
    ratio = given.shortage / (given.shortage + given.holding)
    level = policies.order_up_to(mean, deviation, ratio)
    theirs = each(
        newsvendor.newsvendor_normal,
        *(given.holding, given.shortage, given.mean, given.deviation, given.lead),
    )
    assert level == pytest.approx(theirs[:, 0], **CLOSE)
    cost = policies.period_cost(level, mean, deviation, given.holding, given.shortage)
    assert cost == pytest.approx(theirs[:, 1], **CLOSE)
    assert policies.safety_stock(deviation, ratio) == pytest.approx(theirs[:, 0] - mean, **CLOSE)


def test_cost_of_any_level(given):
    ours = policies.period_cost(given.units, given.mean, given.deviation, given.holding, given.shortage)
    theirs = each(
        newsvendor.newsvendor_normal_cost,
        *(given.units, given.holding, given.shortage, given.mean, given.deviation),
    )
    assert ours == pytest.approx(theirs, **CLOSE)


def test_missing_units(given):
    theirs = each(
        lambda x, m, s: loss_functions.normal_loss(x, m, s)[0], given.units, given.mean, given.deviation
    )
    assert policies.missing(given.units, given.mean, given.deviation) == pytest.approx(theirs, **CLOSE)


def test_critical_ratio_of_prices(given):
    ratio = policies.critical_ratio(given.cost, given.price, given.salvage, given.holding)
    quantity = policies.order_up_to(given.mean, given.deviation, ratio)
    theirs = each(
        lambda r, c, v, m, s, h: newsvendor.newsvendor_normal_explicit(r, c, v, m, s, holding_cost=h)[0],
        *(given.price, given.cost, given.salvage, given.mean, given.deviation, given.holding),
    )
    assert quantity == pytest.approx(theirs, **CLOSE)


def test_reorder_point_and_quantity(given):
    """(R,Q) by economic quantity and safety stock."""
    mean, deviation = given.mean * given.lead, given.deviation * np.sqrt(given.lead)
    point, quantity = policies.fixed_quantity(
        mean,
        deviation,
        given.shortage / (given.shortage + given.holding),
        ordering=given.ordering,
        holding=given.holding,
        rate=given.mean,
    )
    theirs = each(
        rq.r_q_eoqss_approximation,
        *(given.holding, given.shortage, given.ordering, given.mean, given.deviation, given.lead),
    )
    assert point == pytest.approx(theirs[:, 0], **CLOSE)
    assert quantity == pytest.approx(theirs[:, 1], **CLOSE)


def test_min_max_levels(given):
    """(s,S) by the power approximation, where it is valid: large orders."""
    ordering = given.ordering * 50 + 4 * given.holding * given.mean
    low, high = policies.power_approximation(
        given.mean,
        given.deviation,
        given.mean,
        given.deviation,
        ordering=ordering,
        holding=given.holding,
        shortage=given.shortage,
    )
    theirs = each(
        ss.s_s_power_approximation,
        *(given.holding, given.shortage, ordering, given.mean, given.deviation),
    )
    valid = theirs[:, 1] - theirs[:, 0] > policies.POWER_VALID * given.mean
    assert valid.sum() > 150
    assert low[valid] == pytest.approx(theirs[valid, 0], **CLOSE)
    assert high[valid] == pytest.approx(theirs[valid, 1], **CLOSE)


@pytest.mark.parametrize("dispersion", [1.2, 3.0])
def test_min_max_levels_cost_little_more_than_the_best(dispersion):
    """The exact optimum of Zheng and Federgruen, as stockpyl finds it, is at most a few percent cheaper."""
    mean, holding, shortage, ordering = 10.0, 1.0, 9.0, 64.0
    deviation = np.sqrt(dispersion * mean)
    size = np.arange(80)
    density = np.exp(-0.5 * ((size - mean) / deviation) ** 2)
    chances = (density / density.sum()).tolist()
    one = np.ones(1)
    low, high = policies.power_approximation(
        mean * one,
        deviation * one,
        mean * one,
        deviation * one,
        ordering=ordering * one,
        holding=holding * one,
        shortage=shortage * one,
    )
    best = ss.s_s_discrete_exact(holding, shortage, ordering, False, demand_hi=79, demand_pmf=chances)
    cost = ss.s_s_cost_discrete(
        round(float(low[0])), round(float(high[0])), holding, shortage, ordering, False,
        demand_hi=79, demand_pmf=chances,
    )  # fmt: skip
    assert best[2] <= cost + 1e-9
    assert cost <= 1.03 * best[2]


def array(*values):
    return np.array(values, dtype=float)


class TestEdges:
    def test_zero_deviation_needs_no_safety(self):
        assert policies.order_up_to(array(30), array(0), array(0.95)) == 30
        assert policies.missing(array(20, 40), array(30, 30), array(0, 0)) == pytest.approx([10, 0])
        assert policies.period_cost(array(20, 40), array(30, 30), array(0, 0), array(2, 2), array(5, 5)) == (
            pytest.approx([50, 20])
        )

    def test_zero_lead_time_leaves_the_review(self):
        """Without a lead time the demand of one period counts, as stockpyl has it."""
        level = policies.order_up_to(array(50), array(8), array(18 / 18.7))
        assert level == pytest.approx(newsvendor.newsvendor_normal(0.7, 18, 50, 8, lead_time=0)[0])
        point, _ = policies.fixed_quantity(
            array(0), array(0), array(0.9), ordering=array(8), holding=array(0.2), rate=array(1300)
        )
        assert point == 0

    def test_no_costs_are_no_answer_rather_than_a_wrong_one(self):
        nan = array(np.nan)
        assert np.isnan(policies.critical_ratio(nan, array(3), array(0), array(0)))
        assert np.isnan(policies.critical_ratio(array(2), nan, array(0), array(0)))
        assert np.isnan(policies.economic_order_quantity(nan, array(1), array(1)))

    def test_extreme_costs(self):
        # Sold at a loss, nothing lost on what is left, neither.
        cost, price, salvage = array(5, 2, 2), array(4, 3, 2), array(0, 2, 2)
        assert policies.critical_ratio(cost, price, salvage, array(0, 0, 0)).tolist() == [0, 1, 0]
        assert policies.economic_order_quantity(array(0, 5, 5), array(1, 0, 1), array(9, 9, 0)).tolist() == [
            0,
            np.inf,
            0,
        ]
        low, high = policies.power_approximation(
            array(0, 5), array(0, 1), array(0, 5), array(0, 1),
            ordering=array(5, 5), holding=array(1, 1), shortage=array(9, np.nan),
        )  # fmt: skip
        assert np.isnan(low).all()
        assert np.isnan(high).all()
