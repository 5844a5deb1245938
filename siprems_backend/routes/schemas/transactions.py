"""Lines of sale as JSON."""

from __future__ import annotations

import marshmallow as ma

from siprems_backend.routes.schemas.fields import LARGEST_PRICE, LARGEST_QUANTITY, Amount, Moment, sku
from siprems_backend.routes.schemas.paging import DateRangeSchema, PageQuerySchema, PageSchema, sort_field

MOST_ITEMS = 500
DAY = {"description": "Day of the sale; today (UTC) by default, tomorrow at the latest"}


class ItemSchema(ma.Schema):
    """Something to sell."""

    product_sku = sku(required=True)
    quantity = Amount(
        -LARGEST_QUANTITY,
        LARGEST_QUANTITY,
        zero=False,
        required=True,
        metadata={"description": "Fractional for weights, negative for returns, never zero"},
    )
    unit_price = Amount(
        0,
        LARGEST_PRICE,
        load_default=None,
        allow_none=True,
        metadata={"description": "The product's by default"},
    )
    is_promo = ma.fields.Boolean(load_default=False)


class NewTransactionSchema(ItemSchema):
    """One line of sale."""

    date = ma.fields.Date(load_default=None, allow_none=True, metadata=DAY)


class CheckoutSchema(ma.Schema):
    """Items sold together."""

    items = ma.fields.List(
        ma.fields.Nested(ItemSchema), required=True, validate=ma.validate.Length(1, MOST_ITEMS)
    )
    date = ma.fields.Date(load_default=None, allow_none=True, metadata=DAY)


class TransactionSchema(ma.Schema):
    """A line of sale."""

    id = ma.fields.Integer()
    product_sku = ma.fields.String()
    product_name = ma.fields.String()
    date = ma.fields.Date()
    quantity = ma.fields.Float()
    unit_price = ma.fields.Float(allow_none=True)
    is_promo = ma.fields.Boolean()
    source = ma.fields.String(metadata={"enum": ["api", "checkout", "import"]})
    receipt_id = ma.fields.UUID(allow_none=True)
    created_at = Moment()


class SoldLineSchema(TransactionSchema):
    """A line just sold."""

    stock_left = ma.fields.Float(metadata={"description": "Units on hand after this sale"})


class ReceiptSchema(ma.Schema):
    """Lines sold together."""

    receipt_id = ma.fields.UUID()
    date = ma.fields.Date()
    total = ma.fields.Float(metadata={"description": "Sum of quantity times unit price"})
    items = ma.fields.List(ma.fields.Nested(SoldLineSchema))


class TransactionPageSchema(PageSchema):
    """One page of lines of sale."""

    items = ma.fields.List(ma.fields.Nested(TransactionSchema), required=True)


class TransactionQuerySchema(PageQuerySchema, DateRangeSchema):
    """Which lines are listed: those that match all filters."""

    sku = sku()
    source = ma.fields.String(validate=ma.validate.OneOf(["api", "checkout", "import"]))
    receipt_id = ma.fields.UUID()
    sort = sort_field("-id", "id", "date", "quantity", "product_sku", "created_at")
