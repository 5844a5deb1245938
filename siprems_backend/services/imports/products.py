"""The catalogue, from a file."""

from __future__ import annotations

from collections.abc import Sequence

from siprems_backend.models import staged_catalogue, staged_sales, staging
from siprems_backend.services.imports import values
from siprems_backend.services.imports.columns import Column
from siprems_backend.services.imports.loading import Work
from siprems_backend.services.imports.report import Counts
from siprems_backend.services.imports.rows import Checked, Rejection
from siprems_backend.utils import clock

COLUMNS = (
    Column("sku", values.sku, ("product_sku", "product", "item", "article"), required=True),
    Column("name", values.text(500), ("product_name", "description")),
    Column("category", values.text(200), ("product_category", "group")),
    Column("unit", values.text(20), ("unit_of_measure",)),
    Column("price", values.amount, ("unit_price", "selling_price")),
    Column("cost", values.amount, ("cost_price", "unit_cost")),
    Column("stock", values.amount, ("stock_on_hand", "current_stock", "on_hand")),
)


class ProductsLoader:
    """New products are added, known ones take over what the file says; a SKU's last row counts."""

    columns: Sequence[Column] = COLUMNS

    def prepare(self, work: Work) -> None:
        """Make a place for the rows."""
        staged_catalogue.create(work.session, staged_catalogue.PRODUCTS, staged_catalogue.PRODUCT_COLUMNS)

    def stage(self, work: Work, rows: Checked) -> Sequence[Rejection]:
        """Put rows there."""
        staging.copy(work.session, staged_catalogue.PRODUCTS, {"line": rows.lines, **rows.columns})
        return ()

    def merge(self, work: Work, counts: Counts) -> None:
        """Write new and changed products."""
        session = work.session
        work.step("Comparing with known products")
        staged_sales.lock_products(session, staged_catalogue.PRODUCTS)
        changes = staged_catalogue.compare(
            session, staged_catalogue.PRODUCTS, "sku", staged_catalogue.PRODUCT_DIFFERENCES
        )
        counts.take(changes.distinct, changes.inserted, changes.updated)
        counts.products, counts.new_products = changes.distinct, changes.inserted
        work.step("Writing products")
        staged_catalogue.merge(session, staged_catalogue.MERGE_PRODUCTS)
        staged_catalogue.record_levels(session, clock.today())
