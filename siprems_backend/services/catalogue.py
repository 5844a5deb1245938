"""The catalogue: products, known by their SKUs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, products
from siprems_backend.models.products import Product
from siprems_backend.models.purchase_order_queries import was_ordered
from siprems_backend.services.model_repository import open_store
from siprems_backend.utils import clock
from siprems_backend.utils.pagination import Page, PageRequest
from siprems_backend.utils.single_line import single_line

LONGEST_SKU = 200
# What a product that is replaced has when the request does not say. Its stock is not among them: stock is
# counted by sales, and a client that knows nothing of it must not set it to nothing.
UNSAID: Mapping[str, Any] = {
    "category": None,
    "unit": "unit",
    "price": None,
    "cost": None,
    "is_active": True,
}


@dataclass(frozen=True)
class CategoryStats:
    """Products of one category, and what their stock is worth."""

    category: str | None
    products: int
    stock_units: float
    stock_value: float
    stock_cost: float


@dataclass(frozen=True)
class CatalogueStats:
    """The whole catalogue; `stock_value` is at sales prices, `stock_cost` at purchase prices."""

    total: int
    active: int
    inactive: int
    out_of_stock: int
    stock_units: float
    stock_value: float
    stock_cost: float
    categories: Sequence[CategoryStats]


def clean_sku(sku: str) -> str:
    """The SKU as it is stored: Unicode normal form C, no blanks at its ends.

    Raises:
        Invalid: when it is empty, longer than 200 characters, or has control characters in it.
    """
    try:
        cleaned = single_line(sku, LONGEST_SKU)
    except ValueError as error:
        raise Invalid(f"Not a SKU: {error}", code="invalid_sku", fields={"sku": [str(error)]}) from None
    if not cleaned:
        raise Invalid("A SKU must not be empty.", code="invalid_sku", fields={"sku": ["Must not be empty."]})
    return cleaned


def clean_category(category: str) -> str:
    """The name of a category as it is stored, which is as SKUs are.

    Raises:
        Invalid: when it cannot be one.
    """
    try:
        cleaned = single_line(category, LONGEST_SKU)
    except ValueError as error:
        raise Invalid(f"Not a category: {error}", code="category_not_found") from None
    if not cleaned:
        raise Invalid("A category must not be empty.", code="category_not_found")
    return cleaned


def unknown_product(sku: str) -> NotFound:
    """The error for a SKU that nothing is sold under."""
    return NotFound(f"No product with SKU '{sku}'.", code="product_not_found")


def list_products(
    request: PageRequest,
    sort: str = "sku",
    *,
    sku: str | None = None,
    category: str | None = None,
    is_active: bool | None = None,
    search: str | None = None,
    **classes: str,
) -> Page[Product]:
    """Products that match all filters given; `classes` are any of `demand_class`, `abc` and `xyz`."""
    with database.reading() as session:
        return products.page(
            session,
            request,
            sort,
            sku=sku,
            category=category,
            is_active=is_active,
            search=search,
            classes=classes,
        )


def get(sku: str) -> Product:
    """The product with this SKU.

    Raises:
        NotFound: when there is none.
    """
    sku = clean_sku(sku)
    with database.reading() as session:
        product = products.by_sku(session, sku)
    return _known(product, sku)


def create(values: Mapping[str, Any]) -> Product:
    """Add a product; its name is its SKU when none is given.

    Raises:
        Conflict: when the SKU is taken.
    """
    sku = clean_sku(values["sku"])
    with database.transaction() as session:
        product = products.add_if_new(session, _complete(sku, values))
        if product is None:
            raise Conflict(
                f"There is a product with SKU '{sku}'; change it with PUT or PATCH.", code="product_exists"
            )
        if "stock" in values:
            products.record_level(session, product, clock.today())
    return product


def put(sku: str, values: Mapping[str, Any]) -> tuple[Product, bool]:
    """Create the product or replace it, but keep its stock unless a new one is given; whether it is new."""
    sku = _same_sku(sku, values)
    complete = _complete(sku, values)
    with database.transaction() as session:
        added = products.add_if_new(session, complete)
        product = added or _known(products.change(session, sku, complete), sku)
        if "stock" in values:
            products.record_level(session, product, clock.today())
    return product, added is not None


def patch(sku: str, values: Mapping[str, Any]) -> Product:
    """Change only the fields given.

    Raises:
        NotFound: when there is no such product.
    """
    sku = _same_sku(sku, values)
    with database.transaction() as session:
        product = _known(products.change(session, sku, {**values, "sku": sku}), sku)
        if "stock" in values:
            products.record_level(session, product, clock.today())
    return product


def remove(sku: str, user_id: int | None) -> Literal["deleted", "deactivated"]:
    """Delete a product that was never sold or ordered; others are deactivated, for what was stays true.

    Raises:
        NotFound: when there is no such product.
    """
    sku = clean_sku(sku)
    outcome: Literal["deleted", "deactivated"]
    with database.transaction() as session:
        product = _known(products.lock_against_sales(session, sku), sku)
        if products.has_history(session, product.id) or was_ordered(session, product.id):
            product.is_active = False
            outcome = "deactivated"
        else:
            products.remove(session, product.id)
            outcome = "deleted"
        audit.record(session, f"product.{outcome}", user_id=user_id, target=sku)
    if outcome == "deleted":
        # A model left behind would answer for the next product of this SKU.
        open_store().forget(sku)
    return outcome


def stats() -> CatalogueStats:
    """Counts and stock values, in all and by category."""
    with database.reading() as session:
        whole = products.totals(session)
        categories = products.totals_by_category(session)
    return CatalogueStats(
        total=whole.total,
        active=whole.active,
        inactive=whole.total - whole.active,
        out_of_stock=whole.out_of_stock,
        stock_units=float(whole.stock_units),
        stock_value=float(whole.stock_value),
        stock_cost=float(whole.stock_cost),
        categories=[
            CategoryStats(row[0], row[1], *(float(total) for total in row[2:])) for row in categories
        ],
    )


def _known(product: Product | None, sku: str) -> Product:
    if product is None:
        raise unknown_product(sku)
    return product


def _complete(sku: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {**UNSAID, "name": sku, **values, "sku": sku}


def _same_sku(sku: str, values: Mapping[str, Any]) -> str:
    """Models and forecasts are kept under the SKU, so it cannot change; repeating it is fine."""
    cleaned = clean_sku(sku)
    if clean_sku(values.get("sku", sku)) != cleaned:
        problem = "A SKU cannot be changed: create a product with the new SKU and deactivate this one."
        raise Invalid(problem, fields={"sku": [problem]})
    return cleaned
