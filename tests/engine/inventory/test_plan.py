import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stockpyl import newsvendor

from siprems_engine.inventory import normal
from siprems_engine.inventory.ahead import DemandAhead
from siprems_engine.inventory.errors import InvalidPlan
from siprems_engine.inventory.incoming import Incoming
from siprems_engine.inventory.plan import Limit, PlanLines, Urgency, orders, plan_lines
from siprems_engine.inventory.policies import Policy
from siprems_engine.inventory.terms import Terms
from tests.engine.inventory.forecasts import normal_ahead

# 1000 a day with a deviation of 100: large numbers, so that whole units hide nothing.
RATE, SPREAD = 1000.0, 100.0


def array(*values):
    return np.array(values, dtype=float)


def plan(on_hand=0.0, incoming=(), budget=None, rate=RATE, spread=SPREAD, **terms) -> PlanLines:
    """One line of a product with normal days; deliveries are (days, units)."""
    days, units = (
        (array(*column) for column in zip(*incoming, strict=True)) if incoming else (array(), array())
    )
    coming = Incoming(np.zeros(len(days), dtype=np.int64), days, units)
    return plan_lines(normal_ahead(rate, spread), Terms.of(1, **terms), array(on_hand), coming, budget)


def level(days, service):
    return RATE * days + normal.quantile(service) * SPREAD * np.sqrt(days)


class TestPeriodic:
    def test_fills_up_to_what_suffices_until_the_delivery_after_next(self):
        line = plan(on_hand=4000, lead_mean=3, review=7, service_level=0.95)
        enough = level(10, 0.95)
        assert line.order_up_to == pytest.approx(enough, abs=0.51)
        assert line.order == pytest.approx(enough - 4000, abs=0.51)
        assert line.safety_stock == pytest.approx(enough - 10_000, abs=0.51)
        assert line.predicted_demand == pytest.approx(10_000)
        assert line.service_now == pytest.approx(0, abs=1e-6)
        assert line.service_with == pytest.approx(0.95, abs=1e-3)
        assert line.policy[0] is Policy.PERIODIC

    def test_is_stockpyls_base_stock_level(self):
        """With a review and a lead time in its periods, and the costs that the service level stands for."""
        level_, _ = newsvendor.newsvendor_normal(0.05, 0.95, RATE, SPREAD, lead_time=4)
        line = plan(lead_mean=4, review=1, service_level=0.95)
        assert line.order_up_to == pytest.approx(level_, abs=0.51)

    def test_zero_lead_time_and_zero_deviation(self):
        assert plan(spread=0.0, lead_mean=0, review=7, service_level=0.95).order == pytest.approx(7000)
        assert plan(on_hand=7000, spread=0.0, lead_mean=0, review=7).order == 0

    def test_certain_demand_needs_no_safety(self):
        line = plan(on_hand=1500, spread=0.0, lead_mean=2, review=3, service_level=0.999)
        assert line.safety_stock == 0
        assert line.order == pytest.approx(3500)
        assert line.days_of_cover == pytest.approx(1.5, abs=0.01)


class TestCosts:
    def test_service_follows_from_costs(self):
        # Missing loses 3, leaving lying costs 1: it pays in three of four cases.
        line = plan(lead_mean=1, review=2, unit_cost=5, price=8, holding=0.5)
        assert line.service_level == pytest.approx(0.75)
        assert line.order_up_to == pytest.approx(level(3, 0.75), abs=0.51)

    def test_a_level_that_was_asked_for_counts_more(self):
        assert plan(unit_cost=5, price=8, holding=0.5, service_level=0.9).service_level == 0.9

    def test_without_costs_the_usual_level_and_no_money(self):
        line = plan()
        assert line.service_level == 0.95
        for name in ("expected_cost", "value", "gain_per_money"):
            assert np.isnan(getattr(line, name)).all()

    def test_expected_cost_is_stockpyls(self):
        line = plan(lead_mean=4, review=1, unit_cost=5, price=8, holding=0.5, service_level=0.9)
        _, cost = newsvendor.newsvendor_normal(
            0.5, 3, RATE, SPREAD, lead_time=4, base_stock_level=float(line.order_up_to[0])
        )
        assert line.expected_cost == pytest.approx(cost, rel=2e-3)

    def test_no_cost_is_known_well_enough_for_certainty(self):
        assert plan(unit_cost=1, price=100, holding=0).service_level == 0.999
        # Who loses on each unit is not told to have nothing at all.
        assert plan(unit_cost=5, price=4).service_level == 0.05


