"""Taking in what arrives: never more than ordered, whoever does it at once, and the stock follows exactly."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siprems_backend.errors import Conflict
from siprems_backend.extensions.database import Database
from siprems_backend.models.products import Product, StockLevel
from siprems_backend.services.replenishment import orders, receipts
from siprems_backend.services.replenishment.proposals import Wish
from tests import factories

UNITS = st.decimals(Decimal("0.0001"), Decimal(60), places=4)


def _sent(quantities: dict[str, Decimal]) -> int:
    wishes = [Wish(sku, quantity) for sku, quantity in quantities.items()]
    (order,) = orders.create(wishes, None, None)
    orders.send(order.id, None)
    return int(order.id)


def _stock(database: Database, sku: str) -> Decimal:
    with database.reading() as session:
        return Decimal(str(session.query(Product.stock).filter_by(sku=sku).scalar()))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ordered=UNITS, arrivals=st.lists(UNITS, max_size=5), start=st.decimals(Decimal(0), Decimal(9), places=4)
)
def test_stock_is_what_was_there_and_what_arrived(
    database: Database, ordered: Decimal, arrivals: list[Decimal], start: Decimal
) -> None:
    factories.empty_database(database)
    factories.make_product(database, "X", stock=start)
    order_id, arrived = _sent({"X": ordered}), Decimal(0)
    for units in arrivals:
        if arrived + units > ordered:
            with pytest.raises(Conflict):
                receipts.receive(order_id, {"X": units}, None)
        else:
            receipts.receive(order_id, {"X": units}, None)
            arrived += units
        view = orders.get(order_id)
        assert Decimal(str(view.lines[0].received)) == arrived <= ordered
        assert sum(Decimal(str(each.quantity)) for each in view.receipts) == arrived
        assert (view.order.status == "received") == (arrived == ordered)
        assert _stock(database, "X") == start + arrived


def test_two_receivers_at_once_take_in_what_there_is(database: Database) -> None:
    for sku in ("A", "B"):
        factories.make_product(database, sku, stock=0)
    order_id = _sent({"A": Decimal(10), "B": Decimal(10)})
    outcomes: list[str] = []
    together = threading.Barrier(4)

    def take_in(first: str, second: str) -> None:
        together.wait()
        try:
            receipts.receive(order_id, {first: Decimal(4), second: Decimal(4)}, None)
        except Conflict as refused:
            outcomes.append(refused.code)
        else:
            outcomes.append("taken")

    threads = [threading.Thread(target=take_in, args=pair) for pair in [("A", "B"), ("B", "A")] * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["more_than_ordered", "more_than_ordered", "taken", "taken"]
    assert (_stock(database, "A"), _stock(database, "B")) == (8, 8)
    view = orders.get(order_id)
    assert (view.order.status, [line.received for line in view.lines]) == ("partly_received", [8.0, 8.0])


def test_a_receipt_of_which_a_part_is_too_much_takes_in_nothing(database: Database) -> None:
    for sku in ("A", "B"):
        factories.make_product(database, sku, stock=3)
    order_id = _sent({"A": Decimal(5), "B": Decimal(5)})
    with pytest.raises(Conflict, match="raise the order's line"):
        receipts.receive(order_id, {"A": Decimal(5), "B": Decimal(6)}, None)
    assert (_stock(database, "A"), _stock(database, "B")) == (3, 3)
    assert not orders.get(order_id).receipts


def test_what_arrives_is_todays_level(database: Database) -> None:
    factories.make_product(database, "A", stock=3)
    receipts.receive(_sent({"A": Decimal(5)}), None, None)
    with database.reading() as session:
        assert [level.on_hand for level in session.query(StockLevel)] == [8.0]
