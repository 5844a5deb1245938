"""Exports over HTTP."""

from __future__ import annotations

import csv
import datetime as dt
import io
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyarrow import parquet
from sqlalchemy import select

from siprems_backend.extensions.database import Database
from siprems_backend.models.artifacts import StoredForecast
from siprems_backend.models.audit import AuditEntry
from siprems_backend.models.events import Event
from siprems_backend.models.promotions import PlannedPromotion
from siprems_backend.services import exports, imports, sales
from siprems_backend.services.imports import ImportKind
from siprems_backend.services.sales import Item
from siprems_backend.utils import clock
from siprems_backend.utils.roles import Role
from tests.factories import make_product

API = "/api/v1/exports"
DAY = dt.date(2024, 1, 1)


@pytest.fixture
def viewer(as_role: Callable[[Role], FlaskClient]) -> FlaskClient:
    return as_role(Role.VIEWER)


def csv_rows(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.json
    return list(csv.DictReader(io.StringIO(answer.data.decode(), newline="")))


def parquet_rows(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.json
    return parquet.read_table(io.BytesIO(answer.data)).to_pylist()


def forecast(product_id: int, yhat: list[float], lower: list[float], upper: list[float]) -> StoredForecast:
    return StoredForecast(
        product_id=product_id, engine="prophet", start_date=DAY, yhat=yhat, lower=lower, upper=upper
    )


def sell_ten(database: Database) -> None:
    make_product(database, "A/B", stock=100, price=2)
    make_product(database, "Ünïcödé", stock=100)
    for number in range(10):
        sku = "A/B" if number % 2 else "Ünïcödé"
        sales.sell(Item(sku, Decimal(number + 1) / 4), DAY + dt.timedelta(days=number % 3), None)


def test_sales_come_by_date_as_csv(viewer: FlaskClient, database: Database) -> None:
    sell_ten(database)
    answer = viewer.get(f"{API}/sales")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="sales-{clock.today()}.csv"'
    rows = csv_rows(answer)
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
    assert rows[0] == {
        "date": "2024-01-01",
        "sku": "Ünïcödé",
        "quantity": "0.25",
        "unit_price": "",
        "is_promo": "false",
        "source": "api",
        "receipt_id": "",
        "external_key": "",
    }
    assert sum(float(row["quantity"]) for row in rows) == 13.75


@pytest.mark.parametrize("rows_at_a_time", [1, 3, 5, 10, 11])
@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_no_line_is_lost_or_doubled_between_pages(
    viewer: FlaskClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    rows_at_a_time: int,
    file_format: str,
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_A_TIME", rows_at_a_time)
    sell_ten(database)
    answer = viewer.get(f"{API}/sales?format={file_format}")
    rows = csv_rows(answer) if file_format == "csv" else parquet_rows(answer)
    assert sorted(float(row["quantity"]) for row in rows) == [number / 4 for number in range(1, 11)]


@pytest.mark.parametrize("name", ["products", "events", "forecasts", "promotions"])
def test_other_tables_are_paged_too(
    viewer: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(exports, "ROWS_AT_A_TIME", 2)
    monkeypatch.setattr(exports, "FORECASTS_AT_A_TIME", 2)
    for number in range(5):
        product = make_product(database, f"P{number}")
        with database.transaction() as session:
            session.add(Event(name=f"P{number}", date=DAY))
            session.add(forecast(product.id, [1.0], [0.0], [2.0]))
            session.add(PlannedPromotion(product_id=product.id, date_from=DAY, date_to=DAY, source="api"))
    rows = csv_rows(viewer.get(f"{API}/{name}"))
    assert [row.get("sku", row.get("name")) for row in rows] == [f"P{number}" for number in range(5)]
    if name != "events":
        assert len(csv_rows(viewer.get(f"{API}/{name}?sku=P3"))) == 1


def test_ranges_and_skus_narrow_the_sales(viewer: FlaskClient, database: Database) -> None:
    sell_ten(database)
    rows = csv_rows(viewer.get(f"{API}/sales?date_from=2024-01-02&date_to=2024-01-02"))
    assert {row["date"] for row in rows} == {"2024-01-02"}
    rows = csv_rows(viewer.get(f"{API}/sales", query_string={"sku": "A/B"}))
    assert {row["sku"] for row in rows} == {"A/B"}
    assert csv_rows(viewer.get(f"{API}/sales?sku=nothing")) == []


def test_sales_as_parquet_have_types(viewer: FlaskClient, database: Database) -> None:
    make_product(database, "=1+1", stock=10, price=0.5)
    receipt = sales.checkout([Item("=1+1", Decimal("2.5"), is_promo=True)], DAY, None)
    answer = viewer.get(f"{API}/sales?format=parquet")
    assert answer.content_type == "application/vnd.apache.parquet"
    assert answer.headers["Content-Disposition"].endswith('.parquet"')
    assert parquet_rows(answer) == [
        {
            "date": DAY,
            "sku": "=1+1",
            "quantity": 2.5,
            "unit_price": 0.5,
            "is_promo": True,
            "source": "checkout",
            "receipt_id": str(receipt.receipt_id),
            "external_key": None,
        }
    ]


@pytest.mark.parametrize("name", ["sales", "products", "events", "forecasts", "promotions"])
def test_nothing_is_a_file_too(viewer: FlaskClient, name: str) -> None:
    header = viewer.get(f"{API}/{name}").data
    assert header.count(b"\r\n") == 1
    assert parquet_rows(viewer.get(f"{API}/{name}?format=parquet")) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_text_is_never_a_formula(viewer: FlaskClient, database: Database, start: str) -> None:
    name = f"{start}HYPERLINK(\"http://x\",'y')"
    make_product(database, "A", name=name, price=3, cost=0.0001, stock=-5)
    row = csv_rows(viewer.get(f"{API}/products"))[0]
    assert row["name"] == f"'{name}"
    assert (row["stock"], row["cost"], row["price"]) == ("-5", "0.0001", "3")


def test_text_with_commas_and_quotes_survives(viewer: FlaskClient, database: Database) -> None:
    make_product(database, 'A,"B"', name="two\r\nlines", category="ä;b")
    row = csv_rows(viewer.get(f"{API}/products"))[0]
    assert (row["sku"], row["name"], row["category"]) == ('A,"B"', "two\r\nlines", "ä;b")
    assert parquet_rows(viewer.get(f"{API}/products?format=parquet"))[0]["sku"] == 'A,"B"'


def test_promotions_can_be_imported_again(viewer: FlaskClient, database: Database, tmp_path: Path) -> None:
    product = make_product(database, "A/B", category="Bread, fresh")
    june = {"date_from": dt.date(2024, 6, 1), "date_to": dt.date(2024, 6, 30), "source": "api"}
    with database.transaction() as session:
        session.add(PlannedPromotion(category="Bread, fresh", name="June", **june))
        session.add(PlannedPromotion(product_id=product.id, **june | {"date_from": DAY}))
    file = tmp_path / "promotions.csv"
    file.write_bytes(viewer.get(f"{API}/promotions").data)
    assert [(row["sku"], row["category"], row["name"]) for row in csv.DictReader(file.open())] == [
        ("A/B", "", "Promotion"),
        ("", "Bread, fresh", "June"),
    ]
    assert imports.import_path(file, ImportKind.PROMOTIONS)["unchanged"] == 2
    assert len(csv_rows(viewer.get(f"{API}/promotions?date_to=2024-05-31"))) == 1
    assert len(csv_rows(viewer.get(f"{API}/promotions?date_from=2024-06-30"))) == 2
    assert csv_rows(viewer.get(f"{API}/promotions?date_from=2024-07-01")) == []


def test_events_come_by_date(viewer: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        session.add_all(Event(name=f"E{day}", date=dt.date(2024, 1, day)) for day in (3, 1, 2))
    assert [row["name"] for row in csv_rows(viewer.get(f"{API}/events?date_to=2024-01-02"))] == ["E1", "E2"]
    assert [row["name"] for row in csv_rows(viewer.get(f"{API}/events?date_from=2024-01-03"))] == ["E3"]


def test_forecasts_have_a_row_a_day(viewer: FlaskClient, database: Database) -> None:
    for sku in ("A", "B", "C"):
        product = make_product(database, sku)
        with database.transaction() as session:
            session.add(forecast(product.id, [1.5, 2, float("nan")], [0, 1, 2], [3, 4, 5]))
    rows = csv_rows(viewer.get(f"{API}/forecasts?date_from=2024-01-02"))
    assert [(row["sku"], row["date"], row["predicted"]) for row in rows] == [
        (sku, day, value) for sku in "ABC" for day, value in (("2024-01-02", "2"), ("2024-01-03", ""))
    ]
    assert rows[0]["created_at"].endswith("Z")
    assert len(parquet_rows(viewer.get(f"{API}/forecasts?format=parquet&sku=B"))) == 3


def test_forecasts_are_told_with_four_decimals(viewer: FlaskClient, database: Database) -> None:
    product = make_product(database, "A")
    with database.transaction() as session:
        session.add(forecast(product.id, [2 / 3], [1e-9], [1e9 / 3]))
    [row] = csv_rows(viewer.get(f"{API}/forecasts"))
    assert [row[name] for name in ("predicted", "lower", "upper")] == ["0.6667", "0", "333333333.3333"]
    [row] = parquet_rows(viewer.get(f"{API}/forecasts?format=parquet"))
    assert (row["predicted"], row["q0.5"]) == (0.6667, None)
    [point] = viewer.get("/products/A/forecast?engine=prophet").get_json()["forecast"]
    assert (point["predicted"], point["lower"], point["upper"]) == (0.6667, 0.0, 333333333.3333)


def test_exports_are_audited(viewer: FlaskClient, database: Database) -> None:
    viewer.get(f"{API}/sales?format=parquet&date_from=2024-01-01")
    with database.reading() as session:
        entry = session.execute(select(AuditEntry)).scalar_one()
    assert (entry.action, entry.target) == ("export", "sales")
    assert entry.details == {"format": "parquet", "date_from": "2024-01-01"}
    assert entry.user_id is not None


@pytest.mark.parametrize(
    "query", ["format=xlsx", "date_from=x", "date_from=2024-02-01&date_to=2024-01-01", "sku=%00", "limit=3"]
)
def test_exports_that_make_no_sense_are_refused(viewer: FlaskClient, query: str) -> None:
    assert viewer.get(f"{API}/sales?{query}").status_code == 422


def test_a_server_without_pyarrow_says_so(viewer: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    answer = viewer.get(f"{API}/sales?format=parquet")
    assert answer.status_code == 422
    assert "csv" in answer.json["message"]


def test_strangers_export_nothing(client: FlaskClient) -> None:
    assert client.get(f"{API}/sales").status_code == 401
