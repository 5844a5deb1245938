"""Planned promotions: what forecasts know of promotions before anything has sold on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, Invalid, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, promotions
from siprems_backend.services.catalogue import unknown_product
from siprems_backend.utils.pagination import Page, PageRequest


def list_promotions(
    request: PageRequest,
    sort: str = "date_from",
    *,
    sku: str | None = None,
    category: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
    search: str | None = None,
) -> Page[Any]:
    """Plans that match all filters given; the dates ask for plans with any day between them."""
    with database.reading() as session:
        return promotions.page(
            session,
            request,
            sort,
            sku=sku,
            category=category,
            date_from=date_from,
            date_to=date_to,
            search=search,
        )


def get(promotion_id: int) -> Any:
    """The plan with this id.

    Raises:
        NotFound: when there is none.
    """
    with database.reading() as session:
        return _known(session, promotion_id)


def create(values: Mapping[str, Any], user_id: int | None) -> Any:
    """Plan a promotion of the product `sku` or of the products of `category`.

    Raises:
        NotFound: no such product.
        Invalid: no product is of this category.
        Conflict: the same is planned already.
    """
    with database.transaction() as session:
        made = {**_complete(session, values), "source": "api", "created_by": user_id}
        promotion_id = promotions.add_if_new(session, made)
        if promotion_id is None:
            raise _planned_already()
        _note(session, "created", promotion_id, user_id)
        return _known(session, promotion_id)


def replace(promotion_id: int, values: Mapping[str, Any], user_id: int | None) -> Any:
    """Put another plan in the place of this one; raises as `create`, and `NotFound` when there is none."""
    with database.transaction() as session:
        return _change(session, promotion_id, _complete(session, values), user_id)


def change(promotion_id: int, values: Mapping[str, Any], user_id: int | None) -> Any:
    """Change the days or the name of a plan and keep what is not given.

    Raises:
        NotFound: when there is none.
        Invalid: it would end before it begins.
        Conflict: another plan is the same then.
    """
    with database.transaction() as session:
        known = _known(session, promotion_id)
        if values.get("date_to", known.date_to) < values.get("date_from", known.date_from):
            raise Invalid(
                f"The promotion is planned from {known.date_from} to {known.date_to} and would end before it "
                "begins; give both days.",
                fields={"date_to": ["Must not be before date_from."]},
            )
        return _change(session, promotion_id, values, user_id) if values else known


def remove(promotion_id: int, user_id: int | None) -> None:
    """Delete the plan.

    Raises:
        NotFound: when there is none.
    """
    with database.transaction() as session:
        if not promotions.remove(session, promotion_id):
            raise _unknown(promotion_id)
        _note(session, "deleted", promotion_id, user_id)


def _change(session: Session, promotion_id: int, values: Mapping[str, Any], user_id: int | None) -> Any:
    try:
        changed = promotions.change(session, promotion_id, values)
    except promotions.AlreadyPlanned:
        raise _planned_already() from None
    if not changed:
        raise _unknown(promotion_id)
    _note(session, "changed", promotion_id, user_id)
    return _known(session, promotion_id)


def _complete(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a plan, its product found by the SKU."""
    given = dict(values)
    sku, category = given.pop("sku", None), given.pop("category", None)
    product_id = None if sku is None else promotions.product_to_plan(session, sku)
    if sku is not None and product_id is None:
        raise unknown_product(sku)
    if category is not None and not promotions.known_categories(session, [category]):
        raise Invalid(
            f"No product is of the category '{category}'; GET /products/stats names those there are.",
            code="category_not_found",
            fields={"category": ["No product is of this category."]},
        )
    return {"name": promotions.UNNAMED, **given, "product_id": product_id, "category": category}


def _known(session: Session, promotion_id: int) -> Any:
    found = promotions.by_id(session, promotion_id)
    if found is None:
        raise _unknown(promotion_id)
    return found


def _note(session: Session, action: str, promotion_id: int, user_id: int | None) -> None:
    audit.record(session, f"promotion.{action}", user_id=user_id, target=f"promotion {promotion_id}")


def _unknown(promotion_id: int) -> NotFound:
    return NotFound(f"No planned promotion with id {promotion_id}.", code="promotion_not_found")


def _planned_already() -> Conflict:
    return Conflict(
        "The same promotion (product or category, days and name) is planned already.",
        code="promotion_exists",
    )
