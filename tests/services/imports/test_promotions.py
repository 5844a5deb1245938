"""Planned promotions from files."""

from __future__ import annotations

import pytest

from siprems_backend.extensions.database import Database
from siprems_backend.services.imports import ImportKind
from tests.factories import make_product
from tests.services.imports.conftest import Import, Rows

PLANS = (
    "SELECT p.sku, o.category, o.date_from::text, o.date_to::text, o.name, o.source "
    "FROM planned_promotions o LEFT JOIN products p ON p.id = o.product_id ORDER BY o.date_from, o.id"
)


@pytest.fixture(autouse=True)
def _catalogue(database: Database) -> None:
    make_product(database, "A/B", category="Bread")
    make_product(database, "007", category="Cakes")


def test_plans_of_products_and_categories(import_text: Import, rows: Rows) -> None:
    report = import_text(
        "sku;Category;Start Date;End Date;Name\nA/B;;2026-01-01;2026-01-07;New year\n"
        "007;;2026-01-02;2026-01-02;\n;Cakes;2030-02-01;2030-02-03;\n",
        ImportKind.PROMOTIONS,
    )
    assert (report["inserted"], report["rejected"]) == (3, 0)
    assert rows(PLANS) == [
        ("A/B", None, "2026-01-01", "2026-01-07", "New year", "import"),
        ("007", None, "2026-01-02", "2026-01-02", "Promotion", "import"),
        (None, "Cakes", "2030-02-01", "2030-02-03", "Promotion", "import"),
    ]


def test_the_same_plans_again_change_nothing(import_text: Import, rows: Rows) -> None:
    file = (
        "sku,category,date_from,date_to\nA/B,,2026-01-01,2026-01-07\nA/B,,2026-01-01,2026-01-07\n"
        "A/B,,2026-01-03,2026-01-09\n,Bread,2026-01-01,2026-01-07\n"
    )
    first = import_text(file, ImportKind.PROMOTIONS)
    assert (first["inserted"], first["merged"]) == (3, 1)
    again = import_text(file, ImportKind.PROMOTIONS)
    assert (again["changed"], again["unchanged"]) == (False, 3)
    assert len(rows(PLANS)) == 3


def test_weeks_in_which_no_shop_takes_part_are_no_promotions(import_text: Import, rows: Rows) -> None:
    report = import_text(
        "sku,week,week_first_day,week_last_day,stores_mailer,stores_display,stores_total\n"
        "007,2,2017-01-02,2017-01-08,0,1,107\n007,3,2017-01-09,2017-01-15,0,0,107\n"
        "007,4,2017-01-16,2017-01-22,5,,107\n",
        ImportKind.PROMOTIONS,
    )
    assert [row[2:4] for row in rows(PLANS)] == [("2017-01-02", "2017-01-08"), ("2017-01-16", "2017-01-22")]
    assert report["ignored_columns"] == ["week", "stores_total"]
    assert [(row["line"], row["reason"]) for row in report["rejected_rows"]] == [(3, "no shop takes part")]


def test_a_file_with_one_date_plans_single_days(import_text: Import, rows: Rows) -> None:
    import_text("product_sku,date\nA/B,2026-01-01\n", ImportKind.PROMOTIONS)
    assert rows(PLANS) == [("A/B", None, "2026-01-01", "2026-01-01", "Promotion", "import")]


def test_what_cannot_be_planned_is_rejected_with_its_line(import_text: Import, rows: Rows) -> None:
    report = import_text(
        "sku,category,date_from,date_to\nNOPE,,2026-01-01,2026-01-07\n,Breads,2026-01-01,2026-01-07\n"
        "A/B,Bread,2026-01-01,2026-01-07\n,,2026-01-01,2026-01-07\nA/B,,2026-01-08,2026-01-07\n"
        "A/B,,soon,2026-01-07\nA/B,,2026-01-01,2026-01-07\n",
        ImportKind.PROMOTIONS,
    )
    assert (report["rows"], report["accepted"], report["rejected"], report["inserted"]) == (7, 1, 6, 1)
    found = {row["line"]: (row["column"], row["value"], row["reason"]) for row in report["rejected_rows"]}
    assert found == {
        2: ("sku", "NOPE", "sku is of no known product"),
        3: ("category", "Breads", "category is of no known product"),
        4: ("sku", "A/B", "sku and category are both given; a promotion is of one of them"),
        5: ("sku", "", "sku and category are both empty"),
        6: ("date_to", "2026-01-07", "date_to is before date_from"),
        7: ("date_from", "soon", "date_from is not a date like 2024-05-31"),
    }
    assert report["new_products"] == 0
