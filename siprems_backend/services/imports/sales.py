"""Sales: history that arrives as a file."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_backend.errors import Conflict
from siprems_backend.models import staged_sales, staging
from siprems_backend.services.imports import values
from siprems_backend.services.imports.columns import Column, FileRefused
from siprems_backend.services.imports.loading import Work
from siprems_backend.services.imports.report import Counts
from siprems_backend.services.imports.rows import Checked, Rejection
from siprems_backend.utils import clock

# The key of a sale whose file names none: one sale a product and day.
DEFAULT_KEY = "import"
NAMED_SKUS = 10

COLUMNS = (
    Column("sku", values.sku, ("product_sku", "product", "item", "article"), required=True),
    Column("date", values.past_date, ("sale_date", "day", "ds"), required=True),
    Column("quantity", values.quantity, ("qty", "units", "units_sold", "y"), required=True),
    Column("unit_price", values.amount, ("price",)),
    Column("is_promo", values.flag, ("promo", "promotion", "on_promotion")),
    Column("reference", values.text(200), ("receipt", "external_key", "transaction_id")),
)


class SalesLoader:
    """One sale for each product, day and reference; lines that agree in all three are summed."""

    columns: Sequence[Column] = COLUMNS

    def prepare(self, work: Work) -> None:
        """Make a place for the lines."""
        staged_sales.create(work.session)

    def stage(self, work: Work, rows: Checked) -> Sequence[Rejection]:
        """Put lines there."""
        staging.copy(work.session, staged_sales.LINES, rows.columns)
        return ()

    def merge(self, work: Work, counts: Counts) -> None:
        """Write new and changed sales, then the sums of their days.

        Raises:
            FileRefused: the lines of one sale add up to an implausible amount.
            Conflict: stock is to be moved and would fall below nothing.
        """
        session = work.session
        work.step("Finding products")
        counts.new_products = staged_sales.add_unknown_products(session)
        staged_sales.lock_products(session)
        work.step("Comparing with known sales")
        merged = staged_sales.gather(session, DEFAULT_KEY)
        counts.take(merged.distinct, merged.inserted, merged.updated)
        counts.products, counts.first_date, counts.last_date = staged_sales.span(session)
        _refuse_implausible(work)
        work.step("Writing sales")
        staged_sales.merge(session, work.import_id, work.user_id)
        work.step("Summing days")
        staged_sales.refresh_daily(session)
        if work.move_stock:
            _move_stock(work)


def _refuse_implausible(work: Work) -> None:
    found = staged_sales.implausible(work.session)
    if found:
        raise FileRefused(f"The sales of SKU '{found[0]}' on {found[1]} add up to an implausible amount.")


def _move_stock(work: Work) -> None:
    staged_sales.move_stock(work.session, clock.today())
    if work.allow_negative_stock:
        return
    overdrawn = staged_sales.overdrawn(work.session, NAMED_SKUS)
    if overdrawn:
        raise Conflict(
            f"More is sold than in stock: {', '.join(overdrawn)}. Nothing was imported; correct the stock, "
            "or import without moving it.",
            code="insufficient_stock",
            fields={"skus": overdrawn},
        )
