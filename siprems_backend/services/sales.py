"""Selling: lines of sale, the stock they move and the daily sums they change, in one database transaction."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from siprems_backend.errors import Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import products, sale_lines, sales
from siprems_backend.models.products import Product
from siprems_backend.models.sale_lines import SaleLine
from siprems_backend.services import stock
from siprems_backend.services.catalogue import clean_sku, unknown_product
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import Page, PageRequest

FIRST_DAY = date(1900, 1, 1)
# Somewhere on Earth it is tomorrow already.
DAYS_AHEAD = 1
# Ten thousand such lines of one product on one day still fit the database's numbers.
LARGEST_AMOUNT = 10**8


@dataclass(frozen=True)
class Item:
    """What is sold: a quantity above zero, or below zero for a return; the product's price by default."""

    product_sku: str
    quantity: Decimal
    unit_price: Decimal | None = None
    is_promo: bool = False


@dataclass(frozen=True)
class SoldLine:
    """A line just sold, and what is left of its product."""

    line: SaleLine
    stock_left: float


@dataclass(frozen=True)
class Receipt:
    """Lines sold together; `total` counts lines without a price as nothing."""

    receipt_id: UUID
    date: date
    total: float
    lines: Sequence[SoldLine]


def list_lines(
    request: PageRequest,
    sort: str = "-id",
    *,
    sku: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    source: str | None = None,
    receipt_id: UUID | None = None,
) -> Page[SaleLine]:
    """Lines of sale that match all filters given."""
    with database.reading() as session:
        return sale_lines.page(
            session,
            request,
            sort,
            sku=sku,
            date_from=date_from,
            date_to=date_to,
            source=source,
            receipt_id=receipt_id,
        )


def get_line(line_id: int) -> SaleLine:
    """One line of sale.

    Raises:
        NotFound: when there is none with this id.
    """
    with database.reading() as session:
        line = sale_lines.by_id(session, line_id)
    if line is None:
        raise NotFound(f"No transaction with id {line_id}.", code="transaction_not_found")
    return line


def sell(item: Item, day: date | None, user_id: int | None) -> SoldLine:
    """Sell one item; `day` is today (UTC) by default.

    Raises:
        NotFound: for an unknown SKU.
        Conflict: when there is not enough of it, or it is not sold any more.
        Invalid: for a date in the future or an amount beyond all bounds.
    """
    return _sell([item], day or clock.today(), "api", None, user_id)[0]


def checkout(items: Sequence[Item], day: date | None, user_id: int | None) -> Receipt:
    """Sell all items under one receipt, or none of them; errors are those of `sell`."""
    day = day or clock.today()
    receipt_id = uuid.uuid4()
    lines = _sell(items, day, "checkout", receipt_id, user_id)
    amounts = (Decimal(str(sold.line.quantity)) * Decimal(str(sold.line.unit_price or 0)) for sold in lines)
    return Receipt(receipt_id, day, float(round(sum(amounts, Decimal(0)), 4)), lines)


def _sell(
    items: Sequence[Item], day: date, source: str, receipt_id: UUID | None, user_id: int | None
) -> list[SoldLine]:
    _require_plausible_day(day)
    skus = [clean_sku(item.product_sku) for item in items]
    with database.transaction() as session:
        found = products.lock_all(session, set(skus))
        sold = [_product(found, sku) for sku in skus]
        taken = _taken(sold, items)
        stock.require_sellable(found.values(), taken)
        stock.require_available(found.values(), taken)
        left = products.take_stock(session, taken, clock.today())
        rows = [
            {
                "product_id": product.id,
                "date": day,
                "quantity": item.quantity,
                "unit_price": _unit_price(product, item),
                "is_promo": item.is_promo,
                "source": source,
                "receipt_id": receipt_id,
                "created_by": user_id,
            }
            for product, item in zip(sold, items, strict=True)
        ]
        ids = sales.add_lines(session, rows)
        sales.refresh_daily(session, {(product.id, day) for product in sold})
        lines = {line.id: line for line in sale_lines.by_ids(session, ids)}
    return [SoldLine(lines[id_], left[product.id]) for id_, product in zip(ids, sold, strict=True)]


def _require_plausible_day(day: date) -> None:
    last = clock.today() + timedelta(days=DAYS_AHEAD)
    if not FIRST_DAY <= day <= last:
        problem = f"Must be between {FIRST_DAY} and {last}."
        raise Invalid(f"date: {problem}", fields={"date": [problem]})


def _product(found: Mapping[str, Product], sku: str) -> Product:
    if sku not in found:
        raise unknown_product(sku)
    return found[sku]


def _taken(sold: Sequence[Product], items: Sequence[Item]) -> dict[int, Decimal]:
    """Quantity by product id: a receipt may name a product several times."""
    taken: dict[int, Decimal] = {}
    for product, item in zip(sold, items, strict=True):
        taken[product.id] = taken.get(product.id, Decimal(0)) + item.quantity
    return taken


def _unit_price(product: Product, item: Item) -> Decimal | None:
    price = item.unit_price
    if price is None and product.price is not None:
        price = Decimal(str(product.price))
    if price is not None and abs(item.quantity * price) > LARGEST_AMOUNT:
        problem = f"The amount of '{product.sku}' is implausibly large: quantity times price is above 10^8."
        raise Invalid(problem, fields={"quantity": [problem]})
    return price
