"""Every kind of line has its sentence."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from siprems_backend.models.plan_inputs import ProductFacts
from siprems_backend.services.replenishment.inputs import Facts
from siprems_backend.services.replenishment.order_days import Chances
from siprems_backend.services.replenishment.reasons import sentence

TODAY = dt.date(2026, 11, 26)
LINE: dict[str, Any] = {
    "plan_date": TODAY,
    "current_stock": 18.0,
    "on_order": 0.0,
    "on_order_in_time": 0.0,
    "on_draft": 0.0,
    "predicted_demand": 55.2,
    "recommended": 48.0,
    "reorder_point": 63.4,
    "stockout_date": dt.date(2026, 11, 29),
    "order_by": TODAY,
    "arrives_on": dt.date(2026, 11, 28),
    "lasts_until": dt.date(2026, 12, 5),
    "pack_size": 1.0,
    "minimum": 0.0,
    "policy": "periodic",
    "limited_by": None,
}
SOON = {"stockout_date": dt.date(2026, 11, 27)}
NOTHING_DUE = {"recommended": 0.0, "reorder_point": 60.0, "order_by": dt.date(2026, 12, 7)}
SENTENCES: list[tuple[dict[str, Any], str]] = [
    (
        {},
        "Order 48: there are 18 in stock, and 55 should sell until Saturday 5 December, up to 63 if days are "
        "good.",
    ),
    (
        {"on_order_in_time": 6.0, "pack_size": 12.0, "limited_by": "pack"},
        "Order 48 (4 packs of 12): there are 18 in stock and 6 on the way, and 55 should sell until Saturday "
        "5 December, up to 63 if days are good.",
    ),
    (
        SOON,
        "Order 48: 18 in stock will be gone on Friday 27 November, before a delivery can come on Saturday "
        "28 November, and 55 should sell until Saturday 5 December, up to 63 if days are good.",
    ),
    (
        {**SOON, "current_stock": 0.0, "reorder_point": 55.5, "limited_by": "minimum", "minimum": 48.0},
        "Order 48: nothing is left, and 55 should sell until Saturday 5 December; the least that can be "
        "ordered is 48.",
    ),
    (
        {"limited_by": "max_stock", "reorder_point": 55.2, "on_draft": 12.0},
        "Order 48: there are 18 in stock, and 55 should sell until Saturday 5 December; there is no room for "
        "more than 60; a draft has 12 already.",
    ),
    (
        {"policy": "newsvendor", "limited_by": "shelf_life", "reorder_point": 55.2},
        "Order 48: what is left does not keep until the delivery, and 55 should sell until Saturday "
        "5 December; more would not sell before it expires.",
    ),
    (
        {"recommended": 0.0, "limited_by": "max_stock", "pack_size": 50.0},
        "Nothing can be ordered: 55 should sell until Saturday 5 December, up to 63 if days are good, but "
        "there is no room for 50, the smallest order.",
    ),
    (
        {**NOTHING_DUE, "stockout_date": dt.date(2027, 1, 14)},
        "Nothing to order: 18 in stock should last until Thursday 14 January; order by Monday 7 December.",
    ),
    (
        {**NOTHING_DUE, "on_order_in_time": 60.0, "on_order": 60.0, "order_by": TODAY},
        "Nothing to order: 18 in stock and 60 on the way should last until Sunday 29 November; look again "
        "tomorrow.",
    ),
    (
        {**NOTHING_DUE, "stockout_date": None, "order_by": None, "current_stock": 1234.0},
        "Nothing to order: 1,234 in stock should last for more than a year.",
    ),
    (
        {**NOTHING_DUE, "current_stock": 0.0, "order_by": None},
        "Nothing to order: nothing of it is there, and nothing is expected to sell.",
    ),
]


def _facts(unit: str = "piece", wait: int = 0) -> Facts:
    product = ProductFacts(1, "A", "A", unit, 18.0, None, None, dt.datetime(2026, 11, 26, tzinfo=dt.UTC))
    return Facts(product, {"max_stock": 60.0}, None, Chances(wait, 7), None, (), 0.0, None, 0)


@pytest.mark.parametrize(("different", "expected"), SENTENCES)
def test_a_line_is_explained(different: dict[str, Any], expected: str) -> None:
    assert sentence({**LINE, **different}, _facts()) == expected


def test_what_is_weighed_has_its_unit_and_tenths() -> None:
    line = {**LINE, "recommended": 7.5, "pack_size": 2.5, "predicted_demand": 9.04, "reorder_point": 9.1}
    assert sentence(line, _facts("kg")) == (
        "Order 7.5 kg (3 packs of 2.5): there are 18 kg in stock, and 9 kg should sell until Saturday "
        "5 December."
    )


def test_the_day_is_named_where_it_is_not_today() -> None:
    line = {**LINE, "order_by": dt.date(2026, 11, 30)}
    assert sentence(line, _facts(wait=4)).startswith(
        "Order 48 on Monday 30 November: there are 18 in stock, "
    )
