"""What can be said about an export."""

from __future__ import annotations

import marshmallow as ma

from siprems_backend.routes.schemas.classes import ClassesQuery
from siprems_backend.routes.schemas.fields import sku
from siprems_backend.routes.schemas.paging import DateRangeSchema


class ExportQuerySchema(ma.Schema):
    """The kind of file."""

    format = ma.fields.String(
        load_default="csv", attribute="file_format", validate=ma.validate.OneOf(["csv", "parquet"])
    )


class ProductsExportSchema(ExportQuerySchema, ClassesQuery):
    """Which products."""

    sku = sku()


class EventsExportSchema(ExportQuerySchema, DateRangeSchema):
    """Which events."""


class HistoryExportSchema(ExportQuerySchema, DateRangeSchema):
    """Which products and days."""

    sku = sku()


class SoldExportSchema(HistoryExportSchema, ClassesQuery):
    """Which products, also by their classes, and days."""