class TestWaste:
    costs = {"unit_cost": 6.0, "price": 10.0, "lead_mean": 2, "review": 1}  # noqa: RUF012

    def test_the_last_unit_earns_what_it_may_lose(self):
        line = plan(spread=600.0, shelf_life=3, holding=0.0, **self.costs)
        units = float(line.order_up_to[0])

        def chance(days, at):
            return float(normal.cdf((at - RATE * days) / (600 * np.sqrt(days))))

        def gain(at):
            return 4 * (1 - chance(3, at)) - 6 * chance(5, at)

        assert gain(units - 1) > 0 > gain(units + 1)
        assert line.service_level == pytest.approx(chance(3, units), abs=2e-3)

    def test_what_keeps_long_is_ordered_as_what_keeps(self):
        keeps, long = (plan(holding=0.1, shelf_life=life, **self.costs) for life in (np.nan, 60))
        assert long.order_up_to == pytest.approx(keeps.order_up_to, abs=0.51)

    def test_a_shorter_life_never_asks_for_more(self):
        levels = [plan(spread=600.0, shelf_life=life, **self.costs).order_up_to[0] for life in (3, 4, 6)]
        assert levels[0] < levels[1] < levels[2]

    def test_what_expires_is_not_laid_up_to_save_orders(self):
        assert plan(shelf_life=30, ordering=500, **self.costs).policy[0] is Policy.PERIODIC


class TestPolicies:
    def test_min_max_orders_the_economic_quantity_above_the_reorder_point(self):
        terms = {"lead_mean": 3, "review": 1, "service_level": 0.95, "ordering": 800, "holding": 0.1}
        low = level(4, 0.95)
        economic = np.sqrt(2 * 800 * RATE / 0.1)
        line = plan(on_hand=low - 10, **terms)
        assert line.policy[0] is Policy.MIN_MAX
        assert line.reorder_point == pytest.approx(low, abs=0.51)
        assert line.order_up_to == pytest.approx(low + economic - RATE, abs=1.1)
        assert line.order == pytest.approx(economic - RATE + 10, abs=1.1)
        assert plan(on_hand=low + 10, **terms).order == 0

    def test_min_max_by_costs_is_the_power_approximation(self):
        line = plan(lead_mean=0, review=1, ordering=3000, holding=1, unit_cost=10, price=14, policy="min_max")
        from stockpyl import ss

        low, high = ss.s_s_power_approximation(1, 4, 3000, RATE, SPREAD)
        assert line.reorder_point == pytest.approx(low, abs=1)
        assert line.order_up_to == pytest.approx(high, abs=1)

    def test_fixed_quantity_orders_multiples(self):
        terms = {"lead_mean": 3, "review": 1, "service_level": 0.95, "ordering": 800, "holding": 0.1}
        economic = np.sqrt(2 * 800 * RATE / 0.1)
        assert plan(on_hand=4000, policy="fixed_quantity", **terms).order == pytest.approx(economic, abs=1)
        far = level(4, 0.95) - 1.5 * economic
        assert plan(on_hand=max(far, 0), policy="fixed_quantity", **terms).order > 0
        assert plan(on_hand=9000, policy="fixed_quantity", **terms).order == 0

    def test_one_day_of_shelf_life_is_a_newsvendor(self):
        line = plan(
            on_hand=700, lead_mean=1, review=1, shelf_life=1, unit_cost=5, price=8, salvage=1, holding=0
        )
        assert line.policy[0] is Policy.NEWSVENDOR
        quantity, _ = newsvendor.newsvendor_normal_explicit(8, 5, 1, RATE, SPREAD)
        # What lies there today is gone by then.
        assert line.order == pytest.approx(quantity, abs=0.51)
        assert line.predicted_demand == pytest.approx(RATE)

    def test_a_newsvendor_counts_what_comes_with_the_order_only(self):
        terms = {"lead_mean": 2, "review": 1, "shelf_life": 1, "service_level": 0.9}
        alone = plan(**terms).order[0]
        assert plan(incoming=[(1, 400)], **terms).order == alone
        assert plan(incoming=[(2, 400)], **terms).order == alone - 400
        assert plan(incoming=[(3, 400)], **terms).order == alone


