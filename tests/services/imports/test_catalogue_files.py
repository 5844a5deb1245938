"""Products, events and stock levels from files."""

from __future__ import annotations

from decimal import Decimal

from siprems_backend.services.imports import ImportKind
from siprems_backend.utils import clock
from tests.services.imports.conftest import Import, Rows

PRODUCTS = "SELECT sku, name, category, unit, price, cost, stock FROM products ORDER BY sku"
EVENTS = "SELECT name, date::text, type, include_in_prediction FROM events ORDER BY 1, 2"
LEVELS = """
SELECT p.sku, l.date::text, l.on_hand FROM stock_levels l JOIN products p ON p.id = l.product_id ORDER BY 1, 2
"""


def test_products_are_added_and_changed(import_text: Import, rows: Rows) -> None:
    first = import_text(
        "sku,name,category,price,cost,unit,stock\nA,Bread,Food,2.5,1,kg,7\nB,,,,,,\n", ImportKind.PRODUCTS
    )
    assert rows(PRODUCTS) == [
        ("A", "Bread", "Food", "kg", Decimal("2.5"), Decimal(1), Decimal(7)),
        ("B", "B", None, "unit", None, None, Decimal(0)),
    ]
    assert (first["inserted"], first["new_products"]) == (2, 2)
    second = import_text("SKU,Price,Colour\nA,3,red\n", ImportKind.PRODUCTS)
    assert rows(PRODUCTS)[0] == ("A", "Bread", "Food", "kg", Decimal(3), Decimal(1), Decimal(7))
    assert (second["inserted"], second["updated"], second["ignored_columns"]) == (0, 1, ["Colour"])


def test_the_last_row_of_a_product_counts(import_text: Import, rows: Rows) -> None:
    report = import_text("sku,name\nA,one\nA,two\n", ImportKind.PRODUCTS)
    assert rows(PRODUCTS)[0][1] == "two"
    assert (report["inserted"], report["merged"]) == (1, 1)


def test_the_same_products_again_change_nothing(import_text: Import, rows: Rows) -> None:
    file = "sku,name,price,stock\nA,Bread,2.55555,7\n"
    import_text(file, ImportKind.PRODUCTS)
    before = rows("SELECT *, xmin FROM products"), rows("SELECT *, xmin FROM stock_levels")
    report = import_text(file, ImportKind.PRODUCTS)
    assert (rows("SELECT *, xmin FROM products"), rows("SELECT *, xmin FROM stock_levels")) == before
    assert not report["changed"]


def test_a_counted_stock_is_the_level_of_today(import_text: Import, rows: Rows) -> None:
    import_text("sku,stock\nA,7\nB,\n", ImportKind.PRODUCTS)
    assert rows(LEVELS) == [("A", clock.today().isoformat(), Decimal(7))]


def test_events_under_both_headers(import_text: Import, rows: Rows) -> None:
    import_text(
        "event_name,event_date,event_type\nFair,2024-06-16,festival\nFair,2024-06-17,festival\n",
        ImportKind.EVENTS,
    )
    report = import_text(
        "name,date,include_in_prediction\nFair,2024-06-17,0\nSale,2024-07-01,\n", ImportKind.EVENTS
    )
    assert rows(EVENTS) == [
        ("Fair", "2024-06-16", "festival", True),
        ("Fair", "2024-06-17", "festival", False),
        ("Sale", "2024-07-01", "event", True),
    ]
    assert (report["inserted"], report["updated"]) == (1, 1)


def test_the_same_events_again_change_nothing(import_text: Import, rows: Rows) -> None:
    file = "name,date\nFair,2024-06-16\nFair,2024-06-16\n"
    assert import_text(file, ImportKind.EVENTS)["merged"] == 1
    assert not import_text(file, ImportKind.EVENTS)["changed"]
    assert len(rows(EVENTS)) == 1


def test_unusable_events_are_rejected(import_text: Import) -> None:
    report = import_text("name,date\n,2024-06-16\nFair,soon\n", ImportKind.EVENTS)
    assert [(row["line"], row["column"]) for row in report["rejected_rows"]] == [(2, "name"), (3, "date")]


def test_the_newest_level_is_the_stock(import_text: Import, rows: Rows) -> None:
    report = import_text(
        "sku,date,stock_on_hand\nA,2024-01-02,5\nA,2024-01-01,9\nB,2024-01-01,-3\n", ImportKind.STOCK
    )
    assert rows(LEVELS)[0] == ("A", "2024-01-01", Decimal(9))
    assert len(rows(LEVELS)) == 3
    assert rows("SELECT sku, stock FROM products ORDER BY 1") == [("A", Decimal(5)), ("B", Decimal(0))]
    assert report["new_products"] == 2


def test_old_levels_do_not_undo_the_stock(import_text: Import, rows: Rows) -> None:
    history = "sku,date,stock\nA,2024-01-02,5\n"
    import_text(history, ImportKind.STOCK)
    import_text("sku,stock\nA,12\n", ImportKind.STOCK)
    assert not import_text(history, ImportKind.STOCK)["changed"]
    import_text("sku,date,stock\nA,2024-01-02,6\n", ImportKind.STOCK)
    assert rows("SELECT stock FROM products") == [(Decimal(12),)]
    assert rows(LEVELS)[-1] == ("A", clock.today().isoformat(), Decimal(12))
