import datetime as dt

import numpy as np
import pytest

from siprems_engine.inventory.incoming import Incoming
from siprems_engine.inventory.plan import Limit, plan_lines
from siprems_engine.inventory.reasons import Why, reasons
from siprems_engine.inventory.sentences import ENGLISH, sentence
from siprems_engine.inventory.terms import Terms
from tests.engine.inventory.forecasts import normal_ahead

TODAY = dt.date(2026, 12, 7)


def told(on_hand=0.0, incoming=(), rate=10.0, spread=3.0, budget=None, **terms):
    given = Terms.of(1, **{"lead_mean": 3.0, "review": 7.0, "service_level": 0.95, **terms})
    days = np.array([day for day, _ in incoming], dtype=float)
    units = np.array([unit for _, unit in incoming], dtype=float)
    coming = Incoming(np.zeros(len(days), dtype=np.int64), days, units)
    lines = plan_lines(normal_ahead(rate, spread), given, np.array([float(on_hand)]), coming, budget)
    (reason,) = reasons(lines, given, TODAY)
    return reason, sentence(reason, TODAY)


@pytest.mark.parametrize(
    ("given", "why", "words"),
    [
        (
            {},
            Why.SOLD_OUT,
            "Nothing is left, and about 100 will be wanted before 17 December: order 116.",
        ),
        (
            {"on_hand": 25},
            Why.BEFORE_DELIVERY,
            "The stock of 25 lasts until 9 December, but what is ordered now comes on 10 December: "
            "order 91 at once.",
        ),
        (
            {"on_hand": 60, "pack": 24.0},
            Why.RUNS_OUT,
            "The stock of 60 lasts until about 13 December and has to last until 17 December: "
            "order 72 (full packs of 24).",
        ),
        (
            {"on_hand": 80, "incoming": [(2, 25)]},
            Why.SAFETY,
            "The stock of 80 with 25 on the way may just last until 17 December; to be 95 % sure, order 11.",
        ),
        (
            {"incoming": [(5, 30)]},
            Why.AWAITED,
            "Nothing is left, and the 30 on the way will not last until 17 December: order 86.",
        ),
        (
            {"on_hand": 25, "incoming": [(12, 500)]},
            Why.BEFORE_DELIVERY,
            "The stock of 25 lasts until 9 December, but what is ordered now comes on 10 December: "
            "order 91 at once; 500 on order come too late for that.",
        ),
        (
            {"on_hand": 300},
            Why.ENOUGH,
            "The stock of 300 lasts until about 6 January 2027; order by 31 December.",
        ),
        (
            {"on_hand": 25, "incoming": [(3, 200)]},
            Why.BEFORE_WHAT_COMES,
            "The stock of 25 lasts until about 9 December, and no order comes sooner than the 200 on the "
            "way; order nothing.",
        ),
        (
            {"on_hand": 15, "incoming": [(3, 200)]},
            Why.BEFORE_WHAT_COMES,
            "The stock of 15 lasts until tomorrow, and no order comes sooner than the 200 on the way; "
            "order nothing.",
        ),
        (
            {"incoming": [(2, 200)]},
            Why.NOTHING_UNTIL,
            "Nothing is left, and no order comes sooner than the 200 on the way; order nothing.",
        ),
        ({"on_hand": 9000}, Why.PLENTY, "The stock of 9,000 lasts for more than a year; order nothing."),
        (
            {"on_hand": 40, "rate": 0.01, "spread": 0.0},
            Why.HARDLY_SELLS,
            "Hardly any of it sells; the stock of 40 is enough for more than a year.",
        ),
        (
            {"rate": 0.0, "spread": 0.0},
            Why.NOT_ASKED_FOR,
            "Nothing is in stock, but hardly anybody asks for it; order nothing.",
        ),
        (
            {"shelf_life": 1.0, "lead_mean": 1.0},
            Why.FRESH,
            "It keeps for a day, and about 10 should sell in that time from tomorrow on: order 15.",
        ),
        (
            {"on_hand": 60, "max_stock": 70.0, "min_order": 50.0},
            Why.NO_ROOM,
            "56 more would be good, but there is no room for 50: order nothing.",
        ),
        (
            {"on_hand": 60, "unit_cost": 2.0, "price": 3.0, "budget": 0.0},
            Why.NO_MONEY,
            "56 more would be good, but the budget is better spent on other products.",
        ),
    ],
)  # fmt: skip
def test_sentences_read_as_a_shopkeeper_speaks(given, why, words):
    reason, said = told(**given)
    assert (reason.why, said) == (why, words)


def test_little_demand_is_put_into_words():
    assert "perhaps one will be wanted" in told(rate=0.05, spread=0.2)[1]


def test_another_language_needs_other_texts_only():
    """Each reason and each limit has a text, whose names are among the values that reasons have."""
    assert set(ENGLISH.why) == set(Why)
    assert set(ENGLISH.limits) == set(Limit)
    reason, _ = told(on_hand=60)
    assert reason.values["order"] == 56
    assert reason.values["next"] == dt.date(2026, 12, 17)