class TestIncoming:
    terms = {"lead_mean": 3, "review": 7, "service_level": 0.95}  # noqa: RUF012

    def test_counts_only_what_comes_in_time(self):
        alone = plan(**self.terms).order[0]
        assert plan(incoming=[(2, 500)], **self.terms).order == alone - 500
        late = plan(incoming=[(10, 500)], **self.terms)
        assert late.order == alone
        assert late.on_order == 500
        assert late.on_order_in_time == 0
        assert plan(incoming=[(-4, 500)], **self.terms).on_order_in_time == 500

    def test_what_comes_late_in_the_interval_does_not_help_before(self):
        """A delivery on day 9 fills day 10, but until then stock and order have to last alone."""
        line = plan(incoming=[(9, 50_000)], **self.terms)
        assert line.order == pytest.approx(level(9, 0.95), abs=1)

    def test_a_delivery_just_before_an_order_could_come_needs_no_order(self):
        assert plan(incoming=[(3, 50_000)], **self.terms).order == 0

    def test_several_deliveries_in_any_order(self):
        one = plan(incoming=[(4, 2000), (8, 5000)], **self.terms)
        other = plan(incoming=[(8, 5000), (4, 2000)], **self.terms)
        assert one.order == other.order
        # 2,000 come before day 8, the 5,000 of then count for the last two days.
        assert one.order == pytest.approx(max(level(10, 0.95) - 7000, level(8, 0.95) - 2000), abs=1)

    def test_a_delivery_of_an_unknown_product_is_refused(self):
        stray = Incoming(np.array([1]), array(1), array(1))
        with pytest.raises(InvalidPlan):
            plan_lines(normal_ahead(1, 1), Terms.of(1), array(0), stray)


class TestLimits:
    terms = {"lead_mean": 3, "review": 7, "service_level": 0.95}  # noqa: RUF012

    def test_full_packs(self):
        line = plan(pack=2500, **self.terms)
        assert line.order == 12_500
        assert line.limit[0] is Limit.PACK

    def test_the_least_that_can_be_ordered(self):
        line = plan(on_hand=10_000, min_order=4000, **self.terms)
        assert line.order == 4000
        assert line.limit[0] is Limit.MINIMUM
        assert plan(on_hand=20_000, min_order=4000, **self.terms).order == 0

    def test_no_more_than_fits(self):
        # Until the delivery 3,000 sell: of 3,500 there 500 are left.
        line = plan(on_hand=3500, max_stock=5000, **self.terms)
        assert line.order == 4500
        assert line.limit[0] is Limit.MAX_STOCK
        assert plan(on_hand=3500, max_stock=5000, pack=3000, **self.terms).order == 3000
        blocked = plan(on_hand=3500, max_stock=5000, min_order=4600, **self.terms)
        assert blocked.order == 0
        assert blocked.need > 0
        assert blocked.limit[0] is Limit.MAX_STOCK

    def test_no_more_than_sells_before_it_expires(self):
        """Selling for 4 days after the delivery, with a third of the price as margin."""
        line = plan(shelf_life=4, unit_cost=2, price=3, holding=0, lead_mean=3, review=7)
        assert line.predicted_demand == pytest.approx(7000)
        assert line.order == pytest.approx(level(7, 1 / 3), abs=0.51)
        # A level that is asked for is cut to what the costs of waste allow.
        asked = plan(
            shelf_life=8,
            unit_cost=2,
            price=3,
            ordering=9000,
            policy="min_max",
            service_level=0.99,
            lead_mean=3,
        )
        assert asked.order == pytest.approx(level(11, 1 / 3), abs=2)
        assert asked.limit[0] is Limit.SHELF_LIFE

    def test_fractions_of_units_where_packs_are(self):
        line = plan(rate=1.3, spread=0.2, pack=0.1, **self.terms)
        assert line.order == pytest.approx(np.ceil(line.need * 10) / 10)


class TestUrgency:
    terms = {"lead_mean": 3, "review": 7, "service_level": 0.95}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("on_hand", "urgency"),
        [(0, Urgency.HIGH), (2900, Urgency.HIGH), (6000, Urgency.MEDIUM), (10_400, Urgency.MEDIUM)],
    )
    def test_by_how_much_is_missing(self, on_hand, urgency):
        assert plan(on_hand=on_hand, **self.terms).urgency[0] is urgency

    def test_enough_is_low(self):
        line = plan(on_hand=20_000, **self.terms)
        assert line.urgency[0] is Urgency.LOW
        assert line.stock_out == pytest.approx(20, abs=0.01)
        # It runs out with 5 % on day 19; an order takes 3 days.
        assert line.order_by == 16

    def test_what_no_order_can_help_is_no_reason_to_order(self):
        line = plan(on_hand=2000, incoming=[(3, 18_000)], **self.terms)
        assert line.stock_out == pytest.approx(2, abs=0.01)
        assert (line.order, line.urgency[0]) == (0, Urgency.LOW)
        # What comes on day 3 lasts until day 20, and with 5 % until day 19.
        assert line.order_by == 16

    def test_running_out_before_the_delivery_is_high_whatever_comes_then(self):
        line = plan(on_hand=2000, incoming=[(4, 9000)], **self.terms)
        assert line.stock_out == pytest.approx(2, abs=0.01)
        assert line.urgency[0] is Urgency.HIGH

    def test_what_never_sells_is_never_urgent(self):
        line = plan(rate=0.0, spread=0.0, **self.terms)
        assert line.urgency[0] is Urgency.LOW
        assert line.order == 0
        assert np.isnan(line.stock_out)
        assert np.isnan(line.days_of_cover)

    def test_deliveries_push_the_day_out(self):
        line = plan(on_hand=4000, incoming=[(2, 3000), (6, 8000)], **self.terms)
        assert line.days_of_cover == pytest.approx(4, abs=0.01)
        assert line.stock_out == pytest.approx(15, abs=0.01)
        gap = plan(on_hand=4000, incoming=[(2, 1000), (6, 8000)], **self.terms)
        assert gap.stock_out == pytest.approx(5, abs=0.01)


