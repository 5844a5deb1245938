"""Suppliers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy.orm import Session

from siprems_backend.errors import Conflict, NotFound
from siprems_backend.extensions.database import database
from siprems_backend.models import audit, plan_changes, purchase_order_queries, suppliers
from siprems_backend.models.suppliers import Supplier
from siprems_backend.utils.pagination import Page, PageRequest


def listing(
    request: PageRequest, sort: str = "name", *, search: str | None = None, is_active: bool | None = None
) -> Page[Supplier]:
    """Suppliers that match all filters given."""
    with database.reading() as session:
        return suppliers.page(session, request, sort, search=search, is_active=is_active)


def get(supplier_id: int) -> Supplier:
    """The supplier with this id.

    Raises:
        NotFound: when there is none.
    """
    with database.reading() as session:
        return _known(suppliers.by_id(session, supplier_id), supplier_id)


def named(session: Session, name: str) -> Supplier:
    """The supplier with this name.

    Raises:
        NotFound: when there is none.
    """
    found = suppliers.by_name(session, name)
    if found is None:
        raise NotFound(
            f"No supplier is called '{name}'; add it with POST /suppliers first.", code="supplier_not_found"
        )
    return found


def create(values: Mapping[str, Any], user_id: int | None) -> Supplier:
    """Add a supplier.

    Raises:
        Conflict: the name is taken.
    """
    with database.transaction() as session:
        supplier = suppliers.add_if_new(session, values)
        if supplier is None:
            raise _taken(values["name"])
        _note(session, "created", supplier, user_id)
    return supplier


def change(supplier_id: int, values: Mapping[str, Any], user_id: int | None) -> Supplier:
    """Change fields; the plans of what it delivers are made anew.

    Raises:
        NotFound: when there is none.
        Conflict: another supplier has the new name.
    """
    with database.transaction() as session:
        if not values:
            return _known(suppliers.by_id(session, supplier_id), supplier_id)
        try:
            supplier = _known(suppliers.change(session, supplier_id, values), supplier_id)
        except suppliers.NameTaken:
            raise _taken(values["name"]) from None
        plan_changes.of_supplier(session, supplier_id)
        _note(session, "changed", supplier, user_id, sorted(values))
    return supplier


def remove(supplier_id: int, user_id: int | None) -> Literal["deleted", "deactivated"]:
    """Delete a supplier that nothing was ordered from; one with orders is deactivated, for they stay true.

    Raises:
        NotFound: when there is none.
    """
    outcome: Literal["deleted", "deactivated"]
    with database.transaction() as session:
        supplier = _known(suppliers.by_id(session, supplier_id, lock=True), supplier_id)
        plan_changes.of_supplier(session, supplier_id)
        if purchase_order_queries.has_orders(session, supplier_id):
            supplier.is_active = False
            outcome = "deactivated"
        else:
            suppliers.remove(session, supplier_id)
            outcome = "deleted"
        _note(session, outcome, supplier, user_id)
    return outcome


def _known(supplier: Supplier | None, supplier_id: int) -> Supplier:
    if supplier is None:
        raise NotFound(f"No supplier with id {supplier_id}.", code="supplier_not_found")
    return supplier


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a supplier called '{name}' already.", code="supplier_exists")


def _note(
    session: Session, action: str, supplier: Supplier, user_id: int | None, changed: list[str] | None = None
) -> None:
    details = {"changed": changed} if changed else None
    target = f"supplier {supplier.id} {supplier.name}"
    audit.record(session, f"supplier.{action}", user_id=user_id, target=target, details=details)
