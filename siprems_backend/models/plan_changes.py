"""Counting what changes under the plan, so that lines made from something older are made anew.

A line is stale while `changes` differs from `seen`, the count that it was made at. A mere mark would be lost
when it is set while the line is being made.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

# In the order of their ids, so that two who count the same lines cannot wait for each other.
COUNT = """
WITH held AS (SELECT product_id FROM plan_lines l WHERE {chosen} ORDER BY product_id FOR UPDATE)
UPDATE plan_lines l SET changes = changes + 1 FROM held WHERE l.product_id = held.product_id
"""
OF_PRODUCTS = text(COUNT.format(chosen="l.product_id = ANY(:product_ids)"))
OF_CATEGORY = text(
    COUNT.format(chosen="l.product_id IN (SELECT id FROM products WHERE category = :category)")
)
OF_SUPPLIER = text(COUNT.format(chosen="l.supplier_id = :supplier_id"))
OF_ALL = text(COUNT.format(chosen="true"))


def of_products(session: Session, product_ids: Collection[int]) -> None:
    """Something that the lines of these products are made from has changed."""
    session.execute(OF_PRODUCTS, {"product_ids": list(product_ids)})


def of_category(session: Session, category: str) -> None:
    """The same of all products of a category."""
    session.execute(OF_CATEGORY, {"category": category})


def of_supplier(session: Session, supplier_id: int) -> None:
    """The same of all products that a supplier delivers."""
    session.execute(OF_SUPPLIER, {"supplier_id": supplier_id})


def of_all(session: Session) -> None:
    """The same of all products."""
    session.execute(OF_ALL)
