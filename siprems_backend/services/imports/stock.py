"""Stock on hand, from a file: a history, or one count of the shelves."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_backend.models import staged_catalogue, staged_sales, staging
from siprems_backend.services.imports import values
from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.loading import Work
from siprems_backend.services.imports.report import Counts
from siprems_backend.services.imports.rows import Checked, Rejection
from siprems_backend.utils import clock

ON_HAND = ("on_hand", "stock_on_hand", "stock", "current_stock", "quantity")
DATE = ("date", "stock_date", "day", "ds")
COLUMNS = (
    Column("sku", values.sku, ("product_sku", "product", "item", "article"), required=True),
    Column("on_hand", values.quantity, ON_HAND[1:], required=True),
    Column("date", values.past_date, DATE[1:]),
)


class StockLoader:
    """Levels at the end of a day; without a date column, of today. The newest becomes the product's stock.

    Real records go below zero, so a negative level is kept, but the stock follows the shop's setting.
    """

    columns: Sequence[Column] = COLUMNS

    def prepare(self, work: Work) -> None:
        """Make a place for the rows."""
        staged_catalogue.create(work.session, staged_catalogue.STOCK, staged_catalogue.STOCK_COLUMNS)

    def stage(self, work: Work, rows: Checked) -> Sequence[Rejection]:
        """Put rows there."""
        columns: dict[str, Sequence[object]] = {"line": rows.lines, **rows.columns}
        columns.setdefault("date", [clock.today()] * len(rows.lines))
        staging.copy(work.session, staged_catalogue.STOCK, columns)
        return ()

    def merge(self, work: Work, counts: Counts) -> None:
        """Write new and changed levels, then the stock they lead to."""
        session = work.session
        work.step("Finding products")
        counts.new_products = staged_sales.add_unknown_products(session, staged_catalogue.STOCK)
        counts.products = staged_sales.lock_products(session, staged_catalogue.STOCK)
        changes = staged_catalogue.compare(
            session, staged_catalogue.STOCK, "sku, date", staged_catalogue.STOCK_DIFFERENCES
        )
        counts.take(changes.distinct, changes.inserted, changes.updated)
        work.step("Writing stock levels")
        staged_catalogue.merge(session, staged_catalogue.MERGE_STOCK)
        staged_catalogue.take_latest_stock(session, work.allow_negative_stock)
