"""Orders to suppliers as JSON."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from siprems_backend.routes.schemas.classes import ClassesQuery
from siprems_backend.routes.schemas.events import FIRST_DAY, LAST_DAY
from siprems_backend.routes.schemas.fields import LARGEST_QUANTITY, Amount, Line, Moment, sku
from siprems_backend.routes.schemas.limits import Between
from siprems_backend.routes.schemas.paging import PageQuerySchema, PageSchema, sort_field
from siprems_backend.services.replenishment.orders import MOST_LINES
from siprems_backend.services.replenishment.proposals import Wish

STATUSES = ("draft", "sent", "partly_received", "received", "cancelled")
URGENCIES = ("high", "medium", "low")
WITHIN = Between(FIRST_DAY, LAST_DAY)
EXPECTED = {"description": "When it should arrive; after the lead time from being sent if nobody says"}


def _expected_date() -> ma.fields.Date:
    return ma.fields.Date(allow_none=True, validate=WITHIN, metadata=EXPECTED)


class WishSchema(ma.Schema):
    """A product to order."""

    sku = sku(required=True)
    quantity = Amount(
        0,
        LARGEST_QUANTITY,
        metadata={
            "description": "Units; what the plan proposes where nothing is said. 0 declines the proposal"
        },
    )
    reason = Line(500, allow_none=True, metadata={"description": "Why it is not what the plan proposes"})

    @ma.post_load
    def _wish(self, data: dict[str, Any], **_kwargs: Any) -> Wish:
        return Wish(**data)


class PlanFilterSchema(ClassesQuery):
    """Lines of the plan that propose something: those that match all filters."""

    supplier = Line(200)
    category = Line(200)
    urgency = ma.fields.String(validate=ma.validate.OneOf(URGENCIES))
    search = Line(200)


class NewOrdersSchema(ma.Schema):
    """Products named one by one, or all that the plan proposes; each supplier gets an order of its own."""

    lines = ma.fields.List(ma.fields.Nested(WishSchema), validate=ma.validate.Length(1, MOST_LINES))
    filter = ma.fields.Nested(PlanFilterSchema)
    expected_date = _expected_date()
    note = Line(1000, allow_none=True)

    @ma.validates_schema
    def _one_of_both(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if ("lines" in data) == ("filter" in data):
            raise ma.ValidationError("Give either lines or filter ({} for all).", "lines")


class OrderChangesSchema(ma.Schema):
    """What can be changed until an order is closed: quantities by SKU (0 takes a line out), date, note."""

    lines = ma.fields.List(ma.fields.Nested(WishSchema), validate=ma.validate.Length(1, MOST_LINES))
    expected_date = _expected_date()
    note = Line(1000, allow_none=True)


class SendSchema(ma.Schema):
    """When it should arrive."""

    expected_date = _expected_date()


class ArrivedSchema(ma.Schema):
    """How much of a product arrived."""

    sku = sku(required=True)
    quantity = Amount(0, LARGEST_QUANTITY, zero=False, required=True)


class NewArrivalSchema(ma.Schema):
    """What arrived; all that is to come where nothing is said."""

    lines = ma.fields.List(ma.fields.Nested(ArrivedSchema), validate=ma.validate.Length(1, MOST_LINES))

    @ma.validates_schema
    def _each_once(self, data: dict[str, Any], **_kwargs: Any) -> None:
        skus = [line["sku"] for line in data.get("lines", ())]
        if len(set(skus)) < len(skus):
            raise ma.ValidationError("Name each product once.", "lines")


class OrderLineSchema(ma.Schema):
    """A product of an order."""

    sku = ma.fields.String()
    name = ma.fields.String()
    unit = ma.fields.String()
    quantity = ma.fields.Float()
    received = ma.fields.Float()
    proposed = ma.fields.Float(allow_none=True, metadata={"description": "What the plan proposed then"})
    override_reason = ma.fields.String(allow_none=True)
    decided_by = ma.fields.Integer(allow_none=True, metadata={"description": "The user whose quantity it is"})
    unit_cost = ma.fields.Float(allow_none=True)


class ArrivalSchema(ma.Schema):
    """What arrived at one time."""

    id = ma.fields.Integer()
    sku = ma.fields.String()
    quantity = ma.fields.Float()
    received_by = ma.fields.Integer(allow_none=True)
    received_at = Moment()


class OrderSummarySchema(ma.Schema):
    """An order in lists."""

    id = ma.fields.Integer()
    supplier = ma.fields.String(allow_none=True)
    supplier_id = ma.fields.Integer(allow_none=True)
    status = ma.fields.String(validate=ma.validate.OneOf(STATUSES))
    expected_date = ma.fields.Date(allow_none=True)
    note = ma.fields.String(allow_none=True)
    lines = ma.fields.Integer(metadata={"description": "How many products"})
    quantity = ma.fields.Float()
    received = ma.fields.Float()
    overridden = ma.fields.Integer(metadata={"description": "Lines that are not as the plan proposed"})
    value = ma.fields.Float(
        allow_none=True, metadata={"description": "At purchase prices, where they are known"}
    )
    minimum_order_value = ma.fields.Float(allow_none=True)
    below_minimum = ma.fields.Function(
        lambda order: (
            order.minimum_order_value is not None and (order.value or 0) < order.minimum_order_value
        ),
        metadata={"type": "boolean", "description": "Whether the supplier will not take it as it is"},
    )
    created_by = ma.fields.Integer(allow_none=True)
    created_at = Moment()
    sent_at = Moment(allow_none=True)
    received_at = Moment(allow_none=True)
    cancelled_at = Moment(allow_none=True)


class OrderSchema(ma.Schema):
    """An order with its lines and receipts."""

    order = ma.fields.Nested(OrderSummarySchema)
    lines = ma.fields.List(ma.fields.Nested(OrderLineSchema))
    receipts = ma.fields.List(ma.fields.Nested(ArrivalSchema))


class OrdersMadeSchema(ma.Schema):
    """The drafts that were made, one each supplier."""

    items = ma.fields.List(ma.fields.Nested(OrderSummarySchema))


class OrderPageSchema(PageSchema):
    """One page of orders."""

    items = ma.fields.List(ma.fields.Nested(OrderSummarySchema), required=True)


class OrderQuerySchema(PageQuerySchema):
    """Which orders are listed: those that match all filters."""

    status = ma.fields.String(
        validate=ma.validate.OneOf([*STATUSES, "open"]),
        metadata={"description": "`open`: not received whole and not cancelled"},
    )
    supplier = Line(200)
    sku = sku()
    sort = sort_field("-id", "id", "created_at", "expected_date", "status")
