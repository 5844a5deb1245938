"""Parameters of ordering: said for a product, a category or the shop, and what holds in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, parameter_queries, plan_changes, products, promotions, suppliers
from siprems_backend.models import replenishment_parameters as stored
from siprems_backend.models.parameter_queries import Resolved
from siprems_backend.models.replenishment_parameters import FIELDS, POLICIES, ReplenishmentParameters
from siprems_backend.services.catalogue import clean_sku, unknown_product
from siprems_backend.services.replenishment.suppliers import named

# What holds where nobody says anything: a weekly order that takes three days to come, enough in stock for
# nineteen weeks of twenty.
DEFAULTS: Mapping[str, Any] = {
    "lead_time_days": 3.0,
    "lead_time_sd_days": 0.0,
    "review_days": 7,
    "service_level": 0.95,
    "service_by_costs": False,
    "policy": "auto",
    "ordering_cost": 0.0,
    "holding_rate": 0.25,
    "salvage_rate": 0.0,
    "min_order_quantity": 0.0,
    "pack_size": 1.0,
}
__all__ = ["POLICIES"]
BUILT_IN = "default"
SHOP = "shop"


@dataclass(frozen=True)
class ParametersView:
    """What is said here (`own`), and for a product what holds (`effective`) and who says it (`sources`)."""

    scope: str
    own: dict[str, Any]
    effective: dict[str, Any] | None = None
    sources: dict[str, str] | None = None


def of_product(sku: str) -> ParametersView:
    """The parameters of a product.

    Raises:
        NotFound: no such product.
    """
    sku = clean_sku(sku)
    with database.reading() as session:
        return _of_product(session, _product_id(session, sku))


def of_category(category: str) -> ParametersView:
    """What is said of a category.

    Raises:
        Invalid: no product is of it and nothing is said of it.
    """
    with database.reading() as session:
        row = stored.of_scope(session, category=category)
        if row is None:
            _require_category(session, category)
        return ParametersView("category", _said(session, row))


def of_shop() -> ParametersView:
    """The shop's defaults, with those built in where it says nothing."""
    with database.reading() as session:
        return _of_shop(session)


def change_product(sku: str, values: Mapping[str, Any], user_id: int | None) -> ParametersView:
    """Say something of a product; None takes back what was said.

    Raises:
        NotFound: no such product or supplier.
    """
    sku = clean_sku(sku)
    with database.transaction() as session:
        product_id = _product_id(session, sku)
        _write(session, values, user_id, f"product {sku}", product_id=product_id)
        plan_changes.of_products(session, [product_id])
        return _of_product(session, product_id)


def change_category(category: str, values: Mapping[str, Any], user_id: int | None) -> ParametersView:
    """Say something of a category.

    Raises:
        NotFound: no such supplier.
        Invalid: no product is of this category.
    """
    with database.transaction() as session:
        _require_category(session, category)
        _write(session, values, user_id, f"category {category}", category=category)
        plan_changes.of_category(session, category)
        return ParametersView("category", _said(session, stored.of_scope(session, category=category)))


def change_shop(values: Mapping[str, Any], user_id: int | None) -> ParametersView:
    """Say what holds where nothing nearer is said.

    Raises:
        NotFound: no such supplier.
    """
    with database.transaction() as session:
        _write(session, values, user_id, SHOP)
        plan_changes.of_all(session)
        return _of_shop(session)


def clear_product(sku: str, user_id: int | None) -> None:
    """Take back all that was said of a product.

    Raises:
        NotFound: no such product.
    """
    sku = clean_sku(sku)
    with database.transaction() as session:
        product_id = _product_id(session, sku)
        if stored.clear(session, product_id=product_id):
            plan_changes.of_products(session, [product_id])
            _note(session, "cleared", user_id, f"product {sku}", {})


def clear_category(category: str, user_id: int | None) -> None:
    """Take back all that was said of a category."""
    with database.transaction() as session:
        if stored.clear(session, category=category):
            plan_changes.of_category(session, category)
            _note(session, "cleared", user_id, f"category {category}", {})


def with_defaults(row: Resolved) -> dict[str, Any]:
    """What holds for a product, the built-in defaults included; None has no bound."""
    return {
        field: DEFAULTS.get(field) if (value := getattr(row, field)) is None else value for field in FIELDS
    }


def _write(
    session: Session,
    values: Mapping[str, Any],
    user_id: int | None,
    target: str,
    *,
    product_id: int | None = None,
    category: str | None = None,
) -> None:
    columns = dict(values)
    if "supplier" in columns:
        name = columns.pop("supplier")
        columns["supplier_id"] = None if name is None else named(session, name).id
    if columns:
        stored.put(session, columns, product_id=product_id, category=category, user_id=user_id)
        _note(session, "changed", user_id, target, {name: _plain(value) for name, value in values.items()})


def _note(session: Session, action: str, user_id: int | None, target: str, details: dict[str, Any]) -> None:
    audit.record(
        session, f"replenishment.{action}", user_id=user_id, target=target[:300], details=details or None
    )


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | str) else float(value)


def _product_id(session: Session, sku: str) -> int:
    product = products.by_sku(session, sku)
    if product is None:
        raise unknown_product(sku)
    return product.id


def _require_category(session: Session, category: str) -> None:
    if not promotions.known_categories(session, [category]):
        raise Invalid(
            f"No product is of the category '{category}'; GET /products/stats names those there are.",
            code="category_not_found",
            fields={"category": ["No product is of this category."]},
        )


def _said(session: Session, row: ReplenishmentParameters | None) -> dict[str, Any]:
    """What a row says, the supplier by its name."""
    said = {field: None if row is None else getattr(row, field) for field in FIELDS}
    return _with_name(session, said)


def _with_name(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    supplier_id = values.pop("supplier_id")
    supplier = None if supplier_id is None else suppliers.by_id(session, supplier_id)
    return {"supplier": None if supplier is None else supplier.name, **values}


def _of_product(session: Session, product_id: int) -> ParametersView:
    own = _said(session, stored.of_scope(session, product_id=product_id))
    holds = with_defaults(parameter_queries.resolved(session, [product_id])[product_id])
    said_by = parameter_queries.sources(session, product_id)
    sources = {
        name: said_by.get("supplier_id" if name == "supplier" else name, BUILT_IN)
        for name in ("supplier", *FIELDS[1:])
    }
    return ParametersView("product", own, _with_name(session, holds), sources)


def _of_shop(session: Session) -> ParametersView:
    own = _said(session, stored.of_scope(session))
    effective = {name: DEFAULTS.get(name) if value is None else value for name, value in own.items()}
    sources = {name: BUILT_IN if value is None else SHOP for name, value in own.items()}
    return ParametersView(SHOP, own, effective, sources)
