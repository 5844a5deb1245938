"""Products as JSON."""

from __future__ import annotations

import marshmallow as ma

from siprems_backend.routes.schemas.classes import ClassesQuery, ClassesSchema
from siprems_backend.routes.schemas.fields import LARGEST_PRICE, LARGEST_STOCK, Amount, Line, Moment, sku
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema, sort_field


class ProductFieldsSchema(ma.Schema):
    """What can be said of a product beside its SKU."""

    name = Line(500, metadata={"description": "The SKU by default"})
    category = Line(200, allow_none=True)
    unit = Line(20, metadata={"description": "What a quantity counts; `unit` by default", "examples": ["kg"]})
    price = Amount(0, LARGEST_PRICE, allow_none=True, metadata={"description": "Sales price of one unit"})
    cost = Amount(0, LARGEST_PRICE, allow_none=True, metadata={"description": "Purchase price of one unit"})
    stock = Amount(
        0, LARGEST_STOCK, metadata={"description": "Units on hand; 0 for a new product by default"}
    )
    is_active = ma.fields.Boolean(metadata={"description": "Whether it is sold; true by default"})


class NewProductSchema(ProductFieldsSchema):
    """A product to add."""

    sku = sku(required=True)


class ProductChangesSchema(ProductFieldsSchema):
    """Fields of a product; its SKU may be repeated but not changed."""

    sku = sku()


class ProductSchema(ClassesSchema):
    """A product."""

    id = ma.fields.Integer()
    sku = ma.fields.String()
    name = ma.fields.String()
    category = ma.fields.String(allow_none=True)
    unit = ma.fields.String()
    price = ma.fields.Float(allow_none=True)
    cost = ma.fields.Float(allow_none=True)
    stock = ma.fields.Float()
    is_active = ma.fields.Boolean()
    created_at = Moment()
    updated_at = Moment()


class ProductPageSchema(PageSchema):
    """One page of the catalogue."""

    items = ma.fields.List(ma.fields.Nested(ProductSchema), required=True)


class ProductQuerySchema(PageQuerySchema, ClassesQuery):
    """Which products are listed: those that match all filters."""

    sku = sku()
    category = Line(200)
    is_active = ma.fields.Boolean()
    search = Line(200, may_be_empty=True, metadata={"description": "Part of a SKU or name, in any case"})
    sort = sort_field(
        "sku",
        "sku",
        "name",
        "category",
        "price",
        "stock",
        "created_at",
        "updated_at",
        "demand_class",
        "abc",
        "xyz",
    )


class RemovedProductSchema(ma.Schema):
    """What became of a product that was to be deleted."""

    sku = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf(["deleted", "deactivated"]))
    message = ma.fields.String(required=True)


class CategoryStatsSchema(ma.Schema):
    """Products of one category."""

    category = ma.fields.String(allow_none=True)
    products = ma.fields.Integer()
    stock_units = ma.fields.Float()
    stock_value = ma.fields.Float(metadata={"description": "At sales prices"})
    stock_cost = ma.fields.Float(metadata={"description": "At purchase prices"})


class CatalogueStatsSchema(ma.Schema):
    """The whole catalogue."""

    total = ma.fields.Integer()
    active = ma.fields.Integer()
    inactive = ma.fields.Integer()
    out_of_stock = ma.fields.Integer(metadata={"description": "Active products with nothing on hand"})
    stock_units = ma.fields.Float()
    stock_value = ma.fields.Float(metadata={"description": "At sales prices"})
    stock_cost = ma.fields.Float(metadata={"description": "At purchase prices"})
    categories = ma.fields.List(ma.fields.Nested(CategoryStatsSchema))
