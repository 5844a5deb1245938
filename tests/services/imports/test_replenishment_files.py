"""Files of suppliers and of parameters of ordering."""

from __future__ import annotations

from siprems_backend.extensions.database import Database
from siprems_backend.services.imports import ImportKind
from siprems_backend.services.replenishment import parameters
from tests.factories import make_product
from tests.services.imports.conftest import Import, Rows

SUPPLIERS = (
    "Supplier;Contact;E-Mail;Lead time;Lead time SD;Order days;Min order value\n"
    "Mill;Ada;ada@mill.example;2,5;0,5;Mon, thu;150\n"
    "Dairy;;nobody;1;;;\n"
    "Farm;;;1;;someday;\n"
    "Mill;;;3;;;\n"
)


def test_suppliers_are_added_and_changed(import_text: Import, rows: Rows) -> None:
    report = import_text(SUPPLIERS, ImportKind.SUPPLIERS)
    assert (report["accepted"], report["inserted"], report["rejected"]) == (2, 1, 2)
    assert [(row["column"], row["line"]) for row in report["rejected_rows"]] == [
        ("email", 3),
        ("order_days", 4),
    ]
    # The last row of a name counts, and as a whole.
    assert rows("SELECT name, contact, lead_time_days, order_days FROM suppliers") == [
        ("Mill", None, 3, None)
    ]
    more = import_text("name,order_days,review_days\nMill,tuesday fri,7\n", ImportKind.SUPPLIERS)
    assert (more["inserted"], more["updated"]) == (0, 1)
    # An empty cell or an absent column keeps what is stored.
    assert rows("SELECT lead_time_days, order_days, review_days FROM suppliers") == [(3, [1, 4], 7)]
    again = import_text("name,order_days,review_days\nMill,tuesday fri,7\n", ImportKind.SUPPLIERS)
    assert not again["changed"]


def test_parameters_are_of_products_categories_and_the_shop(
    import_text: Import, database: Database, rows: Rows
) -> None:
    make_product(database, "A/B", category="Bread")
    import_text("name\nMill\n", ImportKind.SUPPLIERS)
    content = (
        "sku,category,vendor,service_level,moq,case size,shelf life,policy,service_by_costs\n"
        "A/B,,Mill,97.5%,12,6,2,periodic,\n"
        ",Bread,,0.9,,,,,yes\n"
        ",,Mill,,,,,,\n"
        "none,,,0.9,,,,,\n"
        "A/B,Bread,,0.9,,,,,\n"
        ",none,,0.9,,,,,\n"
        "A/B,,Nobody,,,,,,\n"
        "A/B,,,0.3,,,,,\n"
        "A/B,,,,,0,,,\n"
        "A/B,,,,,,1.5,,\n"
        "A/B,,,,,,,guess,\n"
    )
    report = import_text(content, ImportKind.REPLENISHMENT)
    assert (report["accepted"], report["inserted"], report["rejected"]) == (3, 3, 8)
    blamed = [row["column"] for row in sorted(report["rejected_rows"], key=lambda row: row["line"])]
    assert blamed == [
        "sku",
        "sku",
        "category",
        "supplier",
        "service_level",
        "pack_size",
        "shelf_life_days",
        "policy",
    ]
    effective = parameters.of_product("A/B").effective
    assert effective is not None
    assert (effective["supplier"], effective["service_level"], effective["pack_size"]) == ("Mill", 0.975, 6.0)
    assert (effective["shelf_life_days"], effective["service_by_costs"]) == (2, True)
    assert not import_text(content, ImportKind.REPLENISHMENT)["changed"]
    import_text("sku,pack\nA/B,8\n", ImportKind.REPLENISHMENT)
    kept = rows("SELECT pack_size, min_order_quantity FROM replenishment_parameters WHERE product_id > 0")
    assert kept == [(8, 12)]
