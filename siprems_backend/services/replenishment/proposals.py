"""Turning lines of the plan into orders: what is proposed, and what a person makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Invalid
from siprems_backend.models import history_queries, parameter_queries, plan_queries, suppliers
from siprems_backend.models.products import Product
from siprems_backend.services.catalogue import clean_sku, unknown_product

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Wish:
    """A product to order: the plan's quantity where none is given; `reason` says why it is another."""

    sku: str
    quantity: Decimal | None = None
    reason: str | None = None


def lines_of_wishes(session: Session, wishes: Sequence[Wish], user_id: int | None) -> list[dict[str, Any]]:
    """Columns of the lines of orders, each with the `supplier_id` of its product.

    Raises:
        NotFound: an unknown SKU.
        Invalid: a product twice, or one without a quantity that the plan proposes nothing of.
    """
    skus = [clean_sku(wish.sku) for wish in wishes]
    twice = sorted({sku for sku in skus if skus.count(sku) > 1}) if len(set(skus)) < len(skus) else []
    if twice:
        raise Invalid(f"'{twice[0]}' is named twice; give one line a product.", fields={"lines": twice})
    products = {product.sku: product for product in history_queries.products_by_sku(session, skus)}
    for sku in skus:
        if sku not in products:
            raise unknown_product(sku)
    proposed = plan_queries.proposed(session, [product.id for product in products.values()])
    suppliers_of = _suppliers_of(session, products)
    return [
        {
            **_line(products[sku], wish, proposed.get(products[sku].id), user_id),
            "supplier_id": suppliers_of[products[sku].id],
        }
        for sku, wish in zip(skus, wishes, strict=True)
    ]


def _line(product: Product, wish: Wish, proposed: float | None, user_id: int | None) -> dict[str, Any]:
    known = None if proposed is None else Decimal(str(proposed))
    quantity = known if wish.quantity is None else wish.quantity
    if quantity is None or (quantity == NOTHING and not known):
        raise Invalid(
            f"The plan proposes nothing of '{product.sku}'; say how much to order.",
            code="nothing_proposed",
            fields={"lines": [{"sku": product.sku}]},
        )
    return {
        "product_id": product.id,
        "quantity": quantity,
        "proposed": known,
        "override_reason": wish.reason,
        "decided_by": user_id,
        "unit_cost": product.cost,
    }


def _suppliers_of(session: Session, products: Mapping[str, Product]) -> dict[int, int | None]:
    rows = parameter_queries.resolved(session, [product.id for product in products.values()])
    return {product_id: row.supplier_id for product_id, row in rows.items()}


def by_supplier(lines: Sequence[Mapping[str, Any]]) -> dict[int | None, list[dict[str, Any]]]:
    """The lines of each supplier's order."""
    grouped: dict[int | None, list[dict[str, Any]]] = {}
    for line in lines:
        columns = dict(line)
        grouped.setdefault(columns.pop("supplier_id"), []).append(columns)
    return grouped


def require_active(session: Session, supplier_ids: Sequence[int]) -> None:
    """Refuse to order from somebody who delivers no more.

    Raises:
        Invalid: naming the supplier.
    """
    for supplier in suppliers.by_ids(session, supplier_ids).values():
        if not supplier.is_active:
            raise Invalid(
                f"'{supplier.name}' is not active any more; give its products another supplier.",
                code="supplier_inactive",
            )
