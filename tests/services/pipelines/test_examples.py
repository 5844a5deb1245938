"""Rows that the worked examples begin with, on shops of every kind."""

from __future__ import annotations

import datetime as dt

from siprems_backend.extensions.database import Database
from siprems_backend.services.pipelines import examples
from siprems_backend.services.pipelines.column_hints import column_hints
from tests import factories

LAST = dt.date(2026, 6, 30)


def test_an_empty_shop_has_no_rows_to_begin_with(database: Database) -> None:
    assert examples.slow_movers() == {}
    assert examples.changing_price() == {}
    assert examples.promoted_category() == {}


def test_slow_movers_are_sold_by_the_piece_and_often_enough(database: Database) -> None:
    for sku, quantities in {
        "SLOW/1 ü": [1.0, 2.0] * 60,
        "BY-WEIGHT": [0.5, 1.5] * 60,
        "FAST": [40.0] * 120,
        "NEW": [1.0] * 10,
    }.items():
        factories.sell(database, factories.make_product(database, sku), quantities, until=LAST)
    assert examples.slow_movers() == {"skus": ["SLOW/1 ü"]}
    assert examples.changing_price()["skus"][0] in {"SLOW/1 ü", "BY-WEIGHT", "FAST"}


def test_columns_of_the_shop_are_known(database: Database) -> None:
    caller = factories.make_principal(database)
    pipeline = [{"node_type": "sales_history", "input": {}}, {"node_type": "split", "input": {}}]
    assert column_hints(pipeline, caller)[1] == [
        "category",
        "date",
        "price",
        "promo",
        "quantity",
        "revenue",
        "sku",
    ]
    lost = [{"node_type": "dataset", "input": {"dataset_id": "no id"}}, pipeline[1]]
    assert column_hints(lost, caller) == [[], []]
