"""Planned promotions, from a file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, repeat
from typing import Any

from siprems_backend.models import history_queries, promotions, staged_promotions, staged_sales, staging
from siprems_backend.services.imports import values
from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.loading import Work
from siprems_backend.services.imports.report import Counts
from siprems_backend.services.imports.rows import Checked, Rejection

# Names that files give the two ends of a promotion; one with a single date has both there.
FIRST_DAY = ("date_from", "week_first_day", "first_day", "from", "start_date", "date")
LAST_DAY = ("date_to", "week_last_day", "last_day", "to", "end_date", "date")
# A plan may count shops; a row in which none takes part is no promotion.
SHOPS_TAKING_PART = ("stores_mailer", "stores_display")

COLUMNS = (
    Column("sku", values.text(values.LONGEST_SKU), ("product_sku", "product", "item", "article")),
    Column("category", values.text(200), ("product_category", "group")),
    Column("date_from", values.event_date, FIRST_DAY[1:], required=True),
    Column("date_to", values.event_date, LAST_DAY[1:], required=True),
    Column("name", values.text(200), ("promotion", "promotion_name")),
    *(Column(name, values.amount) for name in SHOPS_TAKING_PART),
)
STORED = ("sku", "category", "date_from", "date_to", "name")
# (column to blame, why)
Problem = tuple[str, str]


class PromotionsLoader:
    """A plan is of a known product or category; the same plan again changes nothing, plans may overlap."""

    columns: Sequence[Column] = COLUMNS

    def prepare(self, work: Work) -> None:
        """Make a place for the plans."""
        staged_promotions.create(work.session)

    def stage(self, work: Work, rows: Checked) -> Sequence[Rejection]:
        """Put plans there; those that make no sense are returned."""
        problems = _problems(work, rows)
        good = [problem is None for problem in problems]
        kept: dict[str, Sequence[object]] = {
            name: list(compress(_cells(rows, name), good)) for name in STORED
        }
        kept["name"] = [name or promotions.UNNAMED for name in kept["name"]]
        staging.copy(work.session, staged_promotions.PLANS, kept)
        return [
            Rejection(rows.lines[row], problem[0], str(_cells(rows, problem[0])[row] or ""), problem[1])
            for row, problem in enumerate(problems)
            if problem is not None
        ]

    def merge(self, work: Work, counts: Counts) -> None:
        """Write new plans."""
        work.step("Comparing with known promotions")
        staged_sales.lock_products(work.session, staged_promotions.PLANS)
        changes = staged_promotions.compare(work.session)
        counts.take(changes.distinct, changes.inserted, changes.updated)
        work.step("Writing promotions")
        staged_promotions.merge(work.session, work.user_id)


def _cells(rows: Checked, name: str) -> Sequence[Any]:
    return rows.columns.get(name) or [None] * len(rows.lines)


def _problems(work: Work, rows: Checked) -> list[Problem | None]:
    """Why each row cannot be planned; None where it can."""
    skus, categories = _cells(rows, "sku"), _cells(rows, "category")
    known = history_queries.known_skus(work.session, {sku for sku in skus if sku})
    sold = promotions.known_categories(work.session, {name for name in categories if name})
    shops = [rows.columns[name] for name in SHOPS_TAKING_PART if name in rows.columns]
    taking_part = [any(counted) for counted in zip(*shops, strict=True)] if shops else repeat(True)
    firsts, lasts = _cells(rows, "date_from"), _cells(rows, "date_to")
    return [
        _no_target(sku, category, known, sold) or _no_time(first, last, some)
        for sku, category, first, last, some in zip(
            skus, categories, firsts, lasts, taking_part, strict=False
        )
    ]


def _no_target(sku: str | None, category: str | None, known: set[str], sold: set[str]) -> Problem | None:
    if sku and category:
        return "sku", "sku and category are both given; a promotion is of one of them"
    if not sku and not category:
        return "sku", "sku and category are both empty"
    if sku and sku not in known:
        return "sku", "sku is of no known product"
    if category and category not in sold:
        return "category", "category is of no known product"
    return None


def _no_time(first: Any, last: Any, some: bool) -> Problem | None:
    if last < first:
        return "date_to", "date_to is before date_from"
    return None if some else (SHOPS_TAKING_PART[0], "no shop takes part")
