"""Exports: whole tables as files, read from the database page by page while they are sent."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Literal

from siprems_backend.extensions.database import database
from siprems_backend.models import audit, export_queries
from siprems_backend.models.products import CLASSES, NO_CLASSES, Classes
from siprems_backend.models.replenishment_parameters import FIELDS
from siprems_backend.services.export_files import Batches, Column, Kind, csv_chunks, parquet_chunks
from siprems_backend.services.replenishment import views
from siprems_backend.services.replenishment.order_days import WEEKDAYS
from siprems_backend.services.shop_forecasts.serving import NAMES
from siprems_backend.services.spreadsheet_files import xlsx_chunks
from siprems_backend.utils import clock
from siprems_backend.utils.units import told

Format = Literal["csv", "parquet", "xlsx"]
Fetch = Callable[..., export_queries.Rows]
ENCODERS: dict[str, Callable[[Sequence[Column], Batches], Iterator[bytes]]] = {
    "csv": csv_chunks,
    "parquet": parquet_chunks,
    "xlsx": partial(xlsx_chunks, "Plan"),
}
MIMETYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROWS_AT_A_TIME = 5_000
# A forecast has up to 365 days: this many together have about as many rows as a page of sales.
FORECASTS_AT_A_TIME = 100

SALES = (
    Column("date", "date"),
    Column("sku", "text"),
    Column("quantity", "number"),
    Column("unit_price", "number"),
    Column("is_promo", "flag"),
    Column("source", "text"),
    Column("receipt_id", "text"),
    Column("external_key", "text"),
)
PRODUCTS = (
    Column("sku", "text"),
    Column("name", "text"),
    Column("category", "text"),
    Column("unit", "text"),
    Column("price", "number"),
    Column("cost", "number"),
    Column("stock", "number"),
    Column("is_active", "flag"),
    *(Column(name, "text") for name in CLASSES),
)
EVENTS = (
    Column("date", "date"),
    Column("name", "text"),
    Column("type", "text"),
    Column("description", "text"),
    Column("country", "text"),
    Column("include_in_prediction", "flag"),
)
PROMOTIONS = (
    Column("sku", "text"),
    Column("category", "text"),
    Column("date_from", "date"),
    Column("date_to", "date"),
    Column("name", "text"),
    Column("source", "text"),
)
FORECASTS = (
    Column("sku", "text"),
    Column("date", "date"),
    Column("predicted", "number"),
    Column("lower", "number"),
    Column("upper", "number"),
    Column("engine", "text"),
    Column("created_at", "moment"),
    *(Column(f"q{level}", "number") for level in NAMES),
)


SUPPLIERS = (
    Column("name", "text"),
    Column("contact", "text"),
    Column("email", "text"),
    Column("phone", "text"),
    Column("note", "text"),
    *(Column(name, "number") for name in ("lead_time_days", "lead_time_sd_days", "review_days")),
    Column("order_days", "text"),
    *(Column(name, "number") for name in ("ordering_cost", "minimum_order_value")),
    Column("is_active", "flag"),
)
SAID_AS: dict[str, Kind] = {"service_by_costs": "flag", "policy": "text"}
REPLENISHMENT = (
    *(Column(name, "text") for name in ("sku", "category", "supplier")),
    *(Column(name, SAID_AS.get(name, "number")) for name in FIELDS[1:]),
)
PLAN_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("sku", "name", "category", "supplier", "unit", "urgency_name", "reason"), "text"),
    **dict.fromkeys(("stockout_date", "order_by", "arrives_on", "lasts_until", "plan_date"), "date"),
}
PLAN = (
    *(Column(name.removesuffix("_name"), PLAN_KINDS.get(name, "number")) for name in views.EXPORTED),
    Column("funded_units", "number"),
    Column("funded_value", "number"),
)


@dataclass(frozen=True)
class Export:
    """A file to send; `chunks` may be read once."""

    filename: str
    mimetype: str
    chunks: Iterator[bytes]


def sales(
    file_format: Format,
    user_id: int | None,
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    sku: str | None = None,
    **classes: str,
) -> Export:
    """Lines of sale by date; both dates belong to the range."""
    said = {"date_from": date_from, "date_to": date_to, "sku": sku, **classes}
    skus = None if sku is None else [sku]
    rows = sales_rows(date_from=date_from, date_to=date_to, skus=skus, classes=classes)
    return _export("sales", SALES, rows, file_format=file_format, user_id=user_id, said=said)


def sales_rows(
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    skus: Collection[str] | None = None,
    category: str | None = None,
    classes: Classes = NO_CLASSES,
) -> Batches:
    """Lines of sale by date as rows of the columns `SALES`, read page by page while they are taken."""
    fetch = partial(
        export_queries.sales,
        date_from=date_from,
        date_to=date_to,
        skus=skus,
        category=category,
        classes=classes,
    )
    return _rows_but_id(fetch)


def sales_span(
    *, date_from: date | None, date_to: date | None, skus: Collection[str] | None, category: str | None
) -> tuple[date, date] | None:
    """First and last date of the rows that `sales_rows` gives; None if it gives none."""
    with database.reading() as session:
        return export_queries.sales_span(
            session, date_from=date_from, date_to=date_to, skus=skus, category=category
        )


def products(file_format: Format, user_id: int | None, *, sku: str | None = None, **classes: str) -> Export:
    """The catalogue."""
    said = {"sku": sku, **classes}
    rows = _rows_but_id(partial(export_queries.products, sku=sku, classes=classes))
    return _export("products", PRODUCTS, rows, file_format=file_format, user_id=user_id, said=said)


def events(
    file_format: Format, user_id: int | None, *, date_from: date | None = None, date_to: date | None = None
) -> Export:
    """Events by date; both dates belong to the range."""
    said = {"date_from": date_from, "date_to": date_to}
    fetch = partial(export_queries.events, date_from=date_from, date_to=date_to)
    return _export("events", EVENTS, _rows_but_id(fetch), file_format=file_format, user_id=user_id, said=said)


def promotions(
    file_format: Format,
    user_id: int | None,
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    sku: str | None = None,
) -> Export:
    """Planned promotions with any day in the range, by their first day; the file can be imported again."""
    said = {"date_from": date_from, "date_to": date_to, "sku": sku}
    fetch = partial(export_queries.promotions, date_from=date_from, date_to=date_to, sku=sku)
    rows = _rows_but_id(fetch)
    return _export("promotions", PROMOTIONS, rows, file_format=file_format, user_id=user_id, said=said)


def suppliers(file_format: Format, user_id: int | None) -> Export:
    """Suppliers; the file can be imported again."""
    batches = (
        [(*row[:8], _weekdays(row[8]), *row[9:]) for row in page]
        for page in _rows_but_id(export_queries.suppliers)
    )
    return _export("suppliers", SUPPLIERS, batches, file_format=file_format, user_id=user_id, said={})


def _weekdays(days: Sequence[int] | None) -> str | None:
    return None if days is None else " ".join(WEEKDAYS[day] for day in days)


def replenishment(file_format: Format, user_id: int | None) -> Export:
    """What is said of ordering, of products, categories and the shop; the file can be imported again."""
    rows = _rows_but_id(export_queries.replenishment)
    return _export("replenishment", REPLENISHMENT, rows, file_format=file_format, user_id=user_id, said={})


def plan(file_format: Format, user_id: int | None, sort: str = "urgency", **wanted: Any) -> Export:
    """What to order today: the lines that match, or what limited money buys of them."""
    rows = views.rows(sort, **wanted)
    return _export(
        "plan", PLAN, rows, file_format=file_format, user_id=user_id, said={**wanted, "sort": sort}
    )


def forecasts(
    file_format: Format,
    user_id: int | None,
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    sku: str | None = None,
    **classes: str,
) -> Export:
    """The latest forecast of every product, one row for each of its days (or weeks) in the range.

    That of the whole shop (`auto`) with its quantiles, or that of the product's own model or average where
    there is none.
    """
    said = {"date_from": date_from, "date_to": date_to, "sku": sku, **classes}
    first, last = date_from or date.min, date_to or date.max
    fetch = partial(export_queries.forecasts, skus=None if sku is None else [sku], classes=classes)
    batches = (
        [row for forecast in page for row in _forecast_days(forecast) if first <= row[1] <= last]
        for page in _pages(fetch, FORECASTS_AT_A_TIME)
    )
    return _export("forecasts", FORECASTS, batches, file_format=file_format, user_id=user_id, said=said)


def forecast_rows(
    *, skus: Collection[str] | None, category: str | None, days: int
) -> Iterator[tuple[Any, ...]]:
    """(date, SKU, category, predicted, lower, upper) of the same forecasts, up to `days` days ahead."""
    fetch = partial(export_queries.forecasts, skus=skus, category=category)
    for page in _pages(fetch, FORECASTS_AT_A_TIME):
        for forecast in page:
            ahead = -(-days // forecast.step_days)
            for sku, day, predicted, lower, upper, *_ in itertools.islice(_forecast_days(forecast), ahead):
                yield day, sku, forecast.category, predicted, lower, upper


def _export(
    name: str,
    columns: Sequence[Column],
    batches: Batches,
    *,
    file_format: Format,
    user_id: int | None,
    said: Mapping[str, object],
) -> Export:
    chunks = ENCODERS[file_format](columns, batches)
    # Reading the beginning now lets a database that is away become an error, not half a file.
    beginning = [next(chunks, b""), next(chunks, b"")]
    details = {"format": file_format, **{key: str(value) for key, value in said.items() if value is not None}}
    with database.transaction() as session:
        audit.record(session, "export", user_id=user_id, target=name, details=details)
    filename = f"{name}-{clock.today()}.{file_format}"
    return Export(filename, MIMETYPES[file_format], itertools.chain(beginning, chunks))


def _pages(fetch: Fetch, limit: int) -> Iterator[export_queries.Rows]:
    """All pages of a query; no connection is held while a slow client takes what it was given."""
    after = None
    while True:
        with database.reading() as session:
            page = fetch(session, after, limit)
        if page:
            yield page
        if len(page) < limit:
            return
        after = page[-1]


def _rows_but_id(fetch: Fetch) -> Iterator[Sequence[Sequence[Any]]]:
    """Pages without the id that each row begins with."""
    for page in _pages(fetch, ROWS_AT_A_TIME):
        yield [row[1:] for row in page]


def _forecast_days(forecast: Any) -> Iterator[tuple[Any, ...]]:
    values: Iterable[Any]
    if forecast.mean is None:
        unknown = itertools.repeat([None] * len(NAMES))
        values = zip(forecast.yhat, forecast.lower, forecast.upper, unknown)  # noqa: B905  It has no end.
    else:
        rows, mean = forecast.quantiles, forecast.mean
        lower = [min(row[0], units) for row, units in zip(rows, mean, strict=True)]
        upper = [max(row[-1], units) for row, units in zip(rows, mean, strict=True)]
        values = zip(mean, lower, upper, map(told, rows), strict=True)
    for place, (*units, quantiles) in enumerate(values):
        day = forecast.start_date + timedelta(days=place * forecast.step_days)
        yield forecast.sku, day, *told(units), forecast.engine, forecast.created_at, *quantiles
