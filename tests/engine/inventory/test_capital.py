import numpy as np
import pytest

from siprems_engine.inventory.capital import within_budget
from siprems_engine.inventory.errors import InvalidPlan
from siprems_engine.inventory.levels import covered_demand
from siprems_engine.inventory.plan import Limit, plan_lines
from siprems_engine.inventory.terms import Terms
from tests.engine.inventory.forecasts import normal_ahead


def array(*values):
    return np.array(values, dtype=float)


def two(**terms):
    """Two products that sell alike; the first earns half its cost, the second a tenth."""
    ahead = normal_ahead(array(10, 10), array(3, 3))
    given = Terms.of(
        2, unit_cost=array(10, 10), price=array(15, 11), holding=0.0, service_level=0.95, **terms
    )
    return ahead, given


def test_enough_money_changes_nothing():
    ahead, terms = two()
    free = plan_lines(ahead, terms, array(0, 0))
    rich = plan_lines(ahead, terms, array(0, 0), budget=float(free.value.sum()))
    assert rich.order.tolist() == free.order.tolist()


def test_what_earns_more_for_its_money_comes_first():
    ahead, terms = two()
    free = plan_lines(ahead, terms, array(0, 0))
    assert free.gain_per_money[0] > free.gain_per_money[1] > 0
    poor = plan_lines(ahead, terms, array(0, 0), budget=800.0)
    assert poor.order[0] > poor.order[1]
    assert poor.value.sum() <= 800
    assert poor.limit.tolist() == [Limit.CAPITAL, Limit.CAPITAL]
    assert plan_lines(ahead, terms, array(0, 0), budget=0.0).order.tolist() == [0, 0]


def test_the_last_units_of_a_good_line_earn_less_than_the_first_of_a_poor_one():
    """The last part of the first line is all but sure to stay unsold: the money goes to the other."""
    ahead, terms = two()
    free = plan_lines(ahead, terms, array(0, 0))
    middle = plan_lines(ahead, terms, array(0, 0), budget=float(free.value[0]) + 40.0)
    assert middle.order[1] > 0
    assert middle.order[0] < free.order[0]


def test_money_is_spent_as_well_as_by_trying_everything():
    rng = np.random.default_rng(8)
    ahead = normal_ahead(array(2, 1, 3), array(1, 1, 2))
    terms = Terms.of(
        3, unit_cost=array(3, 7, 5), price=array(5, 12, 6), holding=0.0, service_level=0.9, lead_mean=1.0,
        review=3.0,
    )  # fmt: skip
    covered = covered_demand(ahead, terms)
    available = array(0, 1, 2)
    order = array(10, 5, 14)

    def gain(units):
        sold = covered.missing(available) - covered.missing(available + units)
        return float((terms.margin() * sold).sum())

    for budget in rng.uniform(10, 120, 6):
        made = within_budget(order, available, covered, terms, float(budget))
        assert made @ terms.unit_cost <= budget + 1e-6
        tried = np.stack(np.meshgrid(*(np.arange(each + 1) for each in order), indexing="ij"), -1).reshape(
            -1, 3
        )
        best = max(gain(units) for units in tried if units @ terms.unit_cost <= budget)
        # Greedy buying loses at most what the last unit that did not fit would have earned.
        assert gain(made) >= best - 5.0


def test_minimum_and_packs_stay():
    ahead, terms = two(min_order=40.0, pack=8.0)
    for budget in (200.0, 500.0, 900.0):
        made = plan_lines(ahead, terms, array(0, 0), budget=budget).order
        assert ((made == 0) | (made >= 40)).all()
        assert (made % 8 == 0).all()


def test_what_costs_nobody_knows_what_is_left_alone():
    ahead = normal_ahead(array(10, 10), array(3, 3))
    terms = Terms.of(2, unit_cost=array(np.nan, 10), service_level=0.95)
    made = plan_lines(ahead, terms, array(0, 0), budget=0.0)
    assert made.order[0] > 0
    assert made.order[1] == 0
    # Where only the price is unknown, a usual margin is taken.
    assert np.isnan(made.gain_per_money[0])
    assert made.gain_per_money[1] > 0


@pytest.mark.parametrize("budget", [-1.0, np.nan, np.inf])
def test_budgets_that_are_none(budget):
    ahead, terms = two()
    with pytest.raises(InvalidPlan):
        plan_lines(ahead, terms, array(0, 0), budget=budget)
