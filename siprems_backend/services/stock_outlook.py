"""Which products run out soon, by their stock and the forecast of the shop."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_backend.errors import Invalid
from siprems_backend.extensions.database import database
from siprems_backend.models import stock_outlook_queries
from siprems_backend.models.stock_outlook_queries import SORTABLE, Counts, OutlookLine
from siprems_backend.utils.pagination import Page, PageRequest

__all__ = ["DAYS", "HIGH", "LOW", "Counts", "OutlookLine", "categories", "counts", "page"]

# A week: the usual time until the next delivery.
DAYS = 7
# Chances of running out that are called high, and low below this.
HIGH, LOW = 0.5, 0.1


def page(
    request: PageRequest,
    sort: str = "-risk",
    *,
    search: str | None = None,
    category: str | None = None,
    least_risk: float = 0.0,
    drifted_only: bool = False,
) -> Page[OutlookLine]:
    """Products that are sold, those most likely to run out within `DAYS` first unless sorted otherwise.

    Raises:
        Invalid: nothing can be sorted by this.
    """
    if sort.removeprefix("-") not in SORTABLE:
        problem = f"Sort by one of: {', '.join(sorted(SORTABLE))}; with - in front the other way round."
        raise Invalid(problem, fields={"sort": [problem]})
    with database.lookup() as connection:
        lines, total = stock_outlook_queries.page(
            connection,
            sort,
            request.page_size,
            request.offset,
            days=DAYS,
            search=search,
            category=category,
            least_risk=least_risk,
            drifted_only=drifted_only,
        )
    return Page(lines, request.page, request.page_size, total)


def counts() -> Counts:
    """How many products are at which risk."""
    with database.lookup() as connection:
        return stock_outlook_queries.counts(connection, days=DAYS, low=LOW, high=HIGH)


def categories() -> Sequence[str]:
    """Categories of the products that are sold."""
    with database.lookup() as connection:
        return stock_outlook_queries.categories(connection)