def test_lead_times_that_vary_ask_for_more():
    certain = plan(lead_mean=7, review=7).order
    assert plan(lead_mean=7, lead_deviation=3, review=7).order > certain + 3000


amounts = st.floats(0, 5000)
chances = st.tuples(
    amounts,
    st.floats(0, 20),
    st.sampled_from([0.0, 2.0]),
    st.sampled_from([1.0, 7.0]),
    st.sampled_from([0.5, 1.0, 12.0]),
    st.floats(0, 300),
    st.sampled_from([np.nan, 1.0, 5.0, 40.0]),
    st.sampled_from([np.nan, 50.0, 3000.0]),
    st.floats(0, 60),
)


@given(st.lists(chances, min_size=1, max_size=12), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_what_is_ordered_can_be_ordered(rows, seed):
    """Whatever the terms: full packs, the minimum or nothing, within limits; and each line for itself."""
    hand, lead, deviation, review, pack, least, life, room, rate = (
        array(*column) for column in zip(*rows, strict=True)
    )
    terms = Terms.of(
        len(rows), lead_mean=lead, lead_deviation=deviation, review=review, pack=pack, min_order=least,
        shelf_life=life, max_stock=room, unit_cost=2.0, price=3.0,
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    count = int(rng.integers(0, 2 * len(rows)))
    coming = Incoming(
        rng.integers(0, len(rows), count),
        rng.integers(0, 30, count).astype(float),
        rng.uniform(0, 400, count),
    )
    ahead = normal_ahead(rate, np.sqrt(1.5 * rate))
    line = plan_lines(ahead, terms, hand, coming)
    assert (line.order >= 0).all()
    assert np.abs(line.order / pack - np.round(line.order / pack)).max() < 1e-6
    assert ((line.order == 0) | (line.order >= least - 1e-6 * pack)).all()
    assert (line.service_with >= line.service_now - 1e-9).all()
    assert ((line.urgency != Urgency.LOW) == (line.need > 0)).all()
    assert (line.on_order_in_time <= line.on_order + 1e-9).all()
    assert (line.order[~np.isnan(room)] <= room[~np.isnan(room)] + 1e-6).all()
    assert (orders(ahead, terms, hand, coming)[0] == line.order).all()
    # No product's line depends on the others.
    one = np.array([0])
    mine = coming.product == 0
    alone = plan_lines(
        ahead.of(one), terms.of_products(one), hand[:1],
        Incoming(coming.product[mine], coming.days[mine], coming.units[mine]),
    )  # fmt: skip
    assert alone.order == pytest.approx(line.order[:1], abs=1e-6 + pack[0] * (deviation[0] > 0))


@pytest.mark.parametrize(
    "given",
    [
        {"service_level": 1.0},
        {"service_level": -0.5},
        {"pack": 0.0},
        {"review": 0.0},
        {"lead_mean": -1.0},
        {"lead_mean": np.inf},
        {"unit_cost": "dear"},
        {"policy": "guess"},
        {"policy": ["periodic", "periodic"]},
        {"colour": 1.0},
        {"pack": array(1, 2, 3)},
    ],
)
def test_terms_that_make_no_sense_are_refused(given):
    with pytest.raises(InvalidPlan):
        Terms.of(1, **given)


def test_stock_that_makes_no_sense():
    ahead, terms = normal_ahead(1, 1), Terms.of(1)
    with pytest.raises(InvalidPlan):
        plan_lines(ahead, terms, array(np.nan))
    with pytest.raises(InvalidPlan):
        plan_lines(ahead, Terms.of(2), array(1))
    with pytest.raises(InvalidPlan):
        Incoming(np.array([0]), array(1), array(-1))
    # Records below zero are records that are wrong.
    assert plan_lines(ahead, terms, array(-30)).on_hand == 0


def test_no_products_make_no_lines():
    ahead = DemandAhead(np.zeros((0, 5)), np.zeros((0, 5, 7)))
    assert len(plan_lines(ahead, Terms.of(0), np.zeros(0))) == 0
