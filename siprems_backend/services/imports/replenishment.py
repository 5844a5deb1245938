"""Parameters of ordering, from a file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Any

from siprems_backend.models import (
    history_queries,
    plan_changes,
    promotions,
    staged_replenishment,
    staged_sales,
    staging,
    suppliers,
)
from siprems_backend.models.replenishment_parameters import POLICIES
from siprems_backend.services.imports import values
from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.loading import Work
from siprems_backend.services.imports.report import Counts
from siprems_backend.services.imports.rows import Checked, Rejection
from siprems_backend.services.imports.suppliers import DELIVERY_COLUMNS
from siprems_backend.services.imports.values import BadCell, Cell

LONGEST_SHELF_LIFE_DAYS = 3650
HIGHEST_HOLDING_RATE = 10
# (column to blame, why)
Problem = tuple[str, str]


@values.takes_numbers
def service_level(cell: Cell) -> float | None:
    """A probability from 0.5 to 0.9999, also in percent, with or without the sign."""
    written = values.plain_text(cell)
    level = values.amount(written.removesuffix("%").strip() if isinstance(cell, str) else cell)
    if level is None:
        return None
    level = level / 100 if level > 1 else level
    if not 0.5 <= level <= 0.9999:
        raise BadCell("is no service level from 0.5 to 0.9999")
    return level


def policy(cell: Cell) -> str | None:
    """The name of a policy."""
    name = values.plain_text(cell).lower()
    if name and name not in POLICIES:
        raise BadCell(f"is none of {', '.join(POLICIES)}")
    return name or None


@values.takes_numbers
def positive(cell: Cell) -> float | None:
    """An optional number above zero (four decimals count)."""
    value = values.amount(cell)
    if value is not None and round(value, 4) == 0:
        raise BadCell("is zero")
    return value


COLUMNS = (
    Column("sku", values.text(values.LONGEST_SKU), ("product_sku", "product", "item", "article")),
    Column("category", values.text(200), ("product_category", "group")),
    Column("supplier", values.text(200), ("supplier_name", "vendor")),
    *DELIVERY_COLUMNS,
    Column("service_level", service_level, ("target_service_level",)),
    Column("service_by_costs", values.flag),
    Column("policy", policy),
    Column("holding_rate", values.amount_up_to(HIGHEST_HOLDING_RATE), ("holding_cost_rate",)),
    Column("salvage_rate", values.amount_up_to(1)),
    Column("min_order_quantity", values.amount, ("moq", "minimum_order_quantity", "min_order")),
    Column("pack_size", positive, ("pack", "case_size", "units_per_pack")),
    Column("shelf_life_days", values.whole(1, LONGEST_SHELF_LIFE_DAYS), ("shelf_life",)),
    Column("max_stock", values.amount, ("maximum_stock", "shelf_space")),
)


class ReplenishmentLoader:
    """A row is of a SKU, of a category, or with neither of the shop; the last one of each counts."""

    columns: Sequence[Column] = COLUMNS

    def prepare(self, work: Work) -> None:
        """Make a place for the rows."""
        staged_replenishment.create_parameters(work.session)

    def stage(self, work: Work, rows: Checked) -> Sequence[Rejection]:
        """Put rows there; those of unknown products, categories and suppliers are returned."""
        problems = _problems(work, rows)
        good = [problem is None for problem in problems]
        kept = {name: list(compress(cells, good)) for name, cells in rows.columns.items()}
        staging.copy(
            work.session, staged_replenishment.PARAMETERS, {"line": list(compress(rows.lines, good)), **kept}
        )
        return [
            Rejection(rows.lines[row], problem[0], str(_cells(rows, problem[0])[row] or ""), problem[1])
            for row, problem in enumerate(problems)
            if problem is not None
        ]

    def merge(self, work: Work, counts: Counts) -> None:
        """Write new and changed parameters."""
        work.step("Comparing with known parameters")
        staged_sales.lock_products(work.session, staged_replenishment.PARAMETERS)
        changes = staged_replenishment.merge_parameters(work.session, work.user_id)
        counts.take(changes.distinct, changes.inserted, changes.updated)
        if changes.inserted or changes.updated:
            plan_changes.of_all(work.session)


def _cells(rows: Checked, name: str) -> Sequence[Any]:
    return rows.columns.get(name) or [None] * len(rows.lines)


def _problems(work: Work, rows: Checked) -> list[Problem | None]:
    """Why each row cannot be used; None where it can."""
    session = work.session
    skus, categories, names = (_cells(rows, name) for name in ("sku", "category", "supplier"))
    known = history_queries.known_skus(session, {sku for sku in skus if sku})
    sold = promotions.known_categories(session, {name for name in categories if name})
    delivering = suppliers.known_names(session, {name for name in names if name})
    return [
        _problem(sku, category, name, known=known, sold=sold, delivering=delivering)
        for sku, category, name in zip(skus, categories, names, strict=True)
    ]


def _problem(
    sku: str | None,
    category: str | None,
    supplier: str | None,
    *,
    known: set[str],
    sold: set[str],
    delivering: set[str],
) -> Problem | None:
    if sku and category:
        return "sku", "sku and category are both given; a row is of one of them"
    if sku and sku not in known:
        return "sku", "sku is of no known product"
    if category and category not in sold:
        return "category", "category is of no known product"
    if supplier and supplier not in delivering:
        return "supplier", "supplier is not known; import suppliers first"
    return None
