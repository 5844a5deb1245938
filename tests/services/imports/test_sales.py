"""What sales in a file do to the stored ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from siprems_backend.errors import Conflict
from siprems_backend.extensions.database import Database
from siprems_backend.services import imports
from siprems_backend.services.imports import FileRefused, ImportKind
from siprems_backend.utils import clock
from tests import factories
from tests.services.imports.conftest import Import, Rows

FILE = """sku,date,quantity,price,is_promo,reference,weather
A,2024-01-01,2,1.50,0,,sun
A,2024-01-01,3,2.00,1,,sun
A,2024-01-01,1,2.00,0,R-7,sun
0042,2024-01-02,-0.5,,,,rain
"""
STORED = """
SELECT p.sku, t.date::text, t.quantity, t.unit_price, t.is_promo, t.external_key
FROM transactions t JOIN products p ON p.id = t.product_id ORDER BY 1, 2, 6
"""
DAILY = """
SELECT p.sku, d.date::text, d.quantity, d.promo, d.revenue
FROM daily_sales d JOIN products p ON p.id = d.product_id ORDER BY 1, 2
"""
EVERYTHING = "SELECT t.*, t.xmin FROM transactions t ORDER BY id"


def test_lines_of_one_sale_are_summed_and_stored(import_text: Import, rows: Rows) -> None:
    report = import_text(FILE)
    assert rows(STORED) == [
        ("0042", "2024-01-02", Decimal("-0.5"), None, False, "import"),
        ("A", "2024-01-01", Decimal("1"), Decimal("2"), False, "R-7"),
        ("A", "2024-01-01", Decimal("5"), Decimal("1.8"), True, "import"),
    ]
    assert rows(DAILY) == [
        ("0042", "2024-01-02", Decimal("-0.5"), False, Decimal(0)),
        ("A", "2024-01-01", Decimal("6"), True, Decimal("11")),
    ]
    expected = {
        "rows": 4,
        "accepted": 4,
        "rejected": 0,
        "inserted": 3,
        "merged": 1,
        "new_products": 2,
        "products": 2,
    }
    assert expected.items() <= report.items()
    assert report["ignored_columns"] == ["weather"]
    assert (report["first_date"], report["last_date"]) == ("2024-01-01", "2024-01-02")


def test_the_same_file_again_writes_nothing(import_text: Import, rows: Rows) -> None:
    import_text(FILE)
    before = rows(EVERYTHING), rows("SELECT d.*, d.xmin FROM daily_sales d ORDER BY 1, 2")
    report = import_text(FILE)
    assert (rows(EVERYTHING), rows("SELECT d.*, d.xmin FROM daily_sales d ORDER BY 1, 2")) == before
    assert not report["changed"]
    assert (report["inserted"], report["updated"], report["unchanged"]) == (0, 0, 3)
    assert "Nothing new" in report["message"]


def test_a_corrected_file_changes_only_what_differs(import_text: Import, rows: Rows) -> None:
    import_text(FILE)
    report = import_text(FILE.replace("-0.5", "4.25"))
    assert (report["inserted"], report["updated"], report["unchanged"]) == (0, 1, 2)
    assert rows(DAILY)[0][2] == Decimal("4.25")


def test_a_file_without_prices_and_promotions_keeps_the_stored_ones(import_text: Import, rows: Rows) -> None:
    import_text("sku,date,quantity,price,promo\nA,2024-01-01,2,1.5,1\n")
    import_text("sku,date,quantity\nA,2024-01-01,3\n")
    assert rows(STORED) == [("A", "2024-01-01", Decimal(3), Decimal("1.5"), True, "import")]


def test_sales_from_elsewhere_stay_in_the_daily_sum(
    import_text: Import, rows: Rows, database: Database
) -> None:
    product = factories.make_product(database, "A")
    with database.transaction() as session:
        session.execute(
            text(
                "INSERT INTO transactions (product_id, date, quantity, is_promo, source)"
                " VALUES (:id, '2024-01-01', 10, false, 'api')"
            ),
            {"id": product.id},
        )
    import_text("sku,date,quantity\nA,2024-01-01,3\n")
    assert rows(DAILY) == [("A", "2024-01-01", Decimal(13), False, Decimal(0))]


def test_history_does_not_move_stock_unless_asked(
    import_text: Import, rows: Rows, database: Database
) -> None:
    factories.make_product(database, "A", stock=10)
    import_text("sku,date,quantity\nA,2024-01-01,3\n")
    assert rows("SELECT stock FROM products") == [(Decimal(10),)]


def test_moved_stock_moves_by_the_difference(import_text: Import, rows: Rows, database: Database) -> None:
    factories.make_product(database, "A", stock=10)
    for quantity, left in ((3, 7), (3, 7), (5, 5), (-1, 11)):
        import_text(f"sku,date,quantity\nA,2024-01-01,{quantity}\n", move_stock=True)
        assert rows("SELECT stock FROM products") == [(Decimal(left),)]
        assert rows("SELECT date, on_hand FROM stock_levels") == [(clock.today(), Decimal(left))]


def test_stock_cannot_fall_below_nothing(import_text: Import, rows: Rows, database: Database) -> None:
    factories.make_product(database, "A", stock=2)
    with pytest.raises(Conflict, match="A"):
        import_text("sku,date,quantity\nA,2024-01-01,3\n", move_stock=True)
    assert rows("SELECT count(*) FROM transactions") == [(0,)]
    assert rows("SELECT stock FROM products") == [(Decimal(2),)]


def test_bad_rows_are_listed_by_line_and_good_ones_imported(import_text: Import, rows: Rows) -> None:
    report = import_text(
        "sku,date,quantity,price\n,2024-01-01,1,\nA,2024-02-30,1,\nA,2024-01-01,many,\nA,2024-01-01,1,-2\nA,2024-01-01,7,\n"
    )
    assert [(row["line"], row["column"]) for row in report["rejected_rows"]] == [
        (2, "sku"),
        (3, "date"),
        (4, "quantity"),
        (5, "unit_price"),
    ]
    assert report["rejected_rows"][2]["value"] == "many"
    assert (report["rows"], report["accepted"], report["rejected"]) == (5, 1, 4)
    assert [row[2] for row in rows(STORED)] == [Decimal(7)]


def test_a_file_of_rubbish_says_so(import_text: Import) -> None:
    report = import_text("sku,date,quantity\nA,B,C\n")
    assert report["message"].startswith("None of the 1 rows")
    assert import_text("sku,date,quantity\n")["message"] == "The file has no rows."


def test_an_implausible_sum_is_refused(import_text: Import, rows: Rows) -> None:
    with pytest.raises(FileRefused, match="implausible"):
        import_text("sku,date,quantity,price\nA,2024-01-01,1e9,1e9\n")
    assert rows("SELECT count(*) FROM products") == [(0,)]


def test_a_spreadsheet_with_decimal_commas(import_text: Import, rows: Rows) -> None:
    import_text("sku;date;quantity;price\nA;2024-01-01;2,5;1,25\n3,5;2024-01-01;1;\n")
    assert [row[:4] for row in rows(STORED)] == [
        ("3,5", "2024-01-01", Decimal(1), None),
        ("A", "2024-01-01", Decimal("2.5"), Decimal("1.25")),
    ]


def test_odd_skus_survive_as_they_are(import_text: Import, rows: Rows) -> None:
    odd = [
        "12 MACARON",
        "../../etc/passwd",
        "A\\B",
        "x@y",
        "Ünïcödé",
        "a",
        "A",
        "00",
        "=1+1",
        "S" * 200,
        "\\N",
        "'; --",
    ]
    import_text("sku,date,quantity\n" + "".join(f"{sku},2024-01-01,1\n" for sku in odd))
    assert {row[0] for row in rows("SELECT sku FROM products")} == set(odd)


def test_many_chunks_are_one_import(import_text: Import, rows: Rows) -> None:
    lines = [f"P{place % 50},2024-01-{1 + place % 28:02},1" for place in range(45_000)]
    report = import_text("sku,date,quantity\n" + "\n".join(lines))
    assert report["accepted"] == 45_000
    assert rows("SELECT sum(quantity) FROM daily_sales") == [(Decimal(45_000),)]


DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2024, 1, 3))
LINES = st.lists(
    st.tuples(st.sampled_from(["A", "B"]), DAYS, st.integers(-50, 50), st.sampled_from([None, "R"])),
    max_size=12,
)


@given(first=LINES, second=LINES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_daily_sums_are_those_of_the_stored_sales(
    database: Database, rows: Rows, first: Sequence[tuple], second: Sequence[tuple]
) -> None:
    """Whatever is imported, in whatever order: sums agree with lines, and each sale has its last value."""
    factories.empty_database(database)
    expected: dict[tuple, int] = {}
    for lines in (first, second):
        columns = {
            name: [line[place] for line in lines]
            for place, name in enumerate(("sku", "date", "quantity", "reference"))
        }
        with database.transaction() as session:
            imports.import_columns(session, columns, ImportKind.SALES, "lines")
        summed: dict[tuple, int] = {}
        for sku, day, quantity, reference in lines:
            key = (sku, day.isoformat(), reference or "import")
            summed[key] = summed.get(key, 0) + quantity
        expected.update(summed)
    assert {(sku, day, key): int(quantity) for sku, day, quantity, _, _, key in rows(STORED)} == expected
    days: dict[tuple, int] = {}
    for (sku, day, _), quantity in expected.items():
        days[sku, day] = days.get((sku, day), 0) + quantity
    assert {(sku, day): int(quantity) for sku, day, quantity, _, _ in rows(DAILY)} == days
